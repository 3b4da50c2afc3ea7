import { statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { diskHint } from './disk-error.js'
import { ConfigError, messageOf } from './errors.js'
import { readSmallFile } from './small-file.js'

export interface EnvFile {
  /** Variables that the file sets. */
  variables: Record<string, string>
  /** Others than its owner may read it. */
  isOpen: boolean
}

/**
 * Returns what a file of `NAME=value` lines sets; null where there is none.
 *
 * @throws ConfigError `env_file` if it cannot be read.
 */
export function readEnvFile(file: string): EnvFile | null {
  try {
    const stat = statSync(file, { throwIfNoEntry: false })
    if (stat === undefined) return null
    // Windows knows no such rights.
    const isOpen = process.platform !== 'win32' && (stat.mode & 0o077) !== 0
    return { variables: parseEnv(readSmallFile(file)) as Record<string, string>, isOpen }
  } catch (error) {
    throw new ConfigError('env_file', `${file} cannot be read: ${messageOf(error)}.`, {
      hint: diskHint(error, 'move it away'),
      cause: error,
    })
  }
}
