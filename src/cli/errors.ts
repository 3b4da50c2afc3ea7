import { EXIT, RpaError, messageOf } from '../core/errors.js'

export interface ErrorDocument {
  code: string
  message: string
  hint?: string
}

/** Returns what a script reads under `error`. */
export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof RpaError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    }
  }
  if (isUsageError(error)) {
    return {
      code: 'usage',
      message: firstLine(messageOf(error)),
      hint: 'See `rpa --help` or `rpa COMMAND --help`.',
    }
  }
  return {
    code: 'internal',
    message: messageOf(error),
    hint: 'This is a fault of rpa; --debug shows where it happened.',
  }
}

/** Returns the exit code of the process for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof RpaError) return error.exitCode
  return isUsageError(error) ? EXIT.usage : EXIT.failure
}

/** oclif marks the errors of its parser, and unknown commands, with exit code 2. */
function isUsageError(error: unknown): boolean {
  if (!(error instanceof Error) || !('oclif' in error)) return false
  const { oclif } = error as { oclif?: { exit?: unknown } }
  return oclif?.exit === EXIT.usage
}

function firstLine(message: string): string {
  const lines = message.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !/^See more help/i.test(line)).join(' ')
}
