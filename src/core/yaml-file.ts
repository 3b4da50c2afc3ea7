import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ConfigError, messageOf } from './errors.js'

/**
 * Returns what a YAML file holds.
 *
 * @throws ConfigError `workspace_file` naming file and line.
 */
export function readYamlFile(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8')) as unknown
  } catch (error) {
    throw new ConfigError(
      'workspace_file',
      `${file} cannot be read: ${messageOf(error).split('\n')[0]?.replace(/:$/, '')}`,
      {
        hint: 'Correct the YAML; every line is `key: value`.',
        cause: error,
      },
    )
  }
}
