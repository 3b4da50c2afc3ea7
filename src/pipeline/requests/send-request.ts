import type { Clock } from '../../core/clock.js'
import type { Logger } from '../../core/logging.js'
import { abortableSleep } from '../../core/sleep.js'
import { guardOf } from '../../db/calls/slots.js'
import { availabilityOf } from '../../db/calls/availability.js'
import { failsSeveral } from '../../db/calls/circuits.js'
import type { Db } from '../../db/engine/prepared.js'
import { wasOfNoUse } from '../../db/calls/last-answer.js'
import { cancelCall, markCallSent, NoTimeLeftError, reserveCall } from '../../db/calls/booking.js'
import type { CallResult } from '../../db/calls/settle.js'
import { settlement } from '../../db/calls/settle.js'
import type { LedgerSettlement } from '../../db/calls/settlement.js'
import { ModelError } from '../../llm/errors.js'
import type { LimitGroup, Limits } from '../../llm/limits.js'
import type { ModelAnswer, ModelProfile, ModelRequest, Usage } from '../../llm/provider.js'
import { questionHash } from '../../llm/response-cache.js'
import type { InFlight } from '../resources/resources.js'
import { callWindow } from '../limits/call-window.js'
import type { CallKeep } from '../limits/day-keeper.js'
import { afterAbort, afterAnswer, afterFailure } from '../limits/circuit-effects.js'
import { circuitList, circuitNames } from '../limits/circuit-names.js'
import { isAbort } from '../failures/judge.js'
import { OUTAGE_CLASSES, ruleOf } from '../failures/rules.js'
import type { RequestPlace } from './told-request.js'
import { toldRequest } from './told-request.js'

export interface SendServices {
  db: Db
  /** Throws RpaError `disk_full` where an answer could not be stored. */
  requireRoom: () => void
  clock: Clock
  budget: number
  limits: Limits
  limitGroup: (profile: ModelProfile) => LimitGroup | null
  /** What a request leaves to papers further on, of the budget and of its group's day. */
  keep: (group: string | null) => Promise<CallKeep>
  inFlight: InFlight
  log: Logger
  /** Reasons to wait that were told, each with the moment. */
  told: Map<string, number>
  /** Nothing is sent after it, epoch milliseconds; null: no end is set. */
  deadline: number | null
  /** Aborted when requests that wait for the slot they have booked are not sent any more. */
  dropBooked: AbortSignal
  /** Called once for each request that is sent. */
  onRequest(role: 'cheap' | 'expensive'): void
}

/** One request as the ledger knows it. */
export interface RequestScope extends RequestPlace {
  /** Hashes of the questions of this paper that this process has an answer to. */
  answered: Set<string>
  /** Aborted when no new request may begin; one that is booked or under way goes on. */
  stopRequests: AbortSignal | undefined
  /** Aborted when the lease is lost: an answer that still comes could not be kept. */
  leaseLost: AbortSignal
}

interface Sent {
  answer: ModelAnswer
  settlement: LedgerSettlement
}

/**
 * Sends one request: books its ledger row, waits for its slot, sends it, and settles the row; that of an answer is
 * settled with the checkpoint that holds it.
 *
 * @throws ModelError with its class, CircuitOpenError, BudgetSpentError or NoTimeLeftError before anything is sent,
 * LeaseLostError, RpaError `disk_full`, or the reason of the signal.
 */
export async function sendRequest(
  services: SendServices,
  scope: RequestScope,
  request: ModelRequest,
  complete: (request: ModelRequest) => Promise<ModelAnswer>,
): Promise<Sent> {
  const { db, clock, limits } = services
  const { profile } = request
  const group = services.limitGroup(profile)
  const hash = questionHash(request)
  const isAskedAnew = hash !== null && (await isToBeAskedAnew(db, scope, hash))
  const callId = await book(services, { ...scope, questionHash: hash }, profile, group)
  const started = clock.now()
  services.onRequest(profile.role)
  services.inFlight.set(callId, performance.now() + profile.timeout * 1000)
  const send = async (tell: (result: CallResult) => void): Promise<Sent> => {
    try {
      const answer = await complete({ ...request, isAskedAnew })
      const result = answeredCall(answer, clock.now() - started)
      tell(result)
      if (hash !== null) scope.answered.add(hash)
      const consequences = afterAnswer(answer, limits)
      return { answer, settlement: settlement(db, callId, result, consequences, clock.now()) }
    } catch (error) {
      const now = clock.now()
      const result = failedCall(error, profile, scope.leaseLost.aborted, now - started)
      tell(result)
      const consequences =
        error instanceof ModelError ? afterFailure(error, profile, group, limits, now) : afterAbort(limits)
      await settlement(db, callId, result, consequences, now).commit()
      if (error instanceof ModelError) await noteOutage(services, error, profile, now)
      throw error
    }
  }
  return toldRequest(profile, scope, send).finally(() => services.inFlight.delete(callId))
}

/** What was of no use before is not wanted again, nor is what this process has: whoever asks for it twice wants another. */
async function isToBeAskedAnew(db: Db, { lease, answered }: RequestScope, hash: string): Promise<boolean> {
  return answered.has(hash) || (await wasOfNoUse(db, lease.executionId, hash))
}

