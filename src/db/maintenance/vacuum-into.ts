import { existsSync, linkSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { RpaError, systemCode, UsageError } from '../../core/errors.js'
import { makeFolderOf } from '../../core/files/make-folders.js'
import { moveInPlace, syncFile, syncFolder } from '../../core/files/replace-file.js'
import {
  compactBytes,
  databaseBytes,
  openExisting,
  requireDiskSpace,
  soundness,
} from '../engine/database-file.js'
import { explainDatabaseError } from '../engine/errors.js'
import { requireSoundTexts } from './check-texts.js'
import type { VacuumResult } from './vacuum.js'

export interface CopyResult extends VacuumResult {
  /** Rows of each table of the copy. */
  rows: Record<string, number>
}

const PARTIAL = '.partial-'
/** Whoever wrote to such a file last so long ago was killed. */
const ABANDONED_MS = 24 * 3600 * 1000
/** Nothing is ever deleted from these. */
const GROWING: readonly string[] = ['executions', 'execution_leases', 'llm_calls']

/**
 * Writes a compact copy of the DB as it is at one moment, while others go on reading and writing. It gets its name when
 * it is whole and has passed SQLite's integrity check and a count of its rows.
 *
 * @param path the DB, absolute.
 * @param target the copy; relative paths start from the current folder.
 * @param force replaces a file that is there.
 * @throws UsageError `into_same_file`; RpaError `into_exists`, `into_folder`, `into_in_use`, `copy_incomplete`,
 *   `disk_low`, `disk_full`, `db_missing`, `db_corrupt`. The target is untouched then.
 */
export async function vacuumInto(path: string, target: string, force: boolean): Promise<CopyResult> {
  const copy = resolve(target)
  const source = await openExisting(path, async () => undefined).catch((error: unknown) => {
    throw explainDatabaseError(error, path)
  })
  const partial = `${copy}${PARTIAL}${process.pid}`
  try {
    checkTarget(path, copy, force)
    removeAbandoned(copy)
    requireDiskSpace(copy, compactBytes(source), 'Free some space, or name a file on another disk.')
    const before = databaseBytes(path)
    rmSync(partial, { force: true })
    const rows = await writeCopy(source, path, partial)
    await putInPlace(partial, copy, force)
    return { before_bytes: before, after_bytes: databaseBytes(copy), integrity: 'ok', path: copy, rows }
  } catch (error) {
    throw explainDatabaseError(error, partial)
  } finally {
    rmSync(partial, { force: true })
    source.close()
  }
}

function checkTarget(path: string, copy: string, force: boolean): void {
  const found = statSync(copy, { throwIfNoEntry: false })
  makeFolderOf(copy, 'choose another place for the copy')
  if (found !== undefined && realpathSync(copy) === realpathSync(path)) {
    throw new UsageError('into_same_file', `${copy} is the DB itself.`, {
      hint: 'Name another file, or leave --into away.',
    })
  }
  if (found?.isFile() === false)
    throw new RpaError('into_exists', `${copy} is there already, and is no file.`)
  // A log would be applied to the new file by whoever opens it.
  if (existsSync(`${copy}-wal`) || existsSync(`${copy}-journal`)) {
    throw new RpaError('into_in_use', `${copy} has a log beside it: a program has it open, or was killed.`, {
      hint: 'Name another file, or remove the old one with its -wal, -shm and -journal.',
    })
  }
  if (found !== undefined && !force) throw alreadyThere(copy)
}

function alreadyThere(copy: string): RpaError {
  return new RpaError('into_exists', `${copy} is there already.`, {
    hint: 'Name another file, or replace it with --force.',
  })
}

async function writeCopy(
  source: BetterSqlite3.Database,
  path: string,
  partial: string,
): Promise<Record<string, number>> {
  const version = dataVersion(source)
  const before = countRows(source)
  source.prepare('vacuum into ?').run(partial)
  const { default: BetterSqlite3 } = await import('better-sqlite3')
  const copy = new BetterSqlite3(partial, { fileMustExist: true })
  try {
    soundness(copy, path)
    requireSoundTexts(copy, path)
    const rows = countRows(copy)
    const changed = dataVersion(source) !== version
    for (const [table, expected] of Object.entries(before)) {
      const found = rows[table] ?? -1
      // Where others wrote meanwhile, the copy may hold more; in some tables also less.
      if (found === expected || (changed && (found > expected || !GROWING.includes(table)))) continue
      throw new RpaError(
        'copy_incomplete',
        `The copy of ${path} has ${found} rows in ${table} instead of ${expected}.`,
      )
    }
    return rows
  } finally {
    copy.close()
  }
}

/** Returns a number that changes when another connection commits. */
function dataVersion(handle: BetterSqlite3.Database): unknown {
  return handle.pragma('data_version', { simple: true })
}

function countRows(handle: BetterSqlite3.Database): Record<string, number> {
  const tables = handle
    .prepare(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite~_%' escape '~' order by name",
    )
    .pluck()
    .all() as string[]
  const count = (table: string): number =>
    Number(
      handle
        .prepare(`select count(*) from "${table.replaceAll('"', '""')}"`)
        .pluck()
        .get(),
    )
  return Object.fromEntries(tables.map((table) => [table, count(table)]))
}

/** SQLite does not wait for the disk here; the name must not be there before the bytes are. */
async function putInPlace(partial: string, copy: string, force: boolean): Promise<void> {
  await syncFile(partial)
  if (force) await moveInPlace(partial, copy)
  else await nameNew(partial, copy)
}

/** Unlike renaming, linking fails where the name was taken meanwhile. Some file systems have no links. */
async function nameNew(partial: string, copy: string): Promise<void> {
  try {
    linkSync(partial, copy)
  } catch (error) {
    if (systemCode(error) === 'EEXIST' || existsSync(copy)) throw alreadyThere(copy)
    await moveInPlace(partial, copy)
    return
  }
  await syncFolder(dirname(copy))
}

function removeAbandoned(copy: string): void {
  const folder = dirname(copy)
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(copy)}${PARTIAL}`)) continue
    const file = join(folder, name)
    const modified = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (Date.now() - modified > ABANDONED_MS) rmSync(file, { force: true })
  }
}
