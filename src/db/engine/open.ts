import type BetterSqlite3 from 'better-sqlite3'
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { diskHint } from '../../core/disk-error.js'
import { ConfigError, RpaError, systemCode } from '../../core/errors.js'
import type { Db } from './prepared.js'
import { explainDatabaseError } from './errors.js'

export interface OpenDatabase {
  db: Db
  /** Absolute path of the file. */
  path: string
  close: () => Promise<void>
}

/**
 * Opens the executions DB, creates the file and its folder where they are missing, and brings its schema up to date.
 *
 * @param url a path or a `sqlite:` URL.
 * @returns the typed database; close it before the process ends.
 * @throws ConfigError `database_url` for another kind of URL, RpaError `db_*` or `disk_full` where the file is unusable.
 */
export async function openDatabase(url: string): Promise<OpenDatabase> {
  const path = sqlitePath(url)
  makeFolder(dirname(path))
  const [{ default: Sqlite }, { Kysely }, { applyPragmas, ImmediateSqliteDialect }, { migrate }] =
    await Promise.all([
      import('better-sqlite3'),
      import('kysely'),
      import('./sqlite.js'),
      import('./migrate.js'),
    ])
  let handle: BetterSqlite3.Database | undefined
  try {
    handle = new Sqlite(path)
    refuseForeign(handle, path)
    await applyPragmas(handle)
    const db: Db = new Kysely({ dialect: new ImmediateSqliteDialect(handle) })
    await migrate(db, path)
    return { db, path, close: () => db.destroy() }
  } catch (error) {
    handle?.close()
    throw explainDatabaseError(error, path)
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
  const scheme = /^([a-z][a-z0-9+]+):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) return resolve(url)
  if (scheme === 'sqlite' || scheme === 'file') return resolve(url.replace(/^[a-z]+:(\/\/)?/i, ''))
  throw new ConfigError(
    'database_url',
    `The executions DB cannot be opened: "${scheme}:" URLs are not supported.`,
    {
      hint: 'Set --db or RPA_DATABASE_URL to a path or a sqlite: URL.',
    },
  )
}

/** @throws RpaError `data_folder` where the folder cannot be made. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new RpaError(
      'data_folder',
      `The folder ${folder} cannot be created (${systemCode(error) ?? 'unknown error'}).`,
      {
        hint: diskHint(error, 'choose another place with --data-dir or --db'),
        cause: error,
      },
    )
  }
}
