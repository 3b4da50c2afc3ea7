import type { CircuitTuning } from '../../src/db/calls/circuit-openings.js'
import type { CallWindow } from '../../src/db/calls/slots.js'
import type { Lease } from '../../src/db/leases/leases.js'
import type { Db } from '../../src/db/engine/prepared.js'
import type { CallRequest } from '../../src/db/calls/booking.js'
import { reserveCall } from '../../src/db/calls/booking.js'
import type { CallResult, Consequences } from '../../src/db/calls/settle.js'
import { NOON } from './noon.js'

/** When circuits open, unless a test says otherwise; milliseconds. */
export const TUNING: CircuitTuning = {
  densityShare: 0.5,
  densityCount: 3,
  densityWindowMs: 300_000,
  outageFailures: 5,
  outageSilenceMs: 600_000,
  cooldownMs: 60_000,
  longestCooldownMs: 600_000,
}

/** An answer, and nothing to follow from it. */
export const PLAIN: Consequences = { alive: true, openings: [], learned: null, tuning: TUNING }

/** One request of `lease` at noon, neither paced nor limited; parts of it can be replaced. */
export function callRequest(lease: Lease, changes: Partial<CallRequest> = {}): CallRequest {
  return {
    executionId: lease.executionId,
    phase: 'prep',
    machine: 'prep',
    state: 'ask',
    role: 'cheap',
    model: 'vendor/model:free',
    attempt: 1,
    lease,
    budget: 0,
    window: null,
    circuits: [],
    patienceMs: 90_000,
    timeoutMs: 60_000,
    deadline: null,
    now: NOON,
    ...changes,
  }
}

/** Books a request that may be sent at once, and returns the id of its row; throws if it has to wait. */
export async function bookCall(db: Db, request: CallRequest): Promise<string> {
  const reservation = await reserveCall(db, request)
  if (reservation.kind === 'wait') throw new Error(`not booked: ${reservation.reason}`)
  if (reservation.sendAt > request.now)
    throw new Error(`booked for ${reservation.sendAt - request.now} ms later`)
  return reservation.callId
}

/** What came of a request: a good answer; parts of it can be replaced. */
export function callResult(changes: Partial<CallResult> = {}): CallResult {
  return {
    outcome: 'ok',
    statusCode: 200,
    errorClass: null,
    counted: true,
    promptTokens: 10,
    completionTokens: 5,
    costUsd: 0.25,
    latencyMs: 900,
    rateLimit: null,
    ...changes,
  }
}

/** So many requests in any minute, and no other limit. */
export function callWindow(perMinute: number, changes: Partial<CallWindow> = {}): CallWindow {
  return {
    group: 'free',
    perMinute,
    minuteMs: 60_000,
    spacingMs: 0,
    perDay: null,
    concurrency: null,
    ...changes,
  }
}
