import { statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { diskHint } from '../files/disk-error.js'
import { ConfigError, messageOf, systemCode } from '../errors.js'
import { readSmallFile } from '../files/small-file.js'
import { asSentence, didYouMean } from '../words-alike.js'

export interface EnvFile {
  /** Variables that the file sets. */
  variables: Record<string, string>
  /** Others than its owner may read it. */
  isOpen: boolean
  /** Lines that were meant to set something of ours, and set nothing. */
  faults: ConfigError[]
}

/**
 * Returns what a file of `NAME=value` lines sets; null where there is none. Lines of other programs are theirs.
 *
 * @param known names of variables that are read.
 * @throws ConfigError `env_file` if it cannot be read.
 */
export function readEnvFile(file: string, known: readonly string[]): EnvFile | null {
  try {
    const stat = statSync(file, { throwIfNoEntry: false })
    if (stat === undefined) return null
    // Windows knows no such rights.
    const isOpen = process.platform !== 'win32' && (stat.mode & 0o077) !== 0
    const text = readSmallFile(file)
    const variables = parseEnv(assignmentsIn(text)) as Record<string, string>
    return { variables, isOpen, faults: faultsIn(text, file, { known, variables }) }
  } catch (error) {
    throw new ConfigError('env_file', `${file} cannot be read: ${messageOf(error)}.`, {
      hint:
        systemCode(error) === null
          ? 'Save it as text in UTF-8, or move it away.'
          : diskHint(error, 'move it away'),
      cause: error,
    })
  }
}

const LINE_END = /\r\n?|\n/

/** Node's parser takes a line without `=` and what stands in the next one for one name. */
function assignmentsIn(text: string): string {
  const bare = withoutQuoted(text).split(LINE_END)
  return text
    .split(LINE_END)
    .filter((_, at) => bare[at]?.trim() === '' || bare[at]?.includes('='))
    .join('\n')
}

const PREFIX = 'RPA_'
const SECRET = /_(?:KEY|TOKEN|SECRET)$/i
const NAMED = /^[ \t]*(?:(?:export|set|setenv)[ \t]+|\$env:)?([a-z]\w*)[ \t]*(\S?)/i

/** A name of ours that is written otherwise than it is read, or in a line that is no assignment: a limit that somebody set would not hold. */
function faultsIn(
  text: string,
  file: string,
  { known, variables }: { known: readonly string[]; variables: Record<string, string> },
): ConfigError[] {
  return withoutQuoted(text)
    .split(LINE_END)
    .flatMap((line, at): ConfigError[] => {
      const [, name, next] = NAMED.exec(line) ?? []
      if (name === undefined || (known.includes(name) && Object.hasOwn(variables, name))) return []
      // Values stay out of the words: they may be keys.
      const place = `${file}, line ${at + 1}`
      // A profile may have its key under any name.
      if (SECRET.test(name) && next !== '' && !Object.hasOwn(variables, name))
        return [notSet(`${place}: ${name} is not set by this line.`, `Write ${name}=VALUE.`)]
      if (!/^rpa_/i.test(name) && !known.includes(name)) return []
      if (known.includes(name.toUpperCase()))
        return [notSet(`${place}: ${name} is not set by this line.`, `Write ${name.toUpperCase()}=VALUE.`)]
      const near = nearVariable(name, known)
      return near === undefined ? [] : [notSet(`${place}: ${name} is no setting.`, asSentence(near))]
    })
}

/** So many letters of a name in the environment are a slip of the pen: it is full of others', and what is said of them is said by every command. */
const SLIPS = 2

/**
 * Returns what to say of variables that were meant for us, as it seems, and are not read; never their values.
 *
 * @param known names of variables that are read.
 */
export function strangersIn(env: NodeJS.ProcessEnv, known: readonly string[]): string[] {
  return Object.keys(env).flatMap((name) => {
    if (!/^rpa_/i.test(name) || known.includes(name)) return []
    const upper = name.toUpperCase()
    // Windows does not tell the two apart.
    if (known.includes(upper))
      return process.platform === 'win32' ? [] : [`${name} is not read: write ${upper}`]
    const near = nearVariable(name, known, SLIPS)
    return near === undefined ? [] : [`${name} is no setting: ${near}`]
  })
}

/** Somebody's own names begin as ours, too; what all of them begin with is no likeness. */
function nearVariable(name: string, known: readonly string[], most?: number): string | undefined {
  if (SECRET.test(name)) return undefined
  return didYouMean(name.slice(PREFIX.length), ours(known), most)?.replace('"', `"${PREFIX}`)
}

/** Values in quotes go over lines; of them only the line ends are left, by which lines are counted. */
function withoutQuoted(text: string): string {
  return text.replace(
    /(=[ \t]*)(["'`])[\s\S]*?\2/g,
    (quoted, before: string) => before + quoted.replace(/[^\r\n]+/g, ''),
  )
}

function ours(known: readonly string[]): string[] {
  return known.flatMap((name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : []))
}

function notSet(message: string, hint: string): ConfigError {
  return new ConfigError('env_file', message, { hint })
}
