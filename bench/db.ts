// What the typed store costs over raw better-sqlite3: claims a second with 1,000 to 250,000 papers waiting, and
// checkpoints a second at 2 KB and 80 KB. The legs of a comparison run in turns on one handle and one file, so that
// cache, disk and noise are the same for all; ratios are medians over the rounds, of wall time and, for machines that
// have other things to do, of processor time. Usage: npx tsx bench/db.ts [--quick] [--dir FOLDER]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { TransitionLog } from '../src/db/checkpoints/transition-log.js'
import { claim } from '../src/db/executions/claims.js'
import { openDatabase } from '../src/db/engine/open.js'
import type { Db } from '../src/db/engine/prepared.js'
import { applyPragmas, ImmediateSqliteDialect } from '../src/db/engine/sqlite.js'
import type { Leg, Measured } from './pair.js'
import { inTurns, median, medianRatio, printTable } from './pair.js'
import type { Document, RawSave, Saves } from './raw-db.js'
import { rawClaim, rawDedupe, rawFull, rawSameRows } from './raw-db.js'

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, dir: { type: 'string' } } })
const NOW = Date.UTC(2026, 0, 1)
const TIME = new Date(NOW).toISOString()
const ROUNDS = values.quick === true ? 12 : 31
const STATES = 7
const CLAIMS = 300

