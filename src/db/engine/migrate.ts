import type BetterSqlite3 from 'better-sqlite3'
import { ConfigError } from '../../core/errors.js'
import { isoTime, systemClock } from '../../core/clock.js'
import type { Db } from './prepared.js'
import { initial } from './migrations/0001-initial.js'
import { limits } from './migrations/0002-limits.js'
import { checksums } from './migrations/0003-checksums.js'
import { ownWork } from './migrations/0004-own-work.js'
import { freeModels } from './migrations/0005-free-models.js'
import { transitions } from './migrations/0006-transitions.js'
import { responseCache } from './migrations/0007-response-cache.js'
import { tokensOfCaches } from './migrations/0008-tokens-of-caches.js'
import type { Migration } from './migrations/migration.js'

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
]

const NEWEST = Math.max(...MIGRATIONS.map((migration) => migration.version))

/** Returns the columns of each table once all migrations are done. */
export function columnsInForce(): Map<string, Set<string>> {
  const tables = new Map<string, Set<string>>()
  for (const migration of MIGRATIONS) {
    for (const [table, columns] of Object.entries(migration.tables)) {
      const known = tables.get(table) ?? new Set()
      tables.set(table, known)
      for (const column of Object.keys(columns)) known.add(column)
    }
  }
  return tables
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
 * Brings the schema up to date in one immediate transaction. Kysely's own migrator takes no lock on SQLite, so two
 * processes could migrate at once; here the second one waits, looks again, and finds nothing to do.
 *
 * @throws ConfigError `db_newer` if the file was written by a newer program.
 */
export async function migrate(db: Db, path: string): Promise<void> {
  const current = await schemaVersion(db)
  if (current > NEWEST) {
    throw new ConfigError(
      'db_newer',
      `${path} has schema version ${current}; this program knows versions up to ${NEWEST}.`,
      {
        hint: 'Update rpa, or point --db at another file.',
      },
    )
  }
  if (current === NEWEST) return
  await db.transaction().execute(async (trx) => {
    const locked = await schemaVersion(trx)
    for (const migration of MIGRATIONS) {
      if (migration.version <= locked) continue
      await migration.up(trx)
      await trx
        .insertInto('schema_migrations')
        .values({ version: migration.version, name: migration.name, applied_at: isoTime(systemClock.now()) })
        .execute()
    }
  })
}

async function schemaVersion(db: Db): Promise<number> {
  try {
    const row = await db
      .selectFrom('schema_migrations')
      .select((eb) => eb.fn.max('version').as('version'))
      .executeTakeFirst()
    return row?.version ?? 0
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such table')) return 0
    throw error
  }
}
