import { ConfigError, EXIT, PaperError, RpaError, messageOf } from '../../core/errors.js'
import { CircuitOpenError } from '../../db/calls/circuits.js'
import { LeaseLostError } from '../../db/leases/leases.js'
import { BudgetSpentError } from '../../db/calls/day-counts.js'
import { NoTimeLeftError } from '../../db/calls/reserve.js'
import { ModelError } from '../../llm/errors.js'
import type { Backoff, Limits } from '../../llm/limits.js'
import type { StopReason } from './rules.js'
import { FAILURE_RULES } from './rules.js'

export interface Verdict {
  /** `fail`: the paper failed; `release`: it goes back; `abandon`: it is somebody else's now. */
  paper: 'fail' | 'release' | 'abandon'
  /** Whether the try of a paper that goes back is not counted. */
  refund: boolean
  /** Ends the whole command after this paper, or null. */
  stop: StopReason | null
  errorClass: string
  message: string
  hint: string | null
  /** Epoch milliseconds before which it is pointless to try again. */
  retryAt: number | null
  /** Epoch milliseconds before which this paper is not taken again. */
  notBefore: number | null
  /** An error that concerns the command, not the paper: thrown when the paper has been put back. */
  fatal: RpaError | null
  /** A service could not be reached. One such failure may be chance; several in a row end the command. */
  unreachable: boolean
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

export interface Circumstances {
  now: number
  limits: Limits
  /** Which try of the paper this was, from 1. */
  attempt: number
  maxAttempts: number
  /** How often the paper has met this class of failure lately, from 1. */
  failures: number
  /** Uniform in [0, 1). */
  random: () => number
}

/** Returns what happens to the paper and to the command after a failure. */
export function judge(thrown: unknown, circumstances: Circumstances): Verdict {
  const { now } = circumstances
  const error = rootCause(thrown)
  const base = {
    errorClass: errorClassOf(error),
    message: messageOf(error),
    hint: error instanceof RpaError ? (error.hint ?? null) : null,
    refund: true,
    retryAt: null,
    notBefore: null,
    stop: null,
    fatal: null,
    unreachable: false,
  }
  if (error instanceof LeaseLostError) return { ...base, paper: 'abandon' }
  if (error instanceof BudgetSpentError) {
    return { ...base, paper: 'release', stop: 'budget', retryAt: error.resetsAt }
  }
  if (error instanceof NoTimeLeftError)
    return { ...base, paper: 'release', stop: 'time', retryAt: error.sendAt }
  if (error instanceof CircuitOpenError) {
    const stop = error.errorClass === 'rate_limited_day' ? 'budget' : 'circuit'
    const fatal = error.errorClass === 'model_gone' ? commandError(error.errorClass, error) : null
    return { ...base, errorClass: error.errorClass, paper: 'release', stop, retryAt: error.retryAt, fatal }
  }
  if (error instanceof ModelError) return { ...base, ...judgeModel(error, circumstances) }
  if (error instanceof RpaError && SOURCE_CODES.has(error.code)) {
    const told = 'retryAt' in error && typeof error.retryAt === 'number' ? error.retryAt : null
    const retryAt = told ?? now + SOURCE_WAIT_MS
    return { ...base, paper: 'release', retryAt, notBefore: retryAt, unreachable: told === null }
  }
  if (isAbort(error)) return { ...base, paper: 'release', stop: 'signal' }
  if (error instanceof ConfigError || (error instanceof RpaError && FATAL_CODES.has(error.code))) {
    return { ...base, paper: 'release', fatal: error }
  }
  return { ...base, paper: 'fail' }
}

function judgeModel(
  error: ModelError,
  { now, limits, attempt, maxAttempts, failures, random }: Circumstances,
): Pick<Verdict, 'paper' | 'refund' | 'stop' | 'retryAt' | 'notBefore' | 'fatal'> {
  const rule = FAILURE_RULES[error.errorClass]
  const none = { stop: null, retryAt: null, notBefore: null, fatal: null }
  const passes = rule.circuit?.when === 'outage' || rule.circuit?.when === 'dense'
  const told = error.details.retryAt ?? null
  const closedUntil = passes && told === null ? (error.details.closedUntil ?? null) : null
  const refund = rule.refund || closedUntil !== null
  const spent = !refund && attempt >= maxAttempts
  if (rule.paper === 'fail' || spent) return { ...none, paper: 'fail', refund }
  const fatal = rule.fatal === true ? commandError(error.errorClass, error) : null
  if (closedUntil !== null) {
    return { ...none, paper: 'release', refund, stop: 'circuit', retryAt: closedUntil, fatal }
  }
  // What passes soon ends nothing: the paper waits, the others go on.
  const soon = told !== null && told - now <= limits.patienceMs
  const stop = soon ? null : rule.stop
  const waitMs = rule.wait === null ? null : fullJitter(limits.backoff[rule.wait], failures, random)
  const retryAt = told ?? (waitMs === null ? null : now + waitMs)
  return { paper: 'release', refund, stop, retryAt, notBefore: stop === null ? retryAt : null, fatal }
}

/** Exponential backoff with full jitter: uniform between zero and the doubled wait (Brooker, "Exponential Backoff and Jitter", 2015). */
function fullJitter({ firstMs, longestMs }: Backoff, failures: number, random: () => number): number {
  return Math.round(random() * Math.min(longestMs, firstMs * 2 ** Math.min(20, failures - 1)))
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
      current instanceof CircuitOpenError ||
      current instanceof BudgetSpentError ||
      current instanceof NoTimeLeftError ||
      current instanceof LeaseLostError
    if (decisive || current instanceof PaperError || current instanceof ConfigError) return current
  }
  return error
}

function errorClassOf(error: unknown): string {
  if (error instanceof RpaError) return error.code
  return error instanceof Error ? error.name : 'error'
}

const EXIT_CODES: Partial<Record<string, number>> = {
  unreachable: EXIT.unavailable,
  key_rejected: EXIT.config,
  data_policy: EXIT.config,
  endpoint_wrong: EXIT.config,
  parameter_refused: EXIT.config,
  model_gone: EXIT.config,
}

/** Returns the error that ends the command, with its exit code, for a failure that is not the paper's. */
export function commandError(errorClass: string, error: RpaError): RpaError {
  return new RpaError(errorClass, error.message, {
    exitCode: EXIT_CODES[errorClass] ?? EXIT.failure,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}
