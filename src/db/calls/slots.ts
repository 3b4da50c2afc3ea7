import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import { prepared } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'

/** Requests that one account shares, whatever the process, and whatever the model of the group. */
export interface CallWindow {
  group: string
  /** Requests in one window. */
  perMinute: number
  /** Length of a window. */
  minuteMs: number
  /** Least time between two starts. */
  spacingMs: number
  /** Requests of a UTC day; null: only the budget counts. */
  perDay: number | null
  /** Requests under way at once; null: any number. */
  concurrency: number | null
}

/** Nobody books further ahead: after a clock that went backwards, rows of the future are not waited for any longer. */
const HORIZON_WINDOWS = 5

const nthNewestStart = prepared<{ group: string; offset: number; horizon: string }, { started_at: string }>(
  (db, p) =>
    db
      .selectFrom('llm_calls')
      .select('started_at')
      .where('limit_group', '=', p.group)
      .where('started_at', '<=', p.horizon)
      .orderBy('started_at', 'desc')
      .limit(sql.lit(1))
      .offset(p.offset),
)

const learnedLimit = prepared<{ group: string; now: string }, { per_minute: number | null }>((db, p) =>
  db
    .selectFrom('limit_states')
    .select('per_minute')
    .where('limit_group', '=', p.group)
    .where('per_minute_until', '>', p.now),
)

/**
 * Returns the moment (epoch milliseconds) at which the next request of the group may be sent: now, or later; or null
 * where too many are booked ahead already. Whoever books first goes first.
 *
 * Any span of a window's length holds `perMinute` requests at most, so the provider's limit is kept whether its minutes
 * slide or not. Where they are fixed (OpenRouter's are those of the wall clock), a request sent at the very end of one
 * could arrive in the next: so none is booked near a border.
 */
export function* slotSteps(window: CallWindow, now: number): Steps<number | null> {
  const { group, minuteMs, spacingMs } = window
  const horizonMs = now + HORIZON_WINDOWS * minuteMs
  const horizon = isoTime(horizonMs)
  const [learned] = yield* learnedLimit.step({ group, now: isoTime(now) })
  const perMinute = Math.max(1, Math.min(window.perMinute, learned?.per_minute ?? window.perMinute))
  const [newest] = yield* nthNewestStart.step({ group, offset: 0, horizon })
  const [blocking] = yield* nthNewestStart.step({ group, offset: perMinute - 1, horizon })
  const at = Math.max(
    now,
    newest === undefined ? 0 : Date.parse(newest.started_at) + spacingMs,
    blocking === undefined ? 0 : Date.parse(blocking.started_at) + minuteMs,
  )
  // Whole milliseconds are what is stored: a fraction would be lost, and the next slot come too early by it.
  const slot = awayFromBorders(Math.ceil(at), minuteMs)
  return slot > horizonMs ? null : slot
}

/** Clocks differ, and a request takes some time to arrive. */
const LONGEST_GUARD_MS = 1000
const GUARD_SHARE = 0.05

/** Returns how far from the borders of a window requests are booked, milliseconds. One sent later than that after its moment could arrive in the next window. */
export function guardOf(minuteMs: number): number {
  return Math.min(LONGEST_GUARD_MS, minuteMs * GUARD_SHARE)
}

function awayFromBorders(at: number, minuteMs: number): number {
  const guard = guardOf(minuteMs)
  const phase = at % minuteMs
  if (phase < guard) return Math.ceil(at - phase + guard)
  return phase > minuteMs - guard ? Math.ceil(at - phase + minuteMs + guard) : at
}
