import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'
import type { Booking } from './booking.js'
import { hasClosed } from './circuits.js'
import { giveBackSteps } from './dead-calls.js'
import type { Pace } from './slots.js'
import { guardOf, lastMoment } from './slots.js'

/** Whether a booked request is sent. Times in epoch milliseconds. */
export type Permission =
  /** Now, as long as its first byte goes out before `before`; who was held up for longer asks again. */
  | { kind: 'send'; before: number }
  /** To be asked again at `until`. */
  | { kind: 'wait'; until: number }
  /** Not in this slot. */
  | { kind: 'missed' }

/** With what is marked to be sent up to a moment that is still to come. */
const othersBetween = prepared<
  { group: string; callId: string; after: string; now: string; upTo: string },
  { started_at: string }
>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select('started_at')
    .where('limit_group', '=', p.group)
    .where('started_at', '>', p.after)
    .where('started_at', '<=', p.upTo)
    .where((eb) => eb.or([eb('started_at', '<=', p.now), eb('sent_at', 'is not', null)]))
    .where('call_id', '<>', p.callId)
    .orderBy('started_at'),
)

/** From here on it counts from the last moment at which it can have been sent. */
const markSent = preparedWrite<{ callId: string; now: string; countsFrom: string }>((db, p) =>
  db
    .updateTable('llm_calls')
    .set({ sent_at: p.now, started_at: p.countsFrom })
    .where('call_id', '=', p.callId)
    .where('outcome', '=', sql.lit('in_flight')),
)

/** Of the guard: as long as it usually takes at most from the question whether a request is sent to its first byte. */
const SENDING_SHARE = 0.05

/**
 * Marks a booked request as sent, just before its bytes go out: from then on it counts, whatever becomes of its owner. Of
 * the minute that ends now, others have less than the limit then: of slots alone that would not follow where one of them
 * was sent late.
 *
 * It takes no lock of the group. Of too many requests within a minute, look at the one with the last slot: when it asked, each
 * of the others had a row with a slot before its own, or was marked already; so it has seen them all.
 *
 * @returns `missed` where it must not be sent in this slot: it comes too late, something has closed meanwhile, or the
 * booking is no longer ours, because we were held up for so long that others took us for dead.
 */
export async function markCallSent(
  db: Db,
  { callId, sendAt, pace }: Booking,
  circuits: readonly string[],
  now: number,
): Promise<Permission> {
  const last = pace === null ? Infinity : lastMoment(sendAt, pace.minuteMs)
  if (now >= last) return { kind: 'missed' }
  return transact(db, function* (): Steps<Permission> {
    if (yield* hasClosed(circuits, callId, now)) return { kind: 'missed' }
    const free = pace === null ? now : yield* freeFrom(pace, callId, now)
    if (free >= last) return { kind: 'missed' }
    if (free > now) return { kind: 'wait', until: free }
    const before = pace === null ? Infinity : Math.min(last, now + guardOf(pace.minuteMs) * SENDING_SHARE)
    const countsFrom = isoTime(pace === null ? sendAt : Math.ceil(before))
    const marked = yield* markSent.step({ callId, now: isoTime(now), countsFrom })
    return marked > 0 ? { kind: 'send', before } : { kind: 'missed' }
  })
}

/** Returns from when on the minute before holds less than the limit, of others: now, or later. Epoch milliseconds. */
function* freeFrom({ group, perMinute, minuteMs }: Pace, callId: string, now: number): Steps<number> {
  const others = yield* othersBetween.step({
    group,
    callId,
    after: isoTime(now - minuteMs),
    now: isoTime(now),
    upTo: isoTime(now + guardOf(minuteMs)),
  })
  const leaving = others[others.length - perMinute]
  return leaving === undefined ? now : Math.ceil(Date.parse(leaving.started_at) + minuteMs)
}

const unmark = preparedWrite<{ callId: string }>((db, p) =>
  db
    .updateTable('llm_calls')
    .set({ sent_at: null })
    .where('call_id', '=', p.callId)
    .where('outcome', '=', sql.lit('in_flight')),
)

/** Gives a booked slot back, of whoever knows that nothing was sent: also one that is marked. */
export async function cancelCall(db: Db, callId: string, now: number): Promise<void> {
  await transact(db, function* (): Steps<void> {
    yield* unmark.unread({ callId })
    yield* giveBackSteps(callId, now)
  })
}
