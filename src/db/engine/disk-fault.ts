import { closeSync, openSync } from 'node:fs'
import { diskHint } from '../../core/files/disk-error.js'
import type { RpaErrorOptions } from '../../core/errors.js'
import { RpaError, systemCode } from '../../core/errors.js'

/** A write found no room, as far as SQLite can tell. */
export class DiskFullError extends RpaError {
  constructor(message: string, options: RpaErrorOptions) {
    super('disk_full', message, options)
  }
}

/** Codes of SQLite for a write that failed; its other I/O errors are of reading, or of locks. */
const WRITES = /^SQLITE_(FULL|IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|SHMSIZE|SHMMAP|SHMOPEN))/

/**
 * Returns the error for a disk that is full or failing, or for too many open files, where an error of SQLite says that;
 * null for any other.
 *
 * @param code SQLite's extended result code (https://www.sqlite.org/rescode.html).
 * @param elsewhere how another place is chosen, beginning with a verb.
 */
export function diskFault(error: unknown, code: string, path: string, elsewhere: string): RpaError | null {
  const fault = (name: string, message: string, system: string): RpaError =>
    new RpaError(name, message, { hint: diskHint(system, elsewhere), cause: error })
  if (WRITES.test(code)) {
    return new DiskFullError(`Writing ${path} failed (${code}): the disk is full or failing.`, {
      hint: diskHint('ENOSPC', elsewhere),
      cause: error,
    })
  }
  const handles =
    code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_IOERR') ? outOfHandles(path) : null
  if (handles !== null) {
    return fault('too_many_files', `${path} cannot be opened: too many files are open (${handles}).`, handles)
  }
  if (!code.startsWith('SQLITE_IOERR')) return null
  return fault('disk_failing', `Reading ${path} failed (${code}): the disk is failing or gone.`, 'EIO')
}

/** The DB, its log, the log's index and their folder. */
const HANDLES_OF_A_DB = 4

/** SQLite does not tell why it cannot open its files. Returns EMFILE or ENFILE where as many others cannot be had; else null. */
function outOfHandles(path: string): string | null {
  const opened: number[] = []
  try {
    while (opened.length < HANDLES_OF_A_DB) opened.push(openSync(path, 'r'))
    return null
  } catch (error) {
    const code = systemCode(error)
    return code === 'EMFILE' || code === 'ENFILE' ? code : null
  } finally {
    for (const handle of opened) closeSync(handle)
  }
}
