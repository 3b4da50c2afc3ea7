import BetterSqlite3 from 'better-sqlite3'
import {
  chmodSync,
  constants,
  copyFileSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  type BigIntStats,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SnapshotError } from './errors.js'

const SIBLINGS = ['-wal', '-journal'] as const
const TRIES = 5

/** Returns the size of a file in bytes, null when there is none. */
export function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null
}

/**
 * Opens a private copy of a database whose own folder must not or cannot be written, in the temp folder and already
 * unlinked where the system allows that, so nothing stays behind whatever ends the process. What an interrupted
 * writer left in `-wal` or `-journal` is applied to the copy. The copy does not see later changes, and needs no file
 * beside it, also where it is changed.
 *
 * @throws SnapshotError when there is no room or the file changes while it is copied.
 */
export function openSnapshot(path: string): BetterSqlite3.Database {
  requireRoom(path)
  const folder = mkdtempSync(join(tmpdir(), 'rpa-copy-'))
  const copy = join(folder, 'copy.sqlite')
  const discard = (): void => remove(folder, copy)
  try {
    copyUnchanged(path, copy)
    const db = new BetterSqlite3(copy, { fileMustExist: true })
    // Opening for writing applies the log or rolls the journal back.
    db.pragma('journal_mode = DELETE')
    db.pragma('journal_mode = MEMORY')
    if (process.platform !== 'win32') discard()
    else process.once('exit', discard)
    return db
  } catch (error) {
    discard()
    throw error
  }
}

/** File by file: to look what there is in a folder takes a file descriptor, and their lack may be why it is removed. */
function remove(folder: string, copy: string): void {
  for (const suffix of ['', ...SIBLINGS, '-shm']) rmSync(copy + suffix, { force: true, maxRetries: 3 })
  rmdirSync(folder)
}

function copyUnchanged(path: string, copy: string): void {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const before = stampOf(path)
    copyFileSync(path, copy, constants.COPYFILE_FICLONE)
    chmodSync(copy, 0o600)
    for (const sibling of SIBLINGS) {
      rmSync(copy + sibling, { force: true })
      if ((sizeOf(path + sibling) ?? 0) === 0) continue
      copyFileSync(path + sibling, copy + sibling, constants.COPYFILE_FICLONE)
      chmodSync(copy + sibling, 0o600)
    }
    if (stampOf(path) === before) return
  }
  throw new SnapshotError(
    'it changes faster than it can be copied, and its folder does not allow reading it in place',
    'Make the folder writable for this user, or try again when the other program is done.',
  )
}

function stampOf(path: string): string {
  const stats = ['', ...SIBLINGS].map((suffix) =>
    statSync(path + suffix, { bigint: true, throwIfNoEntry: false }),
  )
  return stats
    .map((stat: BigIntStats | undefined) => (stat ? `${stat.ino}:${stat.size}:${stat.mtimeNs}` : '-'))
    .join(' ')
}

function requireRoom(path: string): void {
  const needed = ['', ...SIBLINGS].reduce((sum, suffix) => sum + (sizeOf(path + suffix) ?? 0), 0)
  const space = statfsSync(tmpdir())
  if (space.bavail * space.bsize >= needed) return
  throw new SnapshotError(
    `it has to be copied to ${tmpdir()} (its folder cannot be written, which SQLite's WAL mode needs) and there is no room`,
    `Make ${dirname(path)} writable, or convert the file once: sqlite3 ${path} "PRAGMA journal_mode=DELETE".`,
  )
}
