import BetterSqlite3 from 'better-sqlite3'
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../../core/errors.js'
import { openSnapshot, sizeOf } from './snapshot.js'

/** A database that is open for reading alone. */
export interface ReadOnlyFile {
  handle: BetterSqlite3.Database
  /** `direct`: the file itself; `snapshot`: a private copy, because the file's folder does not allow reading in place. */
  access: 'direct' | 'snapshot'
  /** Closes it; called by itself at the end of the process. Twice is harmless. */
  close: () => void
}

/** How long a read waits for a writer that is just committing. */
const BUSY_TIMEOUT_MS = 5_000
/** SQLite refuses to read in place: no shared memory file can be made (also on a full disk), or a journal would have to be rolled back. */
const IN_PLACE_REFUSED = ['SQLITE_CANTOPEN', 'SQLITE_READONLY', 'SQLITE_IOERR_SHM', 'SQLITE_FULL']

/**
 * Opens an SQLite file for reading. It is opened read-only, and where reads are single statements no lock outlives one:
 * another program may write at any moment (with WAL it is never held up, with a rollback journal for one statement at
 * most), and each statement sees a consistent state. A file in WAL mode makes SQLite lay `-wal` and `-shm` beside it: when
 * they were made for reading alone, `close` removes them again. Where that cannot work (a folder that cannot be written,
 * an interrupted writer's log or journal), a private copy is read instead.
 *
 * @param file an absolute path; the file exists.
 * @throws SnapshotError, and SQLite's own errors.
 */
export function openReadOnly(file: string): ReadOnlyFile {
  const direct = needsSnapshot(file) ? null : openInPlace(file)
  const handle = direct ?? openSnapshot(file)
  const access = direct === null ? 'snapshot' : 'direct'
  const close = (): void => {
    process.off('exit', close)
    if (!handle.open) return
    const wal = access === 'direct' && journalMode(handle) === 'wal'
    handle.close()
    if (wal) removeEmptyLog(file)
  }
  process.on('exit', close)
  return { handle, access, close }
}

function openInPlace(file: string): BetterSqlite3.Database | null {
  const db = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
  try {
    db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get()
    return db
  } catch (error) {
    db.close()
    const code = systemCode(error) ?? ''
    if (!IN_PLACE_REFUSED.some((refusal) => code.startsWith(refusal))) throw error
    return null
  }
}

/** A log without its `-shm` (a copied file), or a WAL file whose `-wal` could not be removed again after reading. */
function needsSnapshot(file: string): boolean {
  const shared = sizeOf(`${file}-shm`) !== null
  if (!shared && (sizeOf(`${file}-wal`) ?? 0) > 0) return true
  return !shared && !(isWritable(file) && isWritable(dirname(file))) && isWalMode(file)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Reads version 2 (WAL) off the header (https://www.sqlite.org/fileformat2.html, offset 19). Only for files this user
 * cannot write: closing a descriptor drops the locks other connections of this process hold on the file.
 */
function isWalMode(file: string): boolean {
  const descriptor = openSync(file, 'r')
  try {
    const header = Buffer.alloc(20)
    return readSync(descriptor, header, 0, 20, 0) === 20 && header[19] === 2
  } finally {
    closeSync(descriptor)
  }
}

function journalMode(db: BetterSqlite3.Database): unknown {
  try {
    return db.pragma('journal_mode', { simple: true })
  } catch {
    return null
  }
}

/**
 * Removes an empty `-wal` and its `-shm`. A connection that may write does so itself when it closes as the last one,
 * under SQLite's own locks; with no log there is nothing it could write. If somebody else is connected, it leaves them.
 */
function removeEmptyLog(file: string): void {
  try {
    if (sizeOf(`${file}-wal`) !== 0) return
    const db = new BetterSqlite3(file, { fileMustExist: true, timeout: 0 })
    try {
      db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get()
    } finally {
      db.close()
    }
  } catch {
    // The files are harmless, and reading has succeeded.
  }
}
