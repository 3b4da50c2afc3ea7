import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { formatBytes } from '../../core/bytes.js'
import { RpaError } from '../../core/errors.js'
import { requireExisting } from './open.js'

/** Room for what else is written meanwhile, and for pages that fill up less well. */
const MARGIN = 1.05

/** Returns the bytes of a DB on disk, what still is in its write-ahead log included; 0 where there is no file. */
export function databaseBytes(path: string): number {
  return fileBytes(path) + fileBytes(`${path}-wal`)
}

/**
 * Opens an executions DB as it is: no file is created, no schema changed.
 *
 * @param path absolute.
 * @throws ConfigError `db_missing` where there is no file; RpaError `db_foreign` where it holds something else.
 */
export async function openExisting(
  path: string,
  prepare: (handle: BetterSqlite3.Database) => Promise<void>,
): Promise<BetterSqlite3.Database> {
  requireExisting(path)
  const { default: BetterSqlite3 } = await import('better-sqlite3')
  const handle = new BetterSqlite3(path, { fileMustExist: true })
  try {
    await prepare(handle)
    const table = handle.prepare("select 1 from sqlite_master where type = 'table' and name = 'executions'")
    if (table.get() === undefined) {
      throw new RpaError('db_foreign', `${path} is a database, but not one of executions.`, {
        hint: 'Point --db at the executions DB.',
      })
    }
    return handle
  } catch (error) {
    handle.close()
    throw error
  }
}

/** Returns the bytes that a DB takes when it is written anew, without its free pages. */
export function compactBytes(handle: BetterSqlite3.Database): number {
  const read = (name: string): number => Number(handle.pragma(name, { simple: true }))
  return (read('page_count') - read('freelist_count')) * read('page_size')
}

/**
 * Returns `ok`.
 *
 * @throws RpaError `db_corrupt` if SQLite finds anything wrong.
 */
export function soundness(handle: BetterSqlite3.Database, path: string): string {
  const rows = handle.pragma('integrity_check') as { integrity_check: string }[]
  const integrity = rows.map((row) => row.integrity_check).join('; ')
  if (integrity === 'ok') return integrity
  throw new RpaError('db_corrupt', `${path} did not pass the integrity check: ${integrity.slice(0, 500)}`, {
    hint: 'Restore the DB from an earlier copy.',
  })
}

/**
 * @param path the file that is to be written; its folder exists.
 * @throws RpaError `disk_low` if less than `bytes` are free there.
 */
export function requireDiskSpace(path: string, bytes: number, hint: string): void {
  const folder = dirname(path)
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const needed = Math.ceil(bytes * MARGIN)
  if (free >= needed) return
  throw new RpaError(
    'disk_low',
    `${formatBytes(needed)} must be free in ${folder} for that; ${formatBytes(free)} are.`,
    { hint },
  )
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
