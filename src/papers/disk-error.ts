import { messageOf, RpaError, systemCode } from '../core/errors.js'

const KINDS: Record<string, { code: string; hint: string }> = {
  ENOSPC: { code: 'disk_full', hint: 'Free some space on that disk, or move the data folder.' },
  EDQUOT: {
    code: 'disk_full',
    hint: 'Your quota on that disk is used up: free some space, or move the data folder.',
  },
  EFBIG: {
    code: 'disk_full',
    hint: 'A limit on file sizes is set for this process (ulimit -f): raise it, then run the command again.',
  },
  EACCES: {
    code: 'permission_denied',
    hint: 'Give this user the rights to that path, or choose another folder.',
  },
  EPERM: {
    code: 'permission_denied',
    hint: 'Give this user the rights to that path, or choose another folder.',
  },
  ENOTDIR: {
    code: 'permission_denied',
    hint: 'A part of that path is a file and no folder: choose another folder.',
  },
  EROFS: { code: 'disk_read_only', hint: 'The disk is mounted read-only: choose another folder.' },
}

/** Returns the RpaError of a failed file operation: `disk_full`, `permission_denied` (`data_folder` when writing), `disk_read_only`, `disk_error`. */
export function diskError(error: unknown, path: string, verb: 'read' | 'write' | 'delete'): RpaError {
  const kind = KINDS[systemCode(error) ?? '']
  // A folder that cannot be written fails every paper alike; a file that cannot be read is that paper's trouble.
  const code = verb === 'write' && kind?.code === 'permission_denied' ? 'data_folder' : kind?.code
  return new RpaError(code ?? 'disk_error', `cannot ${verb} ${path}: ${messageOf(error)}`, {
    hint: kind?.hint ?? 'Check that the folder exists and can be used.',
    cause: error,
  })
}
