/** Exit codes that scripts rely on; the numbers follow BSD sysexits where one fits. */
export const EXIT = { ok: 0, failure: 1, usage: 2, unavailable: 69, tempfail: 75, config: 78 } as const

export interface RpaErrorOptions {
  /** What the user can do about it, one sentence. */
  hint?: string
  /** Exit code of the process if the error ends the command; default 1. */
  exitCode?: number
  cause?: unknown
}

/** An error the user reads: a stable `code` to match on, a message that says what happened to what, and a hint. */
export class RpaError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(code: string, message: string, options: RpaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.hint = options.hint
    this.exitCode = options.exitCode ?? EXIT.failure
  }
}

/** Wrong or missing configuration: exit code 78. */
export class ConfigError extends RpaError {
  constructor(code: string, message: string, options: RpaErrorOptions = {}) {
    super(code, message, { exitCode: EXIT.config, ...options })
  }
}

/** A wrong flag or argument: exit code 2. */
export class UsageError extends RpaError {
  constructor(code: string, message: string, options: RpaErrorOptions = {}) {
    super(code, message, { exitCode: EXIT.usage, ...options })
  }
}

/** Why one paper cannot go on. What follows from each stands in the pipeline's failure rules. */
export const PAPER_ERROR_CLASSES = [
  'pdf_not_found',
  'pdf_withdrawn',
  'pdf_source_unreachable',
  'pdf_rate_limited',
  'pdf_download_failed',
  'pdf_host_forbidden',
  'pdf_empty',
  'pdf_is_html',
  'pdf_not_a_pdf',
  'pdf_corrupt',
  'pdf_other_paper',
  'pdf_too_large',
  'pdf_too_many_pages',
  'pdf_encrypted',
  'pdf_no_text',
  'pdf_timeout',
  'pdf_crashed',
  'pdf_reader_closed',
  'context_too_small',
  'paper_text_missing',
  'analysis_missing',
  'too_many_attempts',
] as const

export type PaperErrorClass = (typeof PAPER_ERROR_CLASSES)[number]

/** One paper cannot go on; the others do. Its code becomes `error_class` of its execution. */
export class PaperError extends RpaError {
  declare readonly code: PaperErrorClass

  constructor(code: PaperErrorClass, message: string, options: RpaErrorOptions = {}) {
    super(code, message, options)
  }
}

/** Returns the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Returns the system code (`ENOENT`, `SQLITE_BUSY`, …) of a thrown value, or null. */
export function systemCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** Returns the error for a native module that was built for another Node or another system; null for any other error. */
export function nativeModuleError(error: unknown): RpaError | null {
  if (systemCode(error) !== 'ERR_DLOPEN_FAILED') return null
  return new RpaError(
    'sqlite_binary',
    'The SQLite module was built for another version of Node or another system.',
    {
      hint: 'Run `npm rebuild better-sqlite3` in the folder of rpa.',
      cause: error,
    },
  )
}
