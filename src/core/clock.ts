/** The only source of time: tests pass their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

/** No announced wait beyond this is believed, nor does anything of ours wait longer. */
export const LONGEST_WAIT_MS = 26 * 3_600_000

/** Machines that share a database may disagree by this much; what was noted further in the future is of a clock that was wrong. */
export const CLOCK_TOLERANCE_MS = 60_000

export const systemClock: Clock = { now: () => Date.now() }

/** Returns ISO-8601 UTC text with milliseconds, the form in which times are stored. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

/** Returns `2026-03-04 12:00:01 UTC` for people; a moment (epoch milliseconds or ISO text) within a second is that second's end. */
export function momentText(moment: number | string): string {
  const epochMs = typeof moment === 'number' ? moment : Date.parse(moment)
  return `${isoTime(Math.ceil(epochMs / 1000) * 1000)
    .slice(0, 19)
    .replace('T', ' ')} UTC`
}

/** Returns the UTC day `YYYY-MM-DD`, the unit of the request budget. */
export function utcDay(epochMs: number): string {
  return isoTime(epochMs).slice(0, 10)
}

/** Returns the epoch milliseconds of the next 00:00 UTC after the given moment. */
export function nextUtcMidnight(epochMs: number): number {
  return (Math.floor(epochMs / 86_400_000) + 1) * 86_400_000
}
