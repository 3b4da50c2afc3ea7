import type BetterSqlite3 from 'better-sqlite3'
import { sql } from 'kysely'
import { ConfigError } from '../../core/errors.js'
import { isoTime, systemClock } from '../../core/clock.js'
import { dialectOf } from './dialect.js'
import type { Db } from './prepared.js'
import { inTransaction, perform, takeLocks } from './steps.js'
import { initial } from './migrations/0001-initial.js'
import { limits } from './migrations/0002-limits.js'
import { checksums } from './migrations/0003-checksums.js'
import { ownWork } from './migrations/0004-own-work.js'
import { freeModels } from './migrations/0005-free-models.js'
import { transitions } from './migrations/0006-transitions.js'
import { responseCache } from './migrations/0007-response-cache.js'
import { tokensOfCaches } from './migrations/0008-tokens-of-caches.js'
import { reports } from './migrations/0009-reports.js'
import { aside } from './migrations/0010-aside.js'
import { ownPapers } from './migrations/0012-own-papers.js'
import { changedPapers } from './migrations/0011-changed-papers.js'
import { redone } from './migrations/0014-redone.js'
import { commandRuns } from './migrations/0015-command-runs.js'
import { pipelines } from './migrations/0016-pipelines.js'
import { judgements } from './migrations/0017-judgements.js'
import { promptEstimates } from './migrations/0018-prompt-estimates.js'
import type { Columns, Migration } from './migrations/migration.js'

/** Frozen once released: a change of the schema is a new entry. */
const MIGRATIONS: readonly Migration[] = [
  initial,
  limits,
  checksums,
  ownWork,
  freeModels,
  transitions,
  responseCache,
  tokensOfCaches,
  reports,
  aside,
  changedPapers,
  ownPapers,
  redone,
  commandRuns,
  pipelines,
  judgements,
  promptEstimates,
]

const NEWEST = Math.max(...MIGRATIONS.map((migration) => migration.version))

/** Returns the columns of each table once all migrations are done, with SQLite's type and constraints of each. */
export function columnsInForce(): Map<string, Map<string, string>> {
  const tables = new Map<string, Map<string, string>>()
  for (const migration of MIGRATIONS) {
    for (const [table, columns] of Object.entries(migration.tables)) {
      const known = tables.get(table) ?? new Map<string, string>()
      tables.set(table, known)
      for (const [column, type] of Object.entries(columns)) if (!known.has(column)) known.set(column, type)
    }
  }
  return tables
}

/** The version of the schema that this program makes. */
export function newestVersion(): number {
  return NEWEST
}

/** Returns whether a DB needs no migration. */
export function isCurrent(handle: BetterSqlite3.Database): boolean {
  const versions = handle.prepare(
    "select 1 from sqlite_master where type = 'table' and name = 'schema_migrations'",
  )
  if (versions.get() === undefined) return false
  return Number(handle.prepare('select max(version) from schema_migrations').pluck().get()) >= NEWEST
}

/**
 * Brings the schema up to date in one transaction. Kysely's own migrator takes no lock on SQLite, and one of the session
 * elsewhere; here the second of two processes waits, looks again, and finds nothing to do.
 *
 * @param place the DB, for messages.
 * @throws ConfigError `db_newer` if it was written by a newer program.
 */
export async function migrate(db: Db, place: string): Promise<void> {
  if (await isUpToDate(db, place)) return
  await inTransaction(db, async (trx) => {
    await perform(trx, takeLocks({ name: 'migrate' }))
    const current = await schemaVersion(trx)
    for (const migration of MIGRATIONS) if (migration.version > current) await apply(trx, migration)
  })
}

/**
 * Returns whether a DB needs no migration.
 *
 * @throws ConfigError `db_newer` if it was written by a newer program.
 */
export async function isUpToDate(db: Db, place: string): Promise<boolean> {
  const current = await schemaVersion(db)
  if (current <= NEWEST) return current === NEWEST
  throw new ConfigError(
    'db_newer',
    `${place} has schema version ${current}; this program knows versions up to ${NEWEST}.`,
    { hint: 'Update rpa, or point --db elsewhere.' },
  )
}

/** Does one migration, and notes that it was done. */
export async function apply(
  trx: Db,
  { version, name, tables, indexes = [], repairs = [] }: Migration,
): Promise<void> {
  for (const [table, columns] of Object.entries(tables)) await createOrComplete(trx, table, columns)
  for (const index of indexes) await sql.raw(index).execute(trx)
  if (dialectOf(trx).name === 'sqlite') for (const repair of repairs) await sql.raw(repair).execute(trx)
  const row = { version, name, applied_at: isoTime(systemClock.now()) }
  await trx.insertInto('schema_migrations').values(row).execute()
}

/** Creates a table, or gives one that exists the columns it lacks; nothing that is there is changed or dropped. */
async function createOrComplete(trx: Db, table: string, columns: Columns): Promise<void> {
  const dialect = dialectOf(trx)
  const known = await dialect.columns(trx, table)
  const all = Object.entries(columns).map(([name, type]) => ({ name, type: dialect.columnType(type) }))
  if (known.size === 0) {
    const list = all.map(({ name, type }) => `${name} ${type}`)
    await sql.raw(`create table ${table} (${list.join(', ')})`).execute(trx)
    return
  }
  for (const { name, type } of all) {
    if (known.has(`${table}.${name}`)) continue
    await sql.raw(`alter table ${table} add column ${name} ${type}`).execute(trx)
  }
}

/** Returns the version of a DB's tables; 0: it has none. */
export async function schemaVersion(db: Db): Promise<number> {
  if ((await dialectOf(db).columns(db, 'schema_migrations')).size === 0) return 0
  const row = await db
    .selectFrom('schema_migrations')
    .select((eb) => eb.fn.max('version').as('version'))
    .executeTakeFirst()
  return row?.version ?? 0
}
