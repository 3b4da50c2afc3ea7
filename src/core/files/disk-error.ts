import { messageOf, RpaError, systemCode } from '../errors.js'

/** What a file operation may fail with. */
export const DISK_ERROR_CLASSES = [
  'disk_full',
  'disk_read_only',
  'disk_failing',
  'data_folder',
  'permission_denied',
  'too_many_files',
  'disk_error',
] as const

export type DiskErrorClass = (typeof DISK_ERROR_CLASSES)[number]

type Operation = 'read' | 'write' | 'delete'

interface DiskFault {
  /** A folder that cannot be written fails every paper alike; a file that cannot be read is that paper's trouble. */
  write: DiskErrorClass
  other: DiskErrorClass
  /** @param elsewhere how another place is chosen: `move the data folder`. */
  hint: (elsewhere: string) => string
}

const FULL = { write: 'disk_full', other: 'disk_full' } as const
const FAILING = { write: 'disk_failing', other: 'disk_error' } as const
const FORBIDDEN = { write: 'data_folder', other: 'permission_denied' } as const
const IN_THE_WAY = { write: 'data_folder', other: 'disk_error' } as const
const HANDLES = { write: 'too_many_files', other: 'too_many_files' } as const

/** Every system code (errno(3)) that something can be said about. */
const FAULTS: Readonly<Record<string, DiskFault>> = {
  ENOSPC: {
    ...FULL,
    hint: (elsewhere) => `Free some space on that disk, or ${elsewhere}; finished work is kept.`,
  },
  EDQUOT: {
    ...FULL,
    hint: (elsewhere) =>
      `Your quota on that disk is used up: free some space, or ${elsewhere}; finished work is kept.`,
  },
  EFBIG: {
    ...FULL,
    hint: () =>
      'A limit on file sizes is set for this process (ulimit -f): raise it, then run the command again.',
  },
  EROFS: {
    write: 'disk_read_only',
    other: 'disk_read_only',
    hint: (elsewhere) => `The disk is mounted read-only: ${elsewhere}.`,
  },
  EACCES: { ...FORBIDDEN, hint: forbidden },
  EPERM: { ...FORBIDDEN, hint: forbidden },
  ENOTDIR: {
    ...IN_THE_WAY,
    hint: (elsewhere) => `A part of that path is a file, not a folder: ${elsewhere}.`,
  },
  EEXIST: {
    ...IN_THE_WAY,
    hint: (elsewhere) => `A file stands where the folder should be: move it away, or ${elsewhere}.`,
  },
  EISDIR: { ...IN_THE_WAY, hint: () => 'A folder stands where the file should be: move it away.' },
  ENAMETOOLONG: {
    ...IN_THE_WAY,
    hint: (elsewhere) => `The path is too long for this file system: ${elsewhere}.`,
  },
  EIO: {
    ...FAILING,
    hint: (elsewhere) => `The disk is failing: look at the system's log, and ${elsewhere}.`,
  },
  ENXIO: { ...FAILING, hint: (elsewhere) => `The device is gone: mount it again, or ${elsewhere}.` },
  ESTALE: { ...FAILING, hint: (elsewhere) => `The network disk was lost: mount it again, or ${elsewhere}.` },
  EMFILE: {
    ...HANDLES,
    hint: () =>
      'Too many files are open in this process: raise the limit (ulimit -n), or use fewer --workers.',
  },
  ENFILE: { ...HANDLES, hint: () => 'Too many files are open on this machine: try again later.' },
  ENOENT: { ...IN_THE_WAY, hint: () => 'Check the path: there is nothing of that name.' },
}

function forbidden(elsewhere: string): string {
  return `This user has no right to it: make it readable and writable, or ${elsewhere}.`
}

/**
 * Returns what to do about a failed file operation.
 *
 * @param error what was thrown, or a system code.
 * @param elsewhere how another place is chosen, beginning with a verb.
 */
export function diskHint(error: unknown, elsewhere = 'choose another folder'): string {
  const code = typeof error === 'string' ? error : systemCode(error)
  return (
    FAULTS[code ?? '']?.hint(elsewhere) ?? `Check that the folder exists and can be used, or ${elsewhere}.`
  )
}

/**
 * Returns the RpaError of a failed file operation; its code is a `DiskErrorClass`.
 *
 * @param elsewhere how another place is chosen, beginning with a verb.
 */
export function diskError(
  error: unknown,
  path: string,
  operation: Operation,
  elsewhere = 'move the data folder (RPA_DATA_DIR)',
): RpaError {
  const fault = FAULTS[systemCode(error) ?? '']
  const name = (operation === 'write' ? fault?.write : fault?.other) ?? 'disk_error'
  return new RpaError(name, `cannot ${operation} ${path}: ${messageOf(error)}`, {
    hint: diskHint(error, elsewhere),
    cause: error,
  })
}

/** What keeps any file from being opened or written, whichever it is. */
const EVERYWHERE = new Set(['EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'EIO', 'EROFS'])

/**
 * Returns the RpaError for a failure of this machine that can meet any line of code, the loading of a module among them; null
 * for anything else.
 */
export function machineFault(error: unknown): RpaError | null {
  const code = systemCode(error) ?? ''
  if (error instanceof RpaError || !EVERYWHERE.has(code)) return null
  return new RpaError(FAULTS[code]?.write ?? 'disk_error', messageOf(error), {
    hint: diskHint(code, 'move the data folder (RPA_DATA_DIR)'),
    cause: error,
  })
}
