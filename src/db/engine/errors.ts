import { diskHint } from '../../core/files/disk-error.js'
import { EXIT, messageOf, nativeModuleError, RpaError, systemCode } from '../../core/errors.js'
import { diskFault } from './disk-fault.js'

/** What using the executions DB may fail with. */
export const DATABASE_ERROR_CLASSES = [
  'db_corrupt',
  'db_read_only',
  'db_cannot_open',
  'db_locked',
  'db_busy',
  'db_unreachable',
  'db_disk_full',
  'db_schema',
  'db_replaced',
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
  const disk = diskFault(error, code, path, ELSEWHERE)
  if (disk !== null) return disk
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return explain(
      'db_corrupt',
      `${path} is not a usable SQLite database (${code}).`,
      'Restore it from a backup (docs/maintenance.md), or point --db at another file.',
    )
  }
  if (code === 'SQLITE_READONLY_DBMOVED') return new DatabaseGoneError(path)
  if (code.startsWith('SQLITE_READONLY')) {
    return readOnlyError(path, error)
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return explain(
      'db_cannot_open',
      `${path} cannot be opened or created.`,
      'Check that its folder exists and is writable, or point --db elsewhere.',
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
  if (SCHEMA_FAULTS.some((fault) => code.startsWith(fault))) return schemaFault(path, messageOf(error), error)
  return error
}

/** Returns the error for a DB that this user may not change. */
export function readOnlyError(path: string, cause: unknown): RpaError {
  return new RpaError('db_read_only', `${path} or its folder cannot be written.`, {
    hint: diskHint('EACCES', ELSEWHERE),
    cause,
  })
}

/** Our statements are fixed: what SQLite does not understand of them, or refuses to store, is not as we made it. */
const SCHEMA_FAULTS = ['SQLITE_ERROR', 'SQLITE_SCHEMA', 'SQLITE_MISMATCH', 'SQLITE_CONSTRAINT']

/** Returns the error for a DB whose tables are not what this program made of them. */
export function schemaFault(path: string, what: string, cause?: unknown): RpaError {
  return new RpaError('db_schema', `${path} is not built as it should be: ${what}.`, {
    hint: 'The file was damaged or changed by hand: restore a backup (docs/maintenance.md).',
    cause,
  })
}

/** The DB file was deleted, moved or replaced: whatever is written goes to a file that nobody will find again. */
export class DatabaseGoneError extends RpaError {
  constructor(path: string) {
    super('db_replaced', `${path} was deleted, moved or replaced while this command was at work.`, {
      hint: 'Nothing more was sent. Put the file back, or restore a backup (docs/maintenance.md), and run the command again.',
    })
  }
}

/** A file can be read neither where it is nor as a copy. */
export class SnapshotError extends Error {
  /** @param why continues "… cannot be read: ". */
  constructor(
    readonly why: string,
    readonly hint: string,
  ) {
    super(why)
  }
}
