import type BetterSqlite3 from 'better-sqlite3'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { systemClock } from '../../core/clock.js'
import { ConfigError, RpaError } from '../../core/errors.js'
import { makeFolderOf } from '../../core/files/make-folders.js'
import { isPostgresUrl, sqliteFile } from '../../core/database-url.js'
import type { OpenDatabase } from './open-database.js'
import type { Db } from './prepared.js'
import { DiskFullError } from './disk-fault.js'
import { DatabaseGoneError, explainDatabaseError, SnapshotError } from './errors.js'
import { keepReserve, regainRoom, requireRoom } from './room.js'

/**
 * Opens the executions DB, creates the file and its folder where they are missing, and brings its schema up to date.
 *
 * @param url a path, a `sqlite:` or a `postgres:` URL.
 * @returns the typed database; close it before the process ends.
 * @throws ConfigError `database_url` for another kind of URL, RpaError `db_*` or `disk_full` where it is unusable.
 */
export async function openDatabase(url: string): Promise<OpenDatabase> {
  if (isPostgresUrl(url)) return (await import('./postgres/open.js')).openPostgres(url)
  const path = sqlitePath(url)
  makeFolderOf(path, 'choose another place with --data-dir or --db')
  const [
    { default: Sqlite },
    { Kysely },
    { applyPragmas, ImmediateSqliteDialect },
    { migrate },
    { requireSchema },
  ] = await Promise.all([
    import('better-sqlite3'),
    import('kysely'),
    import('./sqlite.js'),
    import('./migrate.js'),
    import('./require-schema.js'),
  ])
  let handle: BetterSqlite3.Database | undefined
  try {
    handle = new Sqlite(path)
    refuseForeign(handle, path)
    await applyPragmas(handle)
    const hooks = { beforeUse: sameFile(path), regainRoom: () => regainRoom(path) }
    const db: Db = new Kysely({ dialect: new ImmediateSqliteDialect(handle, hooks) })
    await migrate(db, path)
    await requireSchema(db, path)
    return { ...ofFile(db, path), close: () => db.destroy() }
  } catch (error) {
    handle?.close()
    throw explainDatabaseError(error, path)
  }
}

function ofFile(db: Db, path: string): Omit<OpenDatabase, 'close'> {
  return {
    db,
    place: path,
    clock: systemClock,
    shared: false,
    keepReserve: () => keepReserve(path),
    requireRoom: () => requireRoom(path),
  }
}

/**
 * The same for a command that changes what is there: it makes no DB, so that a wrong path is told.
 *
 * @throws as {@link openDatabase}, and ConfigError `db_missing`.
 */
export async function openExisting(url: string): Promise<OpenDatabase> {
  requireFile(url)
  return openDatabase(url)
}

/**
 * The same for a command that makes room: on a full disk it takes the reserve's, and its log stays small.
 *
 * @throws as {@link openDatabase}.
 */
export async function openToMakeRoom(url: string): Promise<OpenDatabase> {
  if (isPostgresUrl(url)) return openDatabase(url)
  const path = sqlitePath(url)
  let database: OpenDatabase
  try {
    database = await openDatabase(url)
  } catch (error) {
    // Not even the files can be made that SQLite needs to open it.
    if (!(error instanceof DiskFullError) || !regainRoom(path)) throw error
    database = await openDatabase(url)
  }
  const { sql } = await import('kysely')
  await sql`pragma wal_autocheckpoint = ${sql.lit(SMALL_LOG_PAGES)}`.execute(database.db)
  return database
}

/** 400 kB; the log of one transaction may be longer. */
const SMALL_LOG_PAGES = 100

/**
 * Opens the executions DB for commands that only look: nothing is made, nothing is migrated, and no right to write is
 * needed. A file in an older form is read as a copy that is brought up to date; the file stays as it is.
 *
 * @param url a path, a `sqlite:` or a `postgres:` URL.
 * @returns the typed database; close it before the process ends.
 * @throws ConfigError `database_url`, `db_missing` where there is none, `db_older` for a server's DB that must be
 * brought up to date first; RpaError `db_*` where it cannot be read.
 */
export async function openForReading(url: string): Promise<OpenDatabase> {
  if (isPostgresUrl(url)) return (await import('./postgres/open.js')).openPostgresForReading(url)
  return openFileForReading(sqlitePath(url), { asItIs: false })
}

/**
 * The same to see what would be done: where there is no file yet, an empty DB in memory, so that nothing is made.
 *
 * @throws as {@link openForReading}, but for `db_missing` of a file.
 */
