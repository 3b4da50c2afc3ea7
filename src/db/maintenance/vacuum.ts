import { random } from '../../core/chance.js'
import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type BetterSqlite3 from 'better-sqlite3'
import { EXIT, RpaError, systemCode } from '../../core/errors.js'
import {
  compactBytes,
  databaseBytes,
  openExisting,
  requireDiskSpace,
  soundness,
} from '../engine/database-file.js'
import { explainDatabaseError, readOnlyError } from '../engine/errors.js'
import { isBusy } from '../engine/sqlite.js'
import { requireSoundTexts } from './check-texts.js'

export interface VacuumResult {
  /** Bytes on disk, with the write-ahead log. */
  before_bytes: number
  after_bytes: number
  /** `ok`; anything else is thrown. */
  integrity: string
  /** The compact file: the DB itself, or the copy. */
  path: string
}

/** A command that only looks at the DB is done in less. */
const PATIENCE_MS = 1500

/**
 * Compacts the DB in its own file, with everybody else shut out. A crash in the middle leaves it as it was.
 *
 * @param path absolute.
 * @throws RpaError `db_in_use` (exit 75) while another process has the DB open, `db_read_only`, `disk_low`, `db_missing`, `db_corrupt`.
 */
export async function vacuumInPlace(path: string): Promise<VacuumResult> {
  const before = databaseBytes(path)
  try {
    const integrity = await compact(path)
    return { before_bytes: before, after_bytes: databaseBytes(path), integrity, path }
  } catch (error) {
    throw explainDatabaseError(error, path)
  }
}

async function compact(path: string): Promise<string> {
  requireWritable(path)
  // SQLite writes the compact file to a temporary place first; /tmp is often small. It looks this up when it is loaded.
  process.env['SQLITE_TMPDIR'] ??= dirname(path)
  const handle = await openExisting(path, (opened) => shutOthersOut(opened, path))
  try {
    // The temporary file and, until all of it is in place, the log.
    requireDiskSpace(
      path,
      2 * compactBytes(handle),
      'Free some space, or write a copy to another disk: --into FILE.',
    )
    requireSoundTexts(handle, path)
    handle.pragma('temp_store = FILE')
    handle.exec('vacuum')
    handle.pragma('wal_checkpoint(TRUNCATE)')
    return soundness(handle, path)
  } finally {
    handle.close()
  }
}

/** A lock on a file that may only be read fails as on a broken disk. One that is not there is told of when it is opened. */
function requireWritable(path: string): void {
  try {
    for (const one of [path, dirname(path)]) accessSync(one, constants.W_OK)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw readOnlyError(path, error)
  }
}

/**
 * Takes the lock that every open connection, an idle one too, shares in WAL mode, and keeps it: whoever opens the DB
 * now waits. It must be asked for before the connection reads anything.
 */
async function shutOthersOut(handle: BetterSqlite3.Database, path: string): Promise<void> {
  handle.pragma('busy_timeout = 0')
  handle.pragma('locking_mode = EXCLUSIVE')
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      handle.exec('begin exclusive; commit')
      return
    } catch (error) {
      if (!isBusy(error)) throw error
      if (performance.now() > deadline) {
        throw new RpaError(
          'db_in_use',
          `${path} is open in another process; in place it can be compacted only alone.`,
          {
            hint: 'Try again when no other command runs, or write a compact copy, which works at any time: --into FILE.',
            exitCode: EXIT.tempfail,
            cause: error,
          },
        )
      }
      await delay(20 + random() * 20)
    }
  }
}
