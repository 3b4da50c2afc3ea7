import { ConfigError, messageOf, nativeModuleError, systemCode } from '../core/errors.js'
import { diskFault } from '../db/engine/disk-fault.js'
import { SnapshotError } from '../db/engine/errors.js'

/** Returns the error for a corpus file that does not exist. */
export function corpusMissing(path: string): ConfigError {
  return new ConfigError('corpus_missing', `There is no corpus at ${path}.`, {
    hint: 'Make one from arXiv metadata with `rpa corpus import FILE…`, name papers with `rpa seed ID…`, or point --corpus or RPA_CORPUS_DB at a crawler’s SQLite file.',
  })
}

/** Returns the error for a file that is no corpus; `what` says what is missing. */
export function corpusForeign(path: string, what: string, cause?: unknown): ConfigError {
  return new ConfigError('corpus_foreign', `${path} is not a corpus: ${what}.`, {
    hint: 'Point --corpus or RPA_CORPUS_DB at a crawler’s SQLite file, or make one with `rpa corpus import FILE…` under another name.',
    cause,
  })
}

/** Returns the error for a corpus that is there but cannot be read now. */
export function corpusUnreadable(path: string, why: string, hint: string, cause?: unknown): ConfigError {
  return new ConfigError('corpus_unreadable', `The corpus ${path} cannot be read: ${why}.`, { hint, cause })
}

/** Returns what a use of the corpus gives; its errors of SQLite as {@link corpusErrorOf} tells them. */
export function onCorpus<T>(path: string, use: () => T): T {
  try {
    return use()
  } catch (error) {
    throw corpusErrorOf(path, error)
  }
}

/**
 * Returns the corpus error that an error of SQLite stands for; anything else is returned as it came.
 *
 * @param toWrite it was opened to be written.
 */
export function corpusErrorOf(path: string, error: unknown, toWrite = false): unknown {
  const native = nativeModuleError(error)
  if (native !== null) return native
  if (error instanceof SnapshotError) return corpusUnreadable(path, error.why, error.hint, error)
  const code = systemCode(error)
  if (code === null || !code.startsWith('SQLITE_')) return error
  // A full or failing disk is not the configuration's fault.
  const disk = diskFault(error, code, path, 'move the corpus (--corpus)')
  if (disk !== null) return disk
  if (code === 'SQLITE_NOTADB') return corpusForeign(path, 'it is not an SQLite file', error)
  if (isLocked(code)) {
    return corpusUnreadable(
      path,
      'another program holds it locked',
      'Try again when the other program is done.',
      error,
    )
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return corpusUnreadable(
      path,
      'the file is damaged',
      `Check it with \`sqlite3 ${path} "PRAGMA integrity_check"\`.`,
      error,
    )
  }
  const hint = 'Check the permissions of the file and of its folder.'
  if (!toWrite && !code.startsWith('SQLITE_READONLY'))
    return corpusUnreadable(path, messageOf(error), hint, error)
  return new ConfigError('corpus_unwritable', `The corpus ${path} cannot be written: ${messageOf(error)}.`, {
    hint,
    cause: error,
  })
}

/** Returns whether an SQLite code says that another connection is in the way. */
export function isLocked(code: string): boolean {
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')
}
