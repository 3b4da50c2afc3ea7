import type * as z from 'zod'
import type { ConfigTree } from '../../core/files/config-tree.js'
import { ConfigError } from '../../core/errors.js'
import { readSmallFile } from '../../core/files/small-file.js'
import { readYamlFile } from '../../core/files/yaml-file.js'
import type { KeyPath, TextPlace } from '../../core/files/yaml-text.js'
import { parseYaml } from '../../core/files/yaml-text.js'
import { parseRelevance, RelevanceFile } from '../../corpus/seeding/relevance.js'
import { LimitsFile, parseLimits } from '../../llm/limits.js'
import type { Fault } from '../../machines/files/faults.js'
import { displayPath, formatKey, placed, yamlMessage } from '../../machines/files/faults.js'
import { validate } from '../../machines/files/validate.js'
import { parseTerminology, TerminologyFile } from '../../report/terms/terminology.js'

interface PlainFile {
  schema: z.ZodType
  /** What else must hold; throws as the commands that read the file. */
  parse: (content: unknown, file: string) => unknown
}

/** The files in force that are no machine, agent, prompt or profile, by their names in a configuration folder. */
const PLAIN_FILES: Readonly<Record<string, PlainFile>> = {
  'limits.yml': { schema: LimitsFile, parse: parseLimits },
  'relevance.yml': { schema: RelevanceFile, parse: parseRelevance },
  'terminology.yml': { schema: TerminologyFile, parse: parseTerminology },
}

export const PLAIN_FILE_NAMES: readonly string[] = Object.keys(PLAIN_FILES)

/**
 * Returns the faults of a plain file, each with the key and the place that it is about.
 *
 * @param name one of {@link PLAIN_FILE_NAMES}.
 * @throws ConfigError `workspace_file` for a file that cannot be opened, `config_outside` as {@link ConfigTree.find}.
 */
export function plainFileFaults(tree: ConfigTree, name: string): Fault[] {
  const path = tree.find(name)
  const plain = PLAIN_FILES[name]
  if (path === null || plain === undefined) return []
  const file = displayPath(path)
  const { value, faults, keyPlace } = parseYaml(readableText(path))
  if (faults.length > 0)
    return faults.map((fault) => ({ ...at(file, fault.keys, fault), message: yamlMessage(fault) }))
  const wrong = validate(plain.schema, value ?? {}, {}).faults
  if (wrong.length > 0)
    return wrong.map(({ keys, ...fault }) => ({ ...at(file, keys, keyPlace(keys)), ...fault }))
  return faultOf(() => plain.parse(value, file), file)
}

function readableText(path: string): string {
  try {
    return readSmallFile(path)
  } catch {
    // Says in words what is wrong with the file.
    readYamlFile(path)
    return ''
  }
}

function at(file: string, keys: KeyPath, place: TextPlace | null): Omit<Fault, 'message'> {
  return { file, key: formatKey(keys), ...placed(place) }
}

function faultOf(parse: () => unknown, file: string): Fault[] {
  try {
    parse()
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { message, hint } = error
    // The place stands in front of what is said, as everywhere.
    const said = message.startsWith(`${file}: `) ? message.slice(file.length + 2) : message
    return [{ file, key: '', message: said, ...(hint === undefined ? {} : { hint }) }]
  }
}
