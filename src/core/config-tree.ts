import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'

/** Configuration folders laid over each other: a file of an earlier folder wins over the same path in a later one. */
export class ConfigTree {
  constructor(readonly folders: readonly string[]) {}

  /** Returns the absolute path of a file of the tree, or null if no folder has it. */
  find(path: string): string | null {
    for (const folder of this.folders) {
      const candidate = join(folder, path)
      if (existsSync(candidate)) return candidate
    }
    return null
  }

  /**
   * Resolves a path that stands in a file: inside the tree the folders are searched in order, so that a workspace may
   * replace a prompt without copying the machine that names it; outside it is an ordinary relative path.
   *
   * @returns the absolute path, or null if there is no such file.
   */
  resolve(fromFile: string, path: string): string | null {
    const target = isAbsolute(path) ? path : resolve(dirname(fromFile), path)
    for (const folder of this.folders) {
      const inside = relative(folder, target)
      if (inside !== '' && !inside.startsWith('..') && !isAbsolute(inside)) return this.find(inside)
    }
    return existsSync(target) ? target : null
  }
}
