import { diskHint, machineFault } from './disk-error.js'
import { ConfigError, messageOf, systemCode } from '../errors.js'
import { readSmallFile } from './small-file.js'
import type { YamlContent } from './yaml-text.js'
import { parseYaml } from './yaml-text.js'

/**
 * Returns what a YAML file holds.
 *
 * @throws ConfigError `workspace_file` naming file and line; RpaError where this machine can open no file.
 */
export function readYamlFile(file: string): unknown {
  return readYamlLines(file).value
}

/**
 * Returns what a YAML file holds, and where.
 *
 * @throws as {@link readYamlFile}.
 */
export function readYamlLines(file: string): Pick<YamlContent, 'value' | 'keyPlace' | 'valuePlace'> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new ConfigError('workspace_file', `${file} cannot be read: ${why}`, {
      hint: systemCode(cause) === null ? 'Correct the YAML; every line is `key: value`.' : diskHint(cause),
      cause,
    })
  }
  let text: string
  try {
    text = readSmallFile(file)
  } catch (error) {
    throw machineFault(error) ?? refuse(messageOf(error), error)
  }
  const { value, faults, keyPlace, valuePlace } = parseYaml(text)
  const [fault] = faults
  return fault === undefined
    ? { value, keyPlace, valuePlace }
    : refuse(`${fault.message} at line ${fault.line}, column ${fault.column}`)
}
