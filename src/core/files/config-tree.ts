import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { ConfigError } from '../errors.js'
import { isInside, liesIn } from './small-file.js'

/** Configuration folders laid over each other: a file of an earlier folder wins over the same path in a later one. */
export class ConfigTree {
  constructor(readonly folders: readonly string[]) {}

  /**
   * Returns the absolute path of a file of the tree, or null if no folder has it.
   *
   * @throws ConfigError `config_outside` for a link that leads out of the folders.
   */
  find(path: string): string | null {
    const file = this.locate(path)
    if (file === null || liesIn(this.folders, file)) return file
    throw new ConfigError('config_outside', `${file} is a link that leads out of the configuration folder.`, {
      hint: 'Copy the file into the folder.',
    })
  }

  /** As {@link find}, without a look at where links lead. */
  locate(path: string): string | null {
    for (const folder of this.folders) {
      const candidate = join(folder, path)
      if (existsSync(candidate)) return candidate
    }
    return null
  }

  /**
   * Resolves a path that stands in a file: inside the tree the folders are searched in order, so that a workspace may
   * replace a prompt without copying the machine that names it; outside it is an ordinary relative path. Whether the file may
   * be read is for the reader to say.
   *
   * @returns the absolute path, or null if there is no such file.
   */
  resolve(fromFile: string, path: string): string | null {
    const target = isAbsolute(path) ? path : resolve(dirname(fromFile), path)
    for (const folder of this.folders) {
      if (target !== folder && isInside(folder, target)) return this.locate(relative(folder, target))
    }
    return existsSync(target) ? target : null
  }
}
