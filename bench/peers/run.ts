// Our queue and our checkpoints beside those of others who keep the same in SQLite: plainjob and LangGraph.js; and beside
// raw better-sqlite3, which is the limit. All on one build of SQLite, on files with the same pragmas, in turns. Figures
// are medians of the rounds; "x raw" is how many times slower than raw, by wall time and by processor time.
// Usage: npm ci && npx tsx run.ts [--quick] [--dir FOLDER], in this folder, after `npm ci` in the project's.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Leg, Measured } from '../pair.js'
import { inTurns, median, medianRatio, printTable } from '../pair.js'
import { langGraph, rawSnapshots, rpaMachine, rpaStore } from './checkpoints.js'
import { plainjobQueue, rawQueue, rpaQueue } from './claims.js'
import type { Size } from './workload.js'

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, dir: { type: 'string' } } })
const BACKLOGS = values.quick === true ? [1000, 50_000] : [1000, 50_000, 250_000]
const ROUNDS = 5
const WARM_UP = 4

const folder = mkdtempSync(join(values.dir ?? tmpdir(), 'rpa-peers-'))
try {
  printTable(await claims())
  console.log()
  printTable(await checkpoints())
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function claims(): Promise<string[][]> {
  const contenders = [await rawQueue(folder), await rpaQueue(folder), await plainjobQueue(folder)]
  const legs = contenders.map(({ leg }) => leg)
  const table = [['jobs a second: claim + complete'], ...legs.map(({ name }) => [name])]
  for (const backlog of BACKLOGS) {
    for (const contender of contenders) contender.fill(backlog)
    const measured = await measure(legs)
    table[0]?.push(`${backlog.toLocaleString('en')} waiting`, 'x raw', 'CPU')
    for (const [n, { name }] of legs.entries()) {
      table[n + 1]?.push(...cells(measured.get(name), measured.get(legs[0]?.name ?? '')))
    }
  }
  for (const contender of contenders) await contender.close()
  return table
}

async function checkpoints(): Promise<string[][]> {
  const table = [['states a second: 7 an execution']]
  for (const size of [2, 80] satisfies Size[]) {
    const keepers = [
      await rawSnapshots(folder, size),
      await rpaStore(folder, size),
      await rpaMachine(folder, size),
      await langGraph(folder, size),
    ]
    const legs = keepers.map(({ leg }) => leg)
    const measured = await measure(legs)
    table[0]?.push(`${size} KB`, 'x raw', 'CPU', 'KB/execution')
    for (const [n, keeper] of keepers.entries()) {
      const { name } = keeper.leg
      const row = (table[n + 1] ??= [name])
      row.push(...cells(measured.get(name), measured.get(legs[0]?.name ?? '')))
      row.push((keeper.bytesEach() / 1000).toFixed(1))
      await keeper.close()
    }
  }
  return table
}

/** Runs the legs until their code is compiled, then for the record. */
async function measure(legs: readonly Leg[]): Promise<Map<string, Measured>> {
  await inTurns(legs, WARM_UP)
  // The first round is not counted.
  return inTurns(legs, ROUNDS + 1)
}

function cells(own: Measured | undefined, raw: Measured | undefined): string[] {
  if (own === undefined || raw === undefined) throw new Error('A leg was not run')
  const wall = medianRatio(raw.rates, own.rates)
  const cpu = medianRatio(own.cpu, raw.cpu)
  return [Math.round(median(own.rates)).toLocaleString('en'), `${wall.toFixed(2)}x`, `${cpu.toFixed(2)}x`]
}
