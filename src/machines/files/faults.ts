import { relative } from 'node:path'
import { ConfigError } from '../../core/errors.js'
import { isInside } from '../../core/files/small-file.js'
import type { KeyPath, TextPlace, YamlFault } from '../../core/files/yaml-text.js'

/** One mistake in one config file. `key` is the path of the key (`data.states.write.agent`), empty for the whole file. */
export interface Fault {
  file: string
  key: string
  /** Where the key stands, both counted from 1; missing where there is no such place. */
  line?: number
  column?: number
  message: string
  hint?: string
}

/** A set of config files that cannot be loaded: carries and prints every fault at once. */
export class InvalidConfigError extends ConfigError {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super('config_invalid', faults.map(formatFault).join('\n'), {
      hint: 'Correct the keys named above; `rpa machine check` looks at the files again without running anything.',
    })
    this.faults = faults
  }
}

/** Returns one line: file, key path, what is wrong, and in parentheses what to do. */
export function formatFault({ file, key, message, hint }: Fault): string {
  const where = key === '' ? file : `${file}: ${key}`
  return hint === undefined ? `${where}: ${message}` : `${where}: ${message} (${hint})`
}

/** Returns the same with the place in the file, where the message does not name it. */
export function formatFaultWithPlace(fault: Fault): string {
  const { line, column, message } = fault
  const told = line === undefined || message.startsWith(`line ${line},`)
  if (told) return formatFault(fault)
  return `${formatFault(fault)}, line ${line}${column === undefined ? '' : `, column ${column}`}`
}

/** Returns the members of a fault that tell its place. */
export function placed(at: TextPlace | null): Pick<Fault, 'line' | 'column'> {
  return at === null ? {} : { line: at.line, column: at.column }
}

/** Returns what is said of a fault of syntax: where no key names the place, line and column do. */
export function yamlMessage({ keys, line, column, message }: YamlFault): string {
  return keys.length > 0 ? message : `line ${line}, column ${column}: ${message}`
}

/** Returns `data.states.write.transitions[0].to` for a list of keys and indexes. */
export function formatKey(path: KeyPath): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w-]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(part)}]`
  }
  return text
}

/** Returns the path as a user writes it: relative to the current folder where it lies inside it. */
export function displayPath(file: string): string {
  const path = relative(process.cwd(), file)
  return path === '' || !isInside(process.cwd(), file) ? file : path
}
