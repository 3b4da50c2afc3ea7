import type { SelectQueryBuilder } from 'kysely'
import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'
import type { Database } from '../engine/schema.js'
import { transact } from '../engine/steps.js'
import type { Booking } from './booking.js'
import { hasClosed } from './circuits.js'
import { giveBackSteps } from './dead-calls.js'
import type { Pace } from './slots.js'
import { guardOf, lastMoment } from './slots.js'

type Ledger = Database & { c: Database['llm_calls'] }

/** Whether a booked request is sent. Times in epoch milliseconds. */
export type Permission =
  /** Now, as long as its first byte goes out before `before`; who was held up for longer asks again. */
  | { kind: 'send'; before: number }
  /** To be asked again at `until`. */
  | { kind: 'wait'; until: number }
  /** Not in this slot. */
  | { kind: 'missed' }

type Minute = { group: string; callId: string; after: string; now: string; upTo: string }

/** With what is marked to be sent up to a moment that is still to come. */
function whereOthersAre<O>(query: SelectQueryBuilder<Ledger, 'c', O>, p: Minute) {
  return query
    .where('c.limit_group', '=', p.group)
    .where('c.started_at', '>', p.after)
    .where('c.started_at', '<=', p.upTo)
    .where((eb) => eb.or([eb('c.started_at', '<=', p.now), eb('c.sent_at', 'is not', null)]))
    .where('c.call_id', '<>', p.callId)
}

const othersBetween = prepared<Minute, { started_at: string }>((db, p) =>
  whereOthersAre(db.selectFrom('llm_calls as c').select('c.started_at'), p).orderBy('c.started_at'),
)

type Mark = { callId: string; now: string; countsFrom: string }

/** From here on it counts from the last moment at which it can have been sent. */
function markQuery(db: Db, p: Mark) {
  return db
    .updateTable('llm_calls')
    .set({ sent_at: p.now, started_at: p.countsFrom })
    .where('call_id', '=', p.callId)
    .where('outcome', '=', sql.lit('in_flight'))
}

const markSent = preparedWrite<Mark>(markQuery)

/** The same only where no circuit at all is open: then most need no other look. */
function markFreeQuery(db: Db, p: Mark) {
  return markQuery(db, p).where((eb) =>
    eb.not(
      eb.exists(eb.selectFrom('circuits as o').select('o.name').where('o.state', '<>', sql.lit('closed'))),
    ),
  )
}

const markFree = preparedWrite<Mark>(markFreeQuery)

/** And only where others have less than the limit, which is one more than `most`. */
const markFreeInMinute = preparedWrite<Mark & Minute & { most: number }>((db, p) =>
  markFreeQuery(db, p).where((eb) =>
    eb.not(
      eb.exists(
        whereOthersAre(eb.selectFrom('llm_calls as c').select('c.call_id'), p)
          .limit(sql.lit(1))
          .offset(p.most),
      ),
    ),
  ),
)

/** Of the guard: as long as it usually takes at most from the question whether a request is sent to its first byte. */
const SENDING_SHARE = 0.05

/**
 * Marks a booked request as sent, just before its bytes go out: from then on it counts, whatever becomes of its owner. Of
 * the minute that ends now, others have less than the limit then: of slots alone that would not follow where one of them
 * was sent late.
 *
 * Mostly one statement does it, by itself. It takes no lock of the group. Of too many requests within a minute, look at the one with the last slot: when it asked, each
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
  const before = pace === null ? Infinity : Math.min(last, now + guardOf(pace.minuteMs) * SENDING_SHARE)
  const countsFrom = isoTime(pace === null ? sendAt : Math.ceil(before))
  const mark = { callId, now: isoTime(now), countsFrom }
  const isFree =
    pace === null
      ? markFree.alone(db, mark)
      : markFreeInMinute.alone(db, { ...mark, ...minuteOf(pace, callId, now), most: pace.perMinute - 1 })
  if ((await isFree) > 0) return { kind: 'send', before }
  return transact(db, function* (): Steps<Permission> {
    if (yield* hasClosed(circuits, callId, now)) return { kind: 'missed' }
    const free = pace === null ? now : yield* freeFrom(pace, callId, now)
    if (free >= last) return { kind: 'missed' }
    if (free > now) return { kind: 'wait', until: free }
    return (yield* markSent.step(mark)) > 0 ? { kind: 'send', before } : { kind: 'missed' }
  })
}

/** Returns from when on the minute before holds less than the limit, of others: now, or later. Epoch milliseconds. */
function* freeFrom(pace: Pace, callId: string, now: number): Steps<number> {
  const others = yield* othersBetween.step(minuteOf(pace, callId, now))
  const leaving = others[others.length - pace.perMinute]
  return leaving === undefined ? now : Math.ceil(Date.parse(leaving.started_at) + pace.minuteMs)
}

/** The minute before, as far as requests of others count. */
function minuteOf({ group, minuteMs }: Pace, callId: string, now: number): Minute {
  return {
    group,
    callId,
    after: isoTime(now - minuteMs),
    now: isoTime(now),
    upTo: isoTime(now + guardOf(minuteMs)),
  }
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
