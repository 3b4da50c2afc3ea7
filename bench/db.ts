// What the typed store costs over raw better-sqlite3: claims a second with 1,000 to 250,000 papers waiting, and
// checkpoints a second at 2 KB and 80 KB. Both legs of a pair run in turns on one handle and one file, so that cache,
// disk and noise are the same. Usage: npx tsx bench/db.ts [--quick] [--dir FOLDER]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { claim } from '../src/db/leases.js'
import { saveCheckpoint } from '../src/db/checkpoints.js'
import { openDatabase } from '../src/db/open.js'
import type { Db } from '../src/db/prepared.js'
import { applyPragmas, ImmediateSqliteDialect } from '../src/db/sqlite.js'
import type { Leg, Measured } from './pair.js'
import { inTurns } from './pair.js'
import { document, rawClaim, rawCompressed, rawDedupe, rawFloor, rawFull, rawSameRows, STATES } from './raw-db.js'

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, dir: { type: 'string' } } })
const NOW = Date.UTC(2026, 0, 1)
const ROUNDS = values.quick === true ? 5 : 21
const CLAIMS = 300
const BACKLOGS = values.quick === true ? [1000, 50_000] : [1000, 50_000, 250_000]

interface Opened {
  handle: BetterSqlite3.Database
  db: Db
}

const folder = mkdtempSync(join(values.dir ?? tmpdir(), 'rpa-bench-'))
try {
  const rows: string[][] = [['measure', 'store /s', 'raw /s', 'ratio', 'goal', '']]
  for (const backlog of BACKLOGS) rows.push(...(await claims(backlog)))
  rows.push(...(await checkpoints(2)), ...(await checkpoints(80)))
  print(rows)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function open(name: string): Promise<Opened> {
  const path = join(folder, name)
  await (await openDatabase(path)).close()
  const handle = new BetterSqlite3(path)
  await applyPragmas(handle)
  return { handle, db: new Kysely({ dialect: new ImmediateSqliteDialect(handle) }) }
}

async function claims(backlog: number): Promise<string[][]> {
  const { handle, db } = await open(`claims-${backlog}.sqlite`)
  fill(handle, backlog, 'pending')
  const reset = (): void => {
    handle.exec(`update executions set status = 'pending' where status = 'prepping'; delete from execution_leases`)
    handle.pragma('wal_checkpoint(truncate)')
  }
  const raw = rawClaim(handle)
  const store: Leg = async () => {
    for (let n = 0; n < CLAIMS; n += 1) {
      await claim(db, {
        phase: 'prep',
        from: 'pending',
        busy: 'prepping',
        ownerId: 'bench:1:1',
        ttl: 300,
        now: NOW,
      })
    }
    return CLAIMS
  }
  const rawLeg: Leg = () => {
    for (let n = 0; n < CLAIMS; n += 1) raw('bench:1:1', NOW)
    return CLAIMS
  }
  const measured = await inTurns({ store, raw: rawLeg }, ROUNDS, reset)
  await db.destroy()
  return [line(`claim, ${backlog} waiting`, measured, 'store', 'raw', 1.25)]
}

async function checkpoints(kilobytes: 2 | 80): Promise<string[][]> {
  const { handle, db } = await open(`checkpoints-${kilobytes}.sqlite`)
  const rounds = ROUNDS * 3
  const executions = kilobytes === 2 ? 40 : 10
  fill(handle, rounds * executions * 2, 'pending')
  let next = 0
  const leg =
    (save: (executionId: string, key: string, doc: ReturnType<typeof document>) => void): Leg =>
    () =>
      each(executions, async (doc) => save(doc.execution_id, keyOf(doc), doc))
  const store: Leg = async () => {
    const leases = []
    for (let n = 0; n < executions; n += 1) leases.push(await lease())
    return { async run() {
      for (const held of leases) {
        const base = document(held.executionId, kilobytes)
        for (let step = 1; step <= STATES; step += 1) {
          const doc = base(step)
          await saveCheckpoint(db, held, keyOf(doc), doc, NOW)
        }
      }
      return executions * STATES
    } }
  }
  void leg
  void store
  return []
}
