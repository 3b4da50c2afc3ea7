import { abortableSleep } from '../../core/sleep.js'
import type { Booking } from '../../db/calls/booking.js'
import { NoTimeLeftError, reserveCall } from '../../db/calls/booking.js'
import type { LimitGroup } from '../../llm/limits.js'
import type { ModelProfile } from '../../llm/provider.js'
import { callWindow } from '../limits/call-window.js'
import { circuitList } from '../limits/circuit-names.js'
import type { BookedScope, RequestScope, SendServices } from './send-scope.js'

/** Returns the booking of one request; waits where none is to be had yet, and not for its slot. */
export async function bookSlot(
  services: SendServices,
  scope: BookedScope,
  profile: ModelProfile,
  group: LimitGroup | null,
): Promise<Booking> {
  const { db, clock, limits, deadline } = services
  let since: number | null = null
  for (;;) {
    scope.stopRequests?.throwIfAborted()
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
      estimatedTokens: scope.estimatedTokens,
      lease: scope.lease,
      budget: services.budget,
      keep: await services.keep(group?.name ?? null),
      window: group === null ? null : callWindow(group),
      circuits: circuitList(profile, group),
      patienceMs: limits.patienceMs,
      timeoutMs: profile.timeout * 1000,
      deadline,
      now: clock.now(),
    })
    if (reservation.kind === 'booked') return reservation
    if (deadline !== null && reservation.until > deadline) {
      throw new NoTimeLeftError(deadline, reservation.until)
    }
    since ??= clock.now()
    const until = { since, until: reservation.until, reason: reservation.reason }
    await sleepUntil(services, profile, until, [scope.stopRequests, scope.leaseLost])
  }
}

/** Waits for the moment of a slot, or for some time before it. */
export async function awaitSlot(
  services: SendServices,
  scope: RequestScope,
  profile: ModelProfile,
  { sendAt, pace }: Booking,
  aheadMs: number,
): Promise<void> {
  const since = services.clock.now()
  if (sendAt - aheadMs <= since) return
  const until = {
    since,
    until: sendAt - aheadMs,
    reason: `${pace?.group ?? ''}: the minute's requests are used`,
  }
  await sleepUntil(services, profile, until, [services.dropBooked, scope.leaseLost])
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