export async function openForTrial(url: string): Promise<OpenDatabase> {
  if (isPostgresUrl(url) || hasBytes(sqlitePath(url))) return openForReading(url)
  const path = sqlitePath(url)
  const [{ default: Sqlite }, { Kysely }, { ImmediateSqliteDialect }, { migrate }] = await Promise.all([
    import('better-sqlite3'),
    import('kysely'),
    import('./sqlite.js'),
    import('./migrate.js'),
  ])
  const db: Db = new Kysely({ dialect: new ImmediateSqliteDialect(new Sqlite(':memory:')) })
  await migrate(db, path)
  return { ...ofFile(db, path), close: () => db.destroy() }
}

/** @param older.asItIs a file in an older form is left so in what is read, too. */
async function openFileForReading(path: string, older: { asItIs: boolean }): Promise<OpenDatabase> {
  requireExisting(path)
  const [
    { openReadOnly },
    { openSnapshot },
    { Kysely },
    { ImmediateSqliteDialect },
    { migrate, isCurrent },
    { requireSchema },
  ] = await Promise.all([
    import('./read-only.js'),
    import('./snapshot.js'),
    import('kysely'),
    import('./sqlite.js'),
    import('./migrate.js'),
    import('./require-schema.js'),
  ])
  let close: (() => void) | undefined
  try {
    const file = openReadOnly(path)
    close = file.close
    refuseForeign(file.handle, path)
    let { handle } = file
    if (!older.asItIs && !isCurrent(handle)) {
      file.close()
      handle = openSnapshot(path)
      close = () => void handle.close()
    }
    const db: Db = new Kysely({ dialect: new ImmediateSqliteDialect(handle) })
    if (older.asItIs) return { ...ofFile(db, path), close: async () => close?.() }
    await migrate(db, path)
    await requireSchema(db, path)
    return { ...ofFile(db, path), close: async () => close?.() }
  } catch (error) {
    close?.()
    throw readingError(error, path)
  }
}

/**
 * The same for a look at what a DB is: it may have no tables yet (on a server), or those of an earlier version.
 *
 * @throws as {@link openForReading}, but for `db_older`, and for `db_missing` where the database of a server is there.
 */
export async function openForCheck(url: string): Promise<OpenDatabase> {
  if (isPostgresUrl(url)) return (await import('./postgres/open.js')).openPostgresForCheck(url)
  return openFileForReading(sqlitePath(url), { asItIs: true })
}

function readingError(error: unknown, path: string): unknown {
  if (!(error instanceof SnapshotError)) return explainDatabaseError(error, path)
  return new RpaError('db_read_only', `${path} cannot be read: ${error.why}.`, {
    hint: error.hint,
    cause: error,
  })
}

/** @throws ConfigError `db_missing` where a URL means a file, and there is none, or an empty one. */
export function requireFile(url: string): void {
  if (!isPostgresUrl(url)) requireExisting(sqlitePath(url))
}

/** @throws ConfigError `db_missing` where there is no file, or an empty one. */
export function requireExisting(path: string): void {
  if (hasBytes(path)) return
  throw new ConfigError('db_missing', `There is no executions DB at ${path}.`, {
    hint: '`rpa seed ID` makes one; --db or RPA_DATABASE_URL name another place.',
  })
}

function hasBytes(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/**
 * Returns what throws once another file, or none, has the name of the one that is open: SQLite would go on in the old
 * one, which is found by nobody.
 */
function sameFile(path: string): () => void {
  const opened = statSync(path)
  return () => {
    const now = statSync(path, { throwIfNoEntry: false })
    if (now?.ino !== opened.ino || now.dev !== opened.dev) throw new DatabaseGoneError(path)
  }
}

/** A file with tables, but without ours, belongs to somebody else (a corpus, say): not a byte of it is changed. */
function refuseForeign(handle: BetterSqlite3.Database, path: string): void {
  const tables = handle.prepare("select name from sqlite_master where type = 'table'").pluck().all()
  if (tables.length === 0 || tables.includes('executions')) return
  throw new ConfigError(
    'db_foreign',
    `${path} is an SQLite file of something else: it has no table "executions".`,
    {
      hint: 'Point --db or RPA_DATABASE_URL at another file; the corpus belongs to --corpus.',
    },
  )
}

/**
 * Returns the absolute path of the executions DB that a path or `sqlite:` URL means.
 *
 * @throws ConfigError `database_url` for another kind of URL.
 */
export function sqlitePath(url: string): string {
  const file = sqliteFile(url)
  if (file !== null) return resolve(file)
  const scheme = url.split(':')[0]?.toLowerCase()
  throw new ConfigError(
    'database_url',
    `The executions DB cannot be opened: "${scheme}:" URLs are not supported.`,
    {
      hint: 'Set --db or RPA_DATABASE_URL to a path, a sqlite: or a postgres: URL.',
    },
  )
}
