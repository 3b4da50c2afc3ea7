import { availabilityOf } from '../../db/calls/circuit-states.js'
import { isModelAway } from '../../db/calls/circuits.js'
import type { Db } from '../../db/engine/prepared.js'
import { wasOfNoUse } from '../../db/calls/last-answer.js'
import { othersAnswered } from '../../db/calls/own-failures.js'
import { cancelCall } from '../../db/calls/sending.js'
import type { CallResult } from '../../db/calls/settle.js'
import { settlement } from '../../db/calls/settle.js'
import type { LedgerSettlement } from '../../db/calls/settlement.js'
import { ModelError } from '../../llm/errors.js'
import type { LimitGroup } from '../../llm/limits.js'
import type { ModelAnswer, ModelProfile, ModelRequest, Usage } from '../../llm/provider.js'
import { questionHash } from '../../llm/response-cache.js'
import { sizeOfPrompt } from '../../llm/tokens.js'
import { afterAbort, afterAnswer, afterFailure } from '../limits/circuit-effects.js'
import { circuitList, circuitNames } from '../limits/circuit-names.js'
import { awaitSlot, bookSlot } from './book-slot.js'
import { noteCutPrompt } from './cut-prompt.js'
import { Departure } from './departure.js'
import type { BookedScope, RequestScope, SendServices } from './send-scope.js'
import { isAbort } from '../failures/judge.js'
import { OUTAGE_CLASSES, ruleOf } from '../failures/rules.js'
import { tracedRequest } from './traced-request.js'

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
  const group = services.limitGroup(request.profile)
  const hash = questionHash(request)
  const isAskedAnew = hash !== null && (await isToBeAskedAnew(services.db, scope, hash))
  const booked = { ...scope, questionHash: hash, estimatedTokens: sizeOfPrompt(request) }
  for (let aheadMs = 0; ; aheadMs = Math.min(Math.max(2 * aheadMs, FIRST_AHEAD_MS), LONGEST_AHEAD_MS)) {
    const sent = await sendInSlot(services, booked, { ...request, isAskedAnew }, group, aheadMs, complete)
    if (sent !== null) return sent
    // Who missed a slot has a right to another: the rest of the day was counted on it.
    booked.stopRequests = services.dropBooked
  }
}

/** Who missed a slot, maybe because a connection took long to open, opens it earlier next time; none takes as long as the last. */
const FIRST_AHEAD_MS = 500
const LONGEST_AHEAD_MS = 16_000

/** Books a slot and sends a request in it. Returns null where the slot was missed, and nothing was sent. */
async function sendInSlot(
  services: SendServices,
  scope: BookedScope,
  request: ModelRequest,
  group: LimitGroup | null,
  aheadMs: number,
  complete: (request: ModelRequest) => Promise<ModelAnswer>,
): Promise<Sent | null> {
  const { db, clock, limits } = services
  const { profile } = request
  const booking = await bookSlot(services, scope, profile, group)
  const { callId } = booking
  await awaitSlot(services, scope, profile, booking, aheadMs).catch(async (error: unknown) => {
    await cancelCall(db, callId, clock.now())
    throw error
  })
  let started = clock.now()
  const signal = AbortSignal.any([services.dropBooked, scope.leaseLost])
  const onSent = (): void => {
    started = clock.now()
    services.onRequest(profile.role)
    services.inFlight.set(callId, performance.now() + profile.timeout * 1000)
  }
  const departure = new Departure({ db, clock, signal, onSent }, booking, circuitList(profile, group))
  const send = async (tell: (result: CallResult) => void): Promise<Sent | null> => {
    try {
      const answer = await complete({ ...request, beforeSending: (isGone) => departure.permit(isGone) })
      const result = answeredCall(answer, clock.now() - started)
      tell(result)
      noteCutPrompt(services, scope, profile, answer)
      if (scope.questionHash !== null) scope.answered.add(scope.questionHash)
      const consequences = afterAnswer(answer, limits)
      return { answer, settlement: settlement(db, callId, result, consequences, clock.now()) }
    } catch (error) {
      const now = clock.now()
      const fate = await departure.fate()
      // A connection that nobody has used for a while may just have ended; a new one that ends is a failure.
      const isSlotLost = fate.kind === 'missed' || (fate.kind === 'gone' && aheadMs === 0)
      const isMissed = isSlotLost && request.signal?.aborted !== true
      const isFailure = fate.kind === 'sent' || (fate.kind !== 'failed' && error instanceof ModelError)
      if (isMissed || !isFailure) {
        await cancelCall(db, callId, now)
        if (isMissed) return null
        throw fate.kind === 'failed' ? fate.error : error
      }
      const result = failedCall(error, profile, scope.leaseLost.aborted, now - started)
      tell(result)
      const consequences =
        error instanceof ModelError ? afterFailure(error, profile, group, limits, now) : afterAbort(limits)
      await settlement(db, callId, result, consequences, now).commit()
      if (error instanceof ModelError) await noteOthers(services, scope, error, profile, now)
      throw error
    }
  }
  return tracedRequest(profile, scope, send).finally(() => services.inFlight.delete(callId))
}

/** What was of no use before is not wanted again, nor is what this process has: whoever asks for it twice wants another. */
async function isToBeAskedAnew(db: Db, { lease, answered }: RequestScope, hash: string): Promise<boolean> {
  return answered.has(hash) || (await wasOfNoUse(db, lease.executionId, hash))
}

/** While a model is away, it is not the paper that makes it fail; where it answers others, it may be. */
async function noteOthers(
  { db, limits }: SendServices,
  { lease: { executionId } }: RequestScope,
  error: ModelError,
  profile: ModelProfile,
  now: number,
): Promise<void> {
  const { errorClass, details } = error
  if (ruleOf(error).own === true)
    details.othersAnswered = await othersAnswered(db, { executionId, model: profile.model, errorClass }, now)
  const found = await availabilityOf(db, [circuitNames(profile, null).model], now, limits.patienceMs)
  if (found.state !== 'closed' || found.soon) return
  if (await isModelAway(db, profile.model, OUTAGE_CLASSES, now)) details.closedUntil = found.until
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
