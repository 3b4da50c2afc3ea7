import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ConfigError } from '../errors.js'
import { isObject } from '../json.js'
import { asSentence, didYouMean } from '../words-alike.js'
import type { TextPlace } from '../files/yaml-text.js'

const WORKSPACE_FILE = 'rpa.yml'

/** The settings of a workspace, as its rpa.yml has them. */
export interface WorkspaceFile {
  values: Record<string, unknown>
  /** Keys that are no setting. */
  faults: ConfigError[]
  /** Returns `FILE, line N, column M: KEY`. */
  placeOf: (this: void, key: string) => string
}

/** Returns the rpa.yml of a folder or of the nearest above it; null where there is none. */
export function findWorkspaceFile(start: string): string | null {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const candidate = join(folder, WORKSPACE_FILE)
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return null
  }
}

/**
 * Returns what an rpa.yml holds.
 *
 * @param known keys that are settings.
 * @throws ConfigError `workspace_file` for a file that cannot be read, or is no map.
 */
export async function readWorkspaceFile(file: string, known: readonly string[]): Promise<WorkspaceFile> {
  const { readYamlLines } = await import('../files/yaml-file.js')
  const { value, keyPlace, valuePlace } = readYamlLines(file)
  const placeOf = (key: string): string => {
    const at = valuePlace([key])
    return at === null ? `${file}: ${key}` : `${file}, line ${at.line}, column ${at.column}: ${key}`
  }
  if (value === null || value === undefined) return { values: {}, faults: [], placeOf }
  if (!isObject(value))
    throw new ConfigError('workspace_file', `${file}: expected a map of settings.`, {
      hint: 'Every line is `key: value`.',
    })
  const strangers = Object.keys(value).filter((key) => !known.includes(key))
  return {
    values: value,
    faults: strangers.map((key) => notASetting(file, keyPlace([key]), key, known)),
    placeOf,
  }
}

function notASetting(file: string, at: TextPlace | null, key: string, known: readonly string[]): ConfigError {
  const where = at === null ? file : `${file}, line ${at.line}, column ${at.column}`
  const meant = didYouMean(key, known)
  const all = `Known settings: ${[...known].sort().join(', ')}.`
  return new ConfigError('workspace_file', `${where}: "${key}" is not a setting.`, {
    hint: meant === undefined ? all : `${asSentence(meant)} ${all}`,
  })
}
