import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { diskHint } from './disk-error.js'
import { ConfigError, messageOf, systemCode } from './errors.js'

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
        hint: systemCode(error) === null ? 'Correct the YAML; every line is `key: value`.' : diskHint(error),
        cause: error,
      },
    )
  }
}
