import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { diskHint } from './disk-error.js'
import { RpaError, systemCode } from '../errors.js'

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` never ends where the system says of a folder
 * that is there that nothing can be made in it because it is not (ENOENT: /proc, a link to a disk that is away).
 *
 * @throws the system's error where one cannot be made, or where a file is in the way.
 */
export function makeFolders(path: string): void {
  const missing: string[] = []
  let folder = resolve(path)
  for (; statSync(folder, { throwIfNoEntry: false }) === undefined; folder = dirname(folder)) {
    missing.unshift(folder)
    if (dirname(folder) === folder) break
  }
  for (const one of missing) makeOne(one)
  // A file in the way is told of by the system.
  if (!statSync(path).isDirectory()) mkdirSync(path)
}

/**
 * Makes the folder that a file is to lie in.
 *
 * @param elsewhere how another place is chosen, beginning with a verb.
 * @throws RpaError `data_folder` where it cannot be made.
 */
export function makeFolderOf(file: string, elsewhere: string): void {
  const folder = dirname(file)
  try {
    makeFolders(folder)
  } catch (error) {
    const why = systemCode(error) ?? 'unknown error'
    throw new RpaError('data_folder', `The folder ${folder} cannot be created (${why}).`, {
      hint: diskHint(error, elsewhere),
      cause: error,
    })
  }
}

/** Somebody else may have made it in the meantime. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
}
