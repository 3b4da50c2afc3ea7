import { machineFault } from '../../core/files/disk-error.js'
import { ConfigError, PaperError, RpaError, messageOf } from '../../core/errors.js'
import { CircuitOpenError } from '../../db/calls/circuits.js'
import { LeaseLostError } from '../../db/leases/leases.js'
import { BudgetSpentError } from '../../db/calls/day-counts.js'
import { NoTimeLeftError } from '../../db/calls/booking.js'
import { ModelError } from '../../llm/errors.js'
import { SourceBusyError, SourceTroubleError } from '../../papers/fetch/host-turn.js'
import type { Backoff, Limits } from '../../llm/limits.js'
import type { FailureRule, HostRule, StopReason } from './rules.js'
import { classOf, ruleOf } from './rules.js'

export interface Verdict {
  /** `fail`: the paper failed; `release`: it goes back; `abandon`: it is somebody else's now. */
  paper: FailureRule['paper']
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
  /** The paper goes back because of the host of its PDF; null: it does not. */
  host: HostRule['kind'] | null
}

/** A paper that alone gets no PDF from its host waits so long after each of its tries: the fifth comes after more than a day. */
const ALONE_WAITS_MS = [60_000, 600_000, 7_200_000, 86_400_000]

/** A source of PDFs that does not say when is asked again after this time; meanwhile other papers have their turn. */
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
  const cause = rootCause(thrown)
  const error = machineFault(cause) ?? cause
  const rule = ruleOf(error)
  const { paper, refund, stop } = rule
  const verdict: Verdict = {
    paper,
    refund,
    stop,
    errorClass: classOf(error),
    message: messageOf(error),
    hint: error instanceof RpaError ? (error.hint ?? null) : null,
    retryAt: null,
    notBefore: null,
    fatal: rule.exit !== null && error instanceof RpaError ? commandError(error) : null,
    host: null,
  }
  if (error instanceof NoTimeLeftError) return { ...verdict, retryAt: error.sendAt }
  if (error instanceof CircuitOpenError) {
    return { ...verdict, paper: 'release', refund: true, stop: stop ?? 'circuit', retryAt: error.retryAt }
  }
  if (error instanceof BudgetSpentError) return { ...verdict, retryAt: error.resetsAt }
  if (error instanceof ModelError) return { ...verdict, ...judgeModel(error, rule, circumstances) }
  if (rule.host !== undefined) return { ...verdict, ...judgeHost(error, rule.host, circumstances) }
  return verdict
}

function judgeHost(
  error: unknown,
  { kind }: HostRule,
  { now, attempt, maxAttempts }: Circumstances,
): Partial<Verdict> {
  if (kind === 'missing') return {}
  // A file on this machine is nobody else's trouble; one paper alone that its host has trouble with uses up its tries.
  const alone = error instanceof SourceTroubleError
  if (kind === 'trouble' && !alone && !(error instanceof SourceBusyError)) return {}
  if (alone && attempt >= maxAttempts) return { paper: 'fail' }
  const aloneMs = ALONE_WAITS_MS[Math.min(attempt, ALONE_WAITS_MS.length) - 1] ?? SOURCE_WAIT_MS
  const told = error instanceof SourceBusyError ? error.retryAt : null
  const retryAt = told ?? now + (alone ? aloneMs : SOURCE_WAIT_MS)
  return { paper: 'release', refund: !alone, retryAt, notBefore: retryAt, host: kind }
}

function judgeModel(
  error: ModelError,
  rule: FailureRule,
  { now, limits, attempt, maxAttempts, failures, random }: Circumstances,
): Partial<Verdict> {
  const passes = rule.circuit?.when === 'outage' || rule.circuit?.when === 'dense'
  const told = error.details.retryAt ?? null
  const closedUntil = passes && told === null ? (error.details.closedUntil ?? null) : null
  const refund = rule.refund || closedUntil !== null
  const spent = !refund && attempt >= maxAttempts
  const isOwn = rule.own === true && !refund && error.details.othersAnswered === true
  if (rule.paper === 'fail' || spent || isOwn) return { paper: 'fail', refund, stop: null, fatal: null }
  if (closedUntil !== null) return { paper: 'release', refund, stop: 'circuit', retryAt: closedUntil }
  // What passes soon ends nothing: the paper waits, the others go on.
  const soon = told !== null && told - now <= limits.patienceMs
  const stop = soon ? null : rule.stop
  const waitMs = rule.wait === null ? null : fullJitter(limits.backoff[rule.wait], failures, random)
  const retryAt = told ?? (waitMs === null ? null : now + waitMs)
  return { paper: 'release', refund, stop, retryAt, notBefore: stop === null ? retryAt : null }
}

/** Exponential backoff with full jitter: uniform between zero and the doubled wait (Brooker, "Exponential Backoff and Jitter", 2015). */
function fullJitter({ firstMs, longestMs }: Backoff, failures: number, random: () => number): number {
  return Math.round(random() * Math.min(longestMs, firstMs * 2 ** Math.min(20, failures - 1)))
}

/** Returns whether the failure is the user's wish to stop. */
export function isAbort(error: unknown): boolean {
  return ruleOf(error).stop === 'signal'
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

/** Returns the error that ends the command, with its exit code and words, for a failure that is not the paper's. */
export function commandError(error: RpaError): RpaError {
  const { exit, hint: fixed } = ruleOf(error)
  const circuit = error instanceof CircuitOpenError ? error.circuit : null
  const hint = circuit === null || fixed === undefined ? error.hint : fixed.replaceAll('{circuit}', circuit)
  return new RpaError(classOf(error), error.message, {
    exitCode: error instanceof ConfigError ? error.exitCode : (exit ?? error.exitCode),
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}
