import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { openDatabase } from '../../src/db/engine/open.js'
import type { Db } from '../../src/db/engine/prepared.js'
import { applyPragmas, ImmediateSqliteDialect } from '../../src/db/engine/sqlite.js'

/** The one of the project: what the peers bring along is another copy, without its compiled part. */
const Sqlite = createRequire(new URL('../../package.json', import.meta.url))(
  'better-sqlite3',
) as typeof BetterSqlite3

/** Opens a new file for a peer or for raw statements, with the pragmas of an executions DB. */
export async function openPlain(path: string): Promise<BetterSqlite3.Database> {
  const handle = new Sqlite(path)
  await applyPragmas(handle)
  return handle
}

/** Opens a new executions DB; the handle is for what is done between the rounds. */
export async function openStore(path: string): Promise<{ handle: BetterSqlite3.Database; db: Db }> {
  await (await openDatabase(path)).close()
  const handle = await openPlain(path)
  return { handle, db: new Kysely({ dialect: new ImmediateSqliteDialect(handle) }) }
}

/** Moves everything from the log to the file, so that every round begins alike. Returns the bytes of the file. */
export function settle(handle: BetterSqlite3.Database): number {
  handle.pragma('wal_checkpoint(truncate)')
  return statSync(handle.name).size
}
