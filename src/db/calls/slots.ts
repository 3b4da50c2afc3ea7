import { isoTime } from '../../core/clock.js'
import type { Later } from '../engine/prepared.js'
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

/** What the sending of a booked request is held against: the limit that was in force when it was booked. */
export type Pace = Pick<CallWindow, 'group' | 'perMinute' | 'minuteMs' | 'spacingMs'>

/** Nobody books further ahead: after a clock that went backwards, rows of the future are not waited for any longer. */
export const HORIZON_WINDOWS = 5

/** One that is marked as sent counts from the last moment at which it can have been; it may have been from `sent_at` on. */
type Start = { started_at: string; sent_at: string | null }

const startsBetween = prepared<{ group: string; after: string; upTo: string }, Start>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select(['started_at', 'sent_at'])
    .where('limit_group', '=', p.group)
    .where('started_at', '>', p.after)
    .where('started_at', '<=', p.upTo)
    .orderBy('started_at'),
)

const learnedLimit = prepared<{ group: string; now: string }, { per_minute: number | null }>((db, p) =>
  db
    .selectFrom('limit_states')
    .select('per_minute')
    .where('limit_group', '=', p.group)
    .where('per_minute_until', '>', p.now),
)

/** What is asked of a group's minute before anything of it is decided. */
export interface Minute {
  learned: Later<{ per_minute: number | null }>
  starts: Later<Start>
}

/** Asks ahead for the pace of a group, and for what is booked of its minute. */
export function* minuteAhead(window: CallWindow, now: number): Steps<Minute> {
  const { group } = window
  return {
    learned: yield* learnedLimit.ahead({ group, now: isoTime(now) }),
    starts: yield* startsBetween.ahead(startsAround(window, now)),
  }
}

function startsAround(
  { group, minuteMs }: Pace,
  now: number,
): { group: string; after: string; upTo: string } {
  const horizonMs = now + HORIZON_WINDOWS * minuteMs
  return { group, after: isoTime(now - minuteMs), upTo: isoTime(horizonMs + minuteMs) }
}

/** Returns the pace of a group: what is configured, or less where a refusal has named a lower limit. */
export function paceOf(
  { group, perMinute, minuteMs, spacingMs }: CallWindow,
  [learned]: readonly { per_minute: number | null }[],
): Pace {
  return {
    group,
    perMinute: Math.max(1, Math.min(perMinute, learned?.per_minute ?? perMinute)),
    minuteMs,
    spacingMs,
  }
}

/** Looks anew, and returns as {@link slotOf}. */
export function* slotSteps(pace: Pace, now: number): Steps<number | null> {
  return slotOf(yield* startsBetween.step(startsAround(pace, now)), pace, now)
}

/**
 * Returns the moment (epoch milliseconds) at which the next request of the group may be sent: now, or later; or null
 * where too many are booked ahead already. Whoever books first goes first; a slot that was given back is the next one's.
 *
 * Any span of a window's length holds `perMinute` requests at most, so the provider's limit is kept whether its minutes
 * slide or not. Where they are fixed (OpenRouter's are those of the wall clock), a request sent at the very end of one
 * could arrive in the next: so none is booked near a border.
 */
export function slotOf(rows: readonly Start[], pace: Pace, now: number): number | null {
  const starts = rows.map(({ started_at }) => Date.parse(started_at))
  const sent = rows.map(({ sent_at }, at) => (sent_at === null ? (starts[at] ?? now) : Date.parse(sent_at)))
  const slot = earliestSlot(starts, pace, now, sent)
  return slot > now + HORIZON_WINDOWS * pace.minuteMs ? null : slot
}

/**
 * Returns the first moment from `now` on (epoch milliseconds) at which one more request may start: every span of a window's
 * length holds `perMinute` starts at most with it, and none is nearer than the spacing.
 *
 * @param starts the others, ascending; some may lie ahead.
 * @param sent when each of them may have been sent at the earliest.
 */
export function earliestSlot(
  starts: readonly number[],
  { perMinute, minuteMs, spacingMs }: Pick<CallWindow, 'perMinute' | 'minuteMs' | 'spacingMs'>,
  now: number,
  sent = starts,
): number {
  // Whole milliseconds are what is stored: a fraction would be lost, and the next slot come too early by it.
  let slot = awayFromBorders(Math.ceil(now), minuteMs)
  // Each of these spans is closed: with a start in it, perMinute + 1 would lie within one window, or two too near.
  for (const { from, to } of closedSpans(starts, sent, { perMinute, minuteMs, spacingMs })) {
    if (slot > from && slot < to) slot = awayFromBorders(Math.ceil(to), minuteMs)
  }
  return slot
}

/** In the order of their ends: whoever is moved to the end of one can only meet later ones. */
function closedSpans(
  starts: readonly number[],
  sent: readonly number[],
  { perMinute, minuteMs, spacingMs }: Pick<CallWindow, 'perMinute' | 'minuteMs' | 'spacingMs'>,
): { from: number; to: number }[] {
  const spans = starts.map((start, at) => ({ from: (sent[at] ?? start) - spacingMs, to: start + spacingMs }))
  for (const [index, first] of starts.entries()) {
    const last = starts[index + perMinute - 1]
    if (last !== undefined && last - first < minuteMs) {
      spans.push({ from: last - minuteMs, to: first + minuteMs })
    }
  }
  return spans.sort((a, b) => a.to - b.to)
}

/** Clocks differ, and a request takes some time to arrive. */
const LONGEST_GUARD_MS = 1000
const GUARD_SHARE = 0.05

/** Returns how far from the borders of a window requests are booked, milliseconds. */
export function guardOf(minuteMs: number): number {
  return Math.min(LONGEST_GUARD_MS, minuteMs * GUARD_SHARE)
}

/** Of the guard, what a request may be late; the rest is for its way, and for clocks that differ. */
const LATENESS_SHARE = 0.5

/** Returns the last moment (epoch milliseconds) at which a request that was booked for `sendAt` may be sent. */
export function lastMoment(sendAt: number, minuteMs: number): number {
  return sendAt + guardOf(minuteMs) * LATENESS_SHARE
}

function awayFromBorders(at: number, minuteMs: number): number {
  const guard = guardOf(minuteMs)
  const phase = at % minuteMs
  if (phase < guard) return Math.ceil(at - phase + guard)
  return phase > minuteMs - guard ? Math.ceil(at - phase + minuteMs + guard) : at
}
