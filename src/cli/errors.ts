import { arxivIdOf } from '../core/arxiv-id.js'
import { machineFault } from '../core/files/disk-error.js'
import { asSentence, didYouMean } from '../core/words-alike.js'
import { EXIT, RpaError, messageOf, nativeModuleError } from '../core/errors.js'
import { usageWords } from './usage-words.js'

export interface ErrorDocument {
  code: string
  message: string
  hint?: string
}

/**
 * Returns what a script reads under `error`.
 *
 * @param command the words of the command that was called, if one was found.
 */
export function errorDocument(thrown: unknown, command?: string): ErrorDocument {
  const error = nativeModuleError(thrown) ?? machineFault(thrown) ?? thrown
  if (error instanceof RpaError) {
    return {
      code: error.code,
      // Thrown for the value of a flag, oclif has put its own words around it.
      message: error.message.startsWith('Parsing -') ? usageWords(error) : error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    }
  }
  if (isUsageError(error)) {
    return {
      code: 'usage',
      message: usageWords(error),
      hint: [
        ...meantFlag(error),
        ...meantPaper(error),
        `See \`${command === undefined ? 'rpa' : `rpa ${command}`} --help\`.`,
      ].join(' '),
    }
  }
  return {
    code: 'internal',
    message: messageOf(error),
    hint: 'This is a fault of rpa; --debug shows where it happened.',
  }
}

/** Returns the lines a person reads on stderr. */
export function errorLines({ message, hint }: ErrorDocument): string {
  return printable(`rpa: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`)
}

/** Returns a text without control characters but line breaks: providers and papers have a say in messages. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]+/g, ' ')
}

/** Returns the exit code of the process for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof RpaError) return error.exitCode
  return isUsageError(error) ? EXIT.usage : EXIT.failure
}

/** Names the flag that was meant by one that the command does not have; oclif's parser keeps what it knew beside the error. */
function meantFlag(error: unknown): string[] {
  const { flags, parse } = error as { flags?: unknown; parse?: { input?: { flags?: object } } }
  const [first] = Array.isArray(flags) ? (flags as unknown[]) : []
  if (typeof first !== 'string' || parse?.input?.flags === undefined) return []
  const known = Object.keys(parse.input.flags).map((name) => `--${name}`)
  return [didYouMean(first, known) ?? []].flat().map(asSentence)
}

/** Names the flag for papers where the id of one stands where nothing has a place. */
function meantPaper(error: unknown): string[] {
  const { args, parse } = error as { args?: unknown; parse?: { input?: { flags?: object } } }
  const [first] = Array.isArray(args) ? (args as unknown[]) : []
  const takesIds = Object.hasOwn(parse?.input?.flags ?? {}, 'id')
  return takesIds && typeof first === 'string' && arxivIdOf(first) !== null
    ? [`Name papers by \`--id ${first}\`.`]
    : []
}

/** oclif marks the errors of its parser, and unknown commands, with exit code 2. */
function isUsageError(error: unknown): error is Error {
  if (!(error instanceof Error) || !('oclif' in error)) return false
  const { oclif } = error as { oclif?: { exit?: unknown } }
  return oclif?.exit === EXIT.usage
}
