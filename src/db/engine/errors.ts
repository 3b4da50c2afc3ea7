import { diskHint } from '../../core/disk-error.js'
import { EXIT, nativeModuleError, RpaError, systemCode } from '../../core/errors.js'

/** What using the executions DB may fail with. */
export const DATABASE_ERROR_CLASSES = [
  'db_corrupt',
  'db_read_only',
  'db_cannot_open',
  'db_locked',
  'disk_full',
  'sqlite_binary',
] as const

export type DatabaseErrorClass = (typeof DATABASE_ERROR_CLASSES)[number]

const ELSEWHERE = 'point --db elsewhere'

/** Returns the error as the user should read it; anything that is not a database fault is returned as it is. */
export function explainDatabaseError(error: unknown, path: string): unknown {
  const native = nativeModuleError(error)
  if (native !== null) return native
  const code = systemCode(error)
  if (code === null || !code.startsWith('SQLITE_')) return error
  const explain = (
    name: DatabaseErrorClass,
    message: string,
    hint: string,
    exitCode: number = EXIT.failure,
  ): RpaError => new RpaError(name, message, { hint, exitCode, cause: error })
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return explain(
      'db_corrupt',
      `${path} is not a usable SQLite database (${code}).`,
      'Restore it from a copy, or point --db at another file.',
    )
  }
  if (code.startsWith('SQLITE_READONLY')) {
    return explain('db_read_only', `${path} or its folder cannot be written.`, diskHint('EACCES', ELSEWHERE))
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return explain(
      'db_cannot_open',
      `${path} cannot be opened or created.`,
      'Check that its folder exists and is writable, or point --db elsewhere.',
    )
  }
  if (code.startsWith('SQLITE_FULL') || code.startsWith('SQLITE_IOERR')) {
    return explain(
      'disk_full',
      `Writing ${path} failed (${code}): the disk is full or failing.`,
      diskHint('ENOSPC', ELSEWHERE),
    )
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return explain(
      'db_locked',
      `${path} stayed locked by another process for a minute.`,
      'Run the command again later; nothing was lost.',
      EXIT.tempfail,
    )
  }
  return error
}
