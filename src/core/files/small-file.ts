import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import nodePath, { type PlatformPath } from 'node:path'
import { textOfFile } from './text-encoding.js'

/** Largest file of settings or configuration that is read, bytes; ours have a fiftieth of it. */
export const MAX_CONFIG_BYTES = 1024 * 1024

/**
 * Returns the text of a file of settings or configuration. A device, a pipe or a huge file is not read: it would hold the
 * process up, or fill it.
 *
 * @throws the system's error, or an Error that says in a few words what is wrong with the file.
 */
export function readSmallFile(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new Error('it is not a regular file')
  // Whatever has taken its place meanwhile does not make us wait.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error('it is not a regular file')
    if (stat.size > MAX_CONFIG_BYTES) throw tooLarge()
    const bytes = Buffer.alloc(MAX_CONFIG_BYTES + 1)
    let length = 0
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null)
    if (length > MAX_CONFIG_BYTES) throw tooLarge()
    return textOfFile(bytes.subarray(0, length))
  } finally {
    closeSync(descriptor)
  }
}

function tooLarge(): Error {
  return new Error(`it is larger than ${MAX_CONFIG_BYTES / 1024} KiB`)
}

/** Returns whether a path lies in a folder, or is the folder, as they are written; both absolute. */
export function isInside(folder: string, path: string, paths: PlatformPath = nodePath): boolean {
  const inside = paths.relative(folder, path)
  // A name may begin with two dots, and what lies on another drive is absolute.
  return inside !== '..' && !inside.startsWith(`..${paths.sep}`) && !paths.isAbsolute(inside)
}

/** Returns whether a file that is there lies in one of the folders, also where links lead to it. */
export function liesIn(folders: readonly string[], file: string): boolean {
  const real = realPath(file)
  return real !== null && folders.some((folder) => isInside(realPath(folder) ?? folder, real))
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