const folder = mkdtempSync(join(values.dir ?? tmpdir(), 'rpa-bench-'))
try {
  const rows = [['', 'store /s', 'raw /s', 'ratio', 'store us CPU', 'CPU ratio', 'goal', '']]
  for (const backlog of values.quick === true ? [1000, 50_000] : [1000, 50_000, 250_000]) {
    rows.push(...(await claims(backlog)))
  }
  rows.push(...(await checkpoints(2)), ...(await checkpoints(80)))
  printTable(rows)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function claims(backlog: number): Promise<string[][]> {
  const { handle, db } = await open(`claims-${backlog}.sqlite`)
  handle
    .prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
       insert into executions (execution_id, arxiv_id, paper_id, title, authors, abstract, status, priority, created_at)
       select 'e' || i, 'a' || i, i, 'Title', 'Authors', substr(hex(zeroblob(700)), 1, 1400),
         case i % 5 when 0 then 'done' else 'pending' end, i % 10, '${TIME}' from n`,
    )
    .run(backlog)
  const prepare = (): void => {
    handle.exec(
      "update executions set status = 'pending' where status = 'prepping'; delete from execution_leases",
    )
    handle.pragma('wal_checkpoint(truncate)')
  }
  const take = rawClaim(handle)
  const request = {
    phase: 'prep',
    from: 'pending',
    busy: 'prepping',
    ownerId: 'bench',
    ttl: 300,
    now: NOW,
  } as const
  const rates = await inTurns(
    [
      { name: 'store', prepare, run: () => times(CLAIMS, () => claim(db, request)) },
      { name: 'raw', prepare, run: () => timesSync(CLAIMS, () => take('bench', NOW)) },
    ],
    ROUNDS,
  )
  await db.destroy()
  return [line(`claim, ${backlog} papers`, rates, 'raw', 1)]
}

async function checkpoints(kilobytes: 2 | 80): Promise<string[][]> {
  const { handle, db } = await open(`checkpoints-${kilobytes}.sqlite`)
  const saves = saver(handle, kilobytes)
  const raw = (name: string, save: RawSave): Leg => {
    let round: Saves[] = []
    return {
      name,
      prepare: () => (round = saves()),
      run: () => {
        for (const execution of round) save(execution, NOW)
        return round.length * STATES
      },
    }
  }
  let round: Saves[] = []
  const store: Leg = {
    name: 'store',
    prepare: () => (round = saves()),
    run: async () => {
      for (const { executionId, documents } of round) {
        const lease = { executionId, ownerId: 'bench', fencingToken: 1, ttl: 300 }
        const log = new TransitionLog(db, lease)
        for (const document of documents) await log.save(document, NOW)
      }
      return round.length * STATES
    },
  }
  const name = `checkpoint, ${kilobytes} KB`
  const legs = [store, raw('full', rawFull(handle)), raw('same rows', rawSameRows(handle))]
  if (kilobytes === 80) {
    legs.push(raw('once', rawDedupe(handle, false)), raw('once, deflated', rawDedupe(handle, true)))
  }
  const rates = await inTurns(legs, ROUNDS)
  await db.destroy()
  if (kilobytes === 2) {
    return [
      line(`${name}, over serialise + insert`, rates, 'full', 1),
      line(`${name}, over the same rows`, rates, 'same rows', 1.25),
    ]
  }
  return [
    line(`${name}, over text once, deflated`, rates, 'once, deflated', 1.1),
    line(`${name}, over text once, as it is`, rates, 'once', null),
    line(`${name}, over the same rows`, rates, 'same rows', 1.25),
    line(`${name}, over serialise + insert`, rates, 'full', 0.2),
  ]
}

async function open(name: string): Promise<{ handle: BetterSqlite3.Database; db: Db }> {
  const path = join(folder, name)
  await (await openDatabase(path)).close()
  const handle = new BetterSqlite3(path)
  await applyPragmas(handle)
  return { handle, db: new Kysely({ dialect: new ImmediateSqliteDialect(handle) }) }
}

/** Returns what makes a round's executions, with leases, and everything they will save. */
function saver(handle: BetterSqlite3.Database, kilobytes: 2 | 80): () => Saves[] {
  const lease = handle.prepare(
    `insert into execution_leases (execution_id, owner_id, phase, lease_until, fencing_token, acquired_at, updated_at)
     values (?, 'bench', 'prep', ${NOW / 1000 + 300}, 1, '', '')`,
  )
  const prose = 'We find that the naïve baseline – trained for 14 epochs – reaches 81.3 % on held-out data. '
  let made = 0
  return () => {
    return Array.from({ length: kilobytes === 2 ? 100 : 20 }, () => {
      made += 1
      const executionId = `0190a5d2-7c3e-7000-8000-${String(made).padStart(12, '0')}`
      lease.run(executionId)
      const text = Buffer.from(`Paper ${made}. ${prose.repeat(860)}`)
        .toString()
        .slice(0, 78_000)
      const documents = Array.from({ length: STATES }, (_, state) =>
        snapshot(executionId, state + 1, kilobytes, text),
      )
      return { executionId, documents }
    })
  }
}

function snapshot(executionId: string, step: number, kilobytes: 2 | 80, text: string): Document {
  const fields: Document['context'] = {}
  for (let state = 0; state < step; state += 1) {
    fields[`field_${state}`] = `what state ${state} of the machine has found out, in some words`
  }
  return {
    execution_id: executionId,
    machine_name: 'prep',
    event: 'execute',
    current_state: `state_${step}`,
    created_at: TIME,
    context: {
      title: 'A title of ordinary length for a paper',
      authors: 'First Author, Second Author, Third Author',
      abstract: 'What an abstract says about a paper. '.repeat(40),
      ...(kilobytes === 80 ? { paper_text: text } : {}),
      // As a machine does it: what is new stands last.
      ...fields,
    },
  }
}

function line(name: string, legs: Map<string, Measured>, over: string, goal: number | null): string[] {
  const store = legs.get('store') ?? { rates: [], cpu: [] }
  const raw = legs.get(over) ?? { rates: [], cpu: [] }
  const ratio = medianRatio(raw.rates, store.rates)
  const cpu = medianRatio(store.cpu, raw.cpu)
  const rate = (values: number[]): string => Math.round(median(values)).toLocaleString('en')
  const verdict = goal === null ? '' : ratio <= goal ? 'met' : 'missed'
  const times = [`${ratio.toFixed(2)}x`, `${median(store.cpu).toFixed(0)}`, `${cpu.toFixed(2)}x`]
  return [name, rate(store.rates), rate(raw.rates), ...times, goal === null ? '' : `≤ ${goal}x`, verdict]
}

async function times(count: number, action: () => Promise<unknown>): Promise<number> {
  for (let n = 0; n < count; n += 1) await action()
  return count
}

function timesSync(count: number, action: () => unknown): number {
  for (let n = 0; n < count; n += 1) action()
  return count
}
