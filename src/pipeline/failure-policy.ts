import { nextUtcMidnight } from '../core/clock.js'
import { BudgetSpentError } from '../db/ledger.js'
import { LeaseLostError } from '../db/errors.js'
import type { ModelErrorClass } from '../llm/errors.js'
import { ModelError } from '../llm/errors.js'
import { ConfigError, PaperError, RpaError, messageOf } from '../core/errors.js'

/** Why a command stopped before the work was done. */
export type StopReason = 'budget' | 'circuit' | 'time' | 'signal'

export interface Verdict {
  /** `fail`: the paper failed; `release`: it goes back, the try does not count; `abandon`: it is somebody else's now. */
  paper: 'fail' | 'release' | 'abandon'
  /** Ends the whole command after this paper, or null. */
  stop: StopReason | null
  errorClass: string
  message: string
  hint: string | null
  /** Epoch milliseconds before which it is pointless to try again. */
  retryAt: number | null
  /** An error that concerns the command, not the paper: thrown when the paper has been put back. */
  fatal: RpaError | null
  /** A service could not be reached. One such failure may be chance; several in a row end the command. */
  unreachable: boolean
}

interface Rule {
  paper: 'fail' | 'release'
  stop: StopReason | null
  /** Where the provider does not say when it ends: wait this long, seconds; left out: until the next UTC day. */
  waitSeconds?: number
  fatal?: true
}

/** What follows from each class of failure. Nothing else in the code decides about it. */
const MODEL_RULES: Record<ModelErrorClass, Rule> = {
  rate_limited_minute: { paper: 'release', stop: 'circuit', waitSeconds: 60 },
  rate_limited_day: { paper: 'release', stop: 'budget' },
  rate_limited_upstream: { paper: 'release', stop: 'circuit', waitSeconds: 300 },
  payment_required: { paper: 'release', stop: 'circuit', waitSeconds: 3600 },
  key_rejected: { paper: 'release', stop: null, fatal: true },
  model_gone: { paper: 'release', stop: null, fatal: true },
  unreachable: { paper: 'release', stop: null, fatal: true },
  moderated: { paper: 'fail', stop: null },
  context_overflow: { paper: 'fail', stop: null },
  bad_request: { paper: 'fail', stop: null },
  server_error: { paper: 'fail', stop: null },
  timeout: { paper: 'fail', stop: null },
  connection_failed: { paper: 'fail', stop: null },
  empty_answer: { paper: 'fail', stop: null },
  truncated_answer: { paper: 'fail', stop: null },
  filtered_answer: { paper: 'fail', stop: null },
  malformed_answer: { paper: 'fail', stop: null },
}

/** Codes that mean: the machine, not the paper, is in trouble. Going on would fail every paper the same way. */
const FATAL_CODES = new Set([
  'report_write_failed',
  'disk_full',
  'disk_read_only',
  'db_read_only',
  'db_corrupt',
  'db_locked',
  'data_folder',
])

/** The PDF source, not the paper, is in trouble: it is away, or asks for patience. */
const SOURCE_CODES = new Set(['pdf_source_unreachable', 'pdf_rate_limited'])
/** Such a source is asked again after this time; meanwhile other papers have their turn. */
const SOURCE_WAIT_MS = 600_000

/** Returns what happens to the paper and to the command after a failure. */
export function judge(thrown: unknown, now: number): Verdict {
  const error = rootCause(thrown)
  const base = {
    errorClass: errorClassOf(error),
    message: messageOf(error),
    hint: error instanceof RpaError ? (error.hint ?? null) : null,
    retryAt: null,
    stop: null,
    fatal: null,
    unreachable: false,
  }
  if (error instanceof LeaseLostError) return { ...base, paper: 'abandon' }
  if (error instanceof BudgetSpentError) {
    return { ...base, paper: 'release', stop: 'budget', retryAt: error.resetsAt }
  }
  if (error instanceof ModelError) {
    const rule = MODEL_RULES[error.errorClass]
    const wait = rule.waitSeconds === undefined ? nextUtcMidnight(now) : now + rule.waitSeconds * 1000
    return {
      ...base,
      paper: rule.paper,
      stop: rule.stop,
      retryAt: rule.stop === null ? null : (error.details.retryAt ?? wait),
      fatal: rule.fatal === true ? asCommandError(error) : null,
    }
  }
  if (error instanceof RpaError && SOURCE_CODES.has(error.code)) {
    return { ...base, paper: 'release', retryAt: now + SOURCE_WAIT_MS, unreachable: true }
  }
  if (isAbort(error)) return { ...base, paper: 'release', stop: 'signal' }
  if (error instanceof ConfigError || (error instanceof RpaError && FATAL_CODES.has(error.code))) {
    return { ...base, paper: 'release', fatal: error }
  }
  return { ...base, paper: 'fail' }
}

/** Returns whether the failure is the user's wish to stop. */
export function isAbort(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'AbortError' || (error instanceof RpaError && error.code === 'aborted'))
  )
}

/** A failed child of a machine wraps the error of its request: that one decides. */
function rootCause(error: unknown): unknown {
  for (let current = error; current instanceof Error; current = current.cause) {
    const decisive =
      current instanceof ModelError ||
      current instanceof BudgetSpentError ||
      current instanceof LeaseLostError
    if (decisive || current instanceof PaperError || current instanceof ConfigError) return current
  }
  return error
}

function errorClassOf(error: unknown): string {
  if (error instanceof RpaError) return error.code
  return error instanceof Error ? error.name : 'error'
}

const EXIT_CODES: Partial<Record<ModelErrorClass, number>> = {
  unreachable: 69,
  key_rejected: 78,
  model_gone: 78,
}

function asCommandError(error: ModelError): RpaError {
  const exitCode = EXIT_CODES[error.errorClass] ?? 1
  return new RpaError(error.code, error.message, {
    exitCode,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}
