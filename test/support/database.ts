import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, onTestFinished } from 'vitest'
import { isPostgresUrl } from '../../src/core/database-url.js'
import type { CallRequest } from '../../src/db/calls/booking.js'
import { reserveCall } from '../../src/db/calls/booking.js'
import type { Execution, NewExecution } from '../../src/db/executions/executions.js'
import { insertExecutions } from '../../src/db/executions/executions.js'
import { namedExecutions } from '../../src/db/executions/named.js'
import type { Claim, ClaimRequest } from '../../src/db/executions/claims.js'
import { claim } from '../../src/db/executions/claims.js'
import type { OpenDatabase } from '../../src/db/engine/open-database.js'
import { openDatabase } from '../../src/db/engine/open.js'
import type { Db } from '../../src/db/engine/prepared.js'
import { NOON } from './noon.js'
import type { Engine } from './postgres.js'
import { ENGINE, freshDatabase } from './postgres.js'
import type { RawDatabase } from './raw-postgres.js'
import { queryPostgres, rawPostgres } from './raw-postgres.js'
import { temporaryFolder } from './temp.js'

export { NOON }

/** An open DB, and by what it is opened once more. */
export type TestDatabase = OpenDatabase & { path: string }

/** Opens an executions DB that is closed when the running test ends; without a path a new one. */
export async function openTestDatabase(given?: string): Promise<TestDatabase> {
  const path = given ?? (await newDatabase())
  const database = await openDatabase(path)
  onTestFinished(() => database.close())
  return { ...database, path }
}

/** Returns where a new DB of an engine is, by default of the one that tests run on; nothing is in it. */
export async function newDatabase(engine: Engine = ENGINE): Promise<string> {
  return engine === 'postgres' ? freshDatabase() : join(temporaryFolder(), 'executions.sqlite')
}

/** Opens the same DB beside our own code, as another program would. */
export function openRaw(path: string): RawDatabase {
  return isPostgresUrl(path) ? rawPostgres(path) : openFile(path)
}

/** Opens the same file beside our own code, with all that SQLite has. */
export function openFile(path: string): BetterSqlite3.Database {
  const handle = new BetterSqlite3(path)
  onTestFinished(() => void handle.close())
  return handle
}

export function paper(number: number, changes: Partial<NewExecution> = {}): NewExecution {
  return {
    arxiv_id: `2401.${String(number).padStart(5, '0')}`,
    paper_id: number,
    title: `Paper ${number}`,
    authors: 'A. Author, B. Author',
    abstract: `What paper ${number} is about.`,
    priority: 0,
    ...changes,
  }
}

export async function addPapers(db: Db, count: number, now = NOON): Promise<void> {
  await insertExecutions(
    db,
    Array.from({ length: count }, (_, index) => paper(index + 1)),
    now,
  )
}

/** Returns the execution that an id names, or null. */
export async function executionOf(db: Db, id: string): Promise<Execution | null> {
  const named = (await namedExecutions(db, [id])).get(id) ?? []
  const rows = db.selectFrom('executions').selectAll()
  return (await rows.where('execution_id', '=', named[0]?.execution_id ?? '').executeTakeFirst()) ?? null
}

/** A claim for prep by "me"; parts of it can be replaced. */
export function prepClaim(changes: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    phase: 'prep',
    from: 'pending',
    busy: 'prepping',
    ownerId: 'me',
    ttl: 300,
    now: NOON,
    ...changes,
  }
}

/** Claims, and fails the test if there is nothing to claim. */
export async function mustClaim(db: Db, changes: Partial<ClaimRequest> = {}): Promise<Claim> {
  const taken = await claim(db, prepClaim(changes))
  if (taken === null) throw new Error('nothing to claim')
  return taken
}

/** Books the request of a question (its hash is `h`) at noon, without a limit of any kind. */
export async function bookQuestion(
  db: Db,
  lease: Claim['lease'],
  of: Pick<CallRequest, 'phase' | 'machine' | 'role'>,
): Promise<void> {
  const reserved = await reserveCall(db, {
    ...of,
    executionId: lease.executionId,
    state: 'ask',
    model: 'm',
    attempt: 1,
    questionHash: 'h',
    lease,
    budget: 0,
    window: null,
    circuits: [],
    patienceMs: 0,
    timeoutMs: 1000,
    deadline: null,
    now: NOON,
  })
  expect(reserved.kind).toBe('booked')
}

export interface Dump {
  schema: unknown[]
  rows: Record<string, unknown[]>
}

/** Returns everything that is in a DB: to prove that nothing changed. */
export function dump(path: string): Dump {
  if (isPostgresUrl(path)) return dumpPostgres(path)
  const handle = new BetterSqlite3(path)
  try {
    const schema = handle.prepare('select type, name, sql from sqlite_master order by type, name').all()
    const tables = handle
      .prepare("select name from sqlite_master where type = 'table'")
      .pluck()
      .all() as string[]
    const rows = tables.map((name) => [name, handle.prepare(`select * from "${name}"`).all()])
    return { schema, rows: Object.fromEntries(rows) as Dump['rows'] }
  } finally {
    handle.close()
  }
}

function dumpPostgres(url: string): Dump {
  const schema = queryPostgres(
    url,
    'select table_name, column_name, data_type from information_schema.columns where table_schema = current_schema() order by 1, 2',
  )
  const tables = [...new Set(schema.map((row) => String(row['table_name'])))]
  const rows = tables.map((name) => [name, queryPostgres(url, `select * from "${name}" order by 1`)])
  return { schema, rows: Object.fromEntries(rows) as Dump['rows'] }
}