/** While a model is away, it is not the paper that makes it fail. */
async function noteOutage(
  { db, limits }: SendServices,
  error: ModelError,
  profile: ModelProfile,
  now: number,
): Promise<void> {
  const found = await availabilityOf(db, [circuitNames(profile, null).model], now, limits.patienceMs)
  if (found.state !== 'closed' || found.soon) return
  if (await failsSeveral(db, profile.model, OUTAGE_CLASSES)) error.details.closedUntil = found.until
}

/** Returns the ledger row of a request that is sent now. */
async function book(
  services: SendServices,
  scope: RequestScope & { questionHash: string | null },
  profile: ModelProfile,
  group: LimitGroup | null,
): Promise<string> {
  const { db, clock, limits } = services
  const circuits = circuitList(profile, group)
  let since: number | null = null
  // Who gave a slot back, because its moment was missed, has a right to another: the rest of the day was counted on it.
  let stopRequests = scope.stopRequests
  for (;;) {
    stopRequests?.throwIfAborted()
    services.requireRoom()
    const reservation = await reserveCall(db, {
      executionId: scope.lease.executionId,
      phase: scope.phase,
      machine: scope.machine,
      state: scope.state,
      role: profile.role,
      model: profile.model,
      attempt: scope.attempt,
      questionHash: scope.questionHash,
      lease: scope.lease,
      budget: services.budget,
      keep: await services.keep(group?.name ?? null),
      window: group === null ? null : callWindow(group),
      circuits,
      patienceMs: limits.patienceMs,
      timeoutMs: profile.timeout * 1000,
      deadline: services.deadline,
      now: clock.now(),
    })
    if (reservation.kind === 'wait') {
      const { deadline } = services
      if (deadline !== null && reservation.until > deadline) {
        throw new NoTimeLeftError(deadline, reservation.until)
      }
      since ??= clock.now()
      const until = { since, until: reservation.until, reason: reservation.reason }
      await sleepUntil(services, profile, until, [stopRequests, scope.leaseLost])
      continue
    }
    const { callId, sendAt } = reservation
    try {
      if (sendAt > clock.now()) {
        const until = {
          since: clock.now(),
          until: sendAt,
          reason: `${group?.name ?? ''}: the minute's requests are used`,
        }
        await sleepUntil(services, profile, until, [services.dropBooked, scope.leaseLost])
      }
      // A process that was held up (a machine that slept) has missed its moment.
      const missed = group !== null && clock.now() - sendAt > guardOf(group.minuteMs)
      if (!missed && (await markCallSent(db, callId, circuits, clock.now()))) return callId
    } catch (error) {
      await cancelCall(db, callId, clock.now())
      throw error
    }
    await cancelCall(db, callId, clock.now())
    stopRequests = services.dropBooked
  }
}

/** Shorter waits are not worth a line, nor is the same reason again within this time. */
const TOLD_FROM_MS = 2000
const TOLD_AGAIN_MS = 30_000

async function sleepUntil(
  { clock, log, told }: SendServices,
  profile: ModelProfile,
  { since, until, reason }: { since: number; until: number; reason: string },
  signals: (AbortSignal | undefined)[],
): Promise<void> {
  const waitMs = Math.max(1, until - clock.now())
  const toldAt = told.get(reason) ?? 0
  if (until - since >= TOLD_FROM_MS && clock.now() - toldAt >= TOLD_AGAIN_MS) {
    told.set(reason, clock.now())
    // Who looks again every moment does not know how long it takes.
    const next = waitMs < TOLD_FROM_MS ? '' : `; next request in ${Math.ceil(waitMs / 1000)} s`
    log.info(`${profile.model}: ${reason}${next}`)
  }
  const ended = log.waits(reason, until)
  try {
    await abortableSleep(waitMs, AbortSignal.any(signals.filter((signal) => signal !== undefined)))
  } finally {
    ended()
  }
}

function answeredCall(answer: ModelAnswer, latencyMs: number): CallResult {
  return {
    outcome: 'ok',
    model: answer.model,
    statusCode: 200,
    errorClass: null,
    counted: true,
    ...usageOf(answer),
    cached: answer.cached,
    latencyMs,
    rateLimit: answer.rateLimit,
  }
}

function failedCall(error: unknown, profile: ModelProfile, lost: boolean, latencyMs: number): CallResult {
  const empty = { ...usageOf({}), rateLimit: null, latencyMs }
  if (!(error instanceof ModelError)) {
    const aborted = lost || isAbort(error)
    return {
      ...empty,
      outcome: aborted ? 'aborted' : 'error',
      statusCode: null,
      errorClass: aborted ? 'aborted' : 'internal',
      counted: true,
    }
  }
  const { details, errorClass } = error
  return {
    outcome: ruleOf(error).limited === true ? 'rate_limited' : 'error',
    statusCode: details.statusCode ?? null,
    errorClass,
    counted: !profile.uncounted.has(errorClass),
    ...usageOf(details),
    cached: details.cached,
    latencyMs,
    rateLimit: details.rateLimit ?? null,
  }
}

function usageOf(
  usage: Usage,
): Pick<
  CallResult,
  'promptTokens' | 'cachedTokens' | 'completionTokens' | 'reasoningTokens' | 'costUsd' | 'servedBy'
> {
  const { promptTokens = null, completionTokens = null, costUsd = null } = usage
  const { cachedTokens, reasoningTokens, servedBy } = usage
  return { promptTokens, cachedTokens, completionTokens, reasoningTokens, costUsd, servedBy }
}
