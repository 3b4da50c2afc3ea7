import type { RpaError } from '../../core/errors.js'

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at, one word or two. */
  check: string
  /** `note`: nothing keeps the work, but somebody should know. */
  state: 'good' | 'note' | 'bad'
  message: string
  /** What to do about it. */
  todo?: string
}

/** Returns what an error means for a check. */
export function badOf(check: string, { message, hint }: RpaError): Finding {
  return { check, state: 'bad', message, ...(hint === undefined ? {} : { todo: hint }) }
}

/** Further apart, and the UTC day begins at another moment here than there. */
const CLOCK_APART_MS = 5000

/** @param aheadMs how far another clock is ahead of this machine's. */
export function clockFinding(aheadMs: number, whose: string): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  if (Math.abs(aheadMs) < CLOCK_APART_MS)
    return { check: 'clock', state: 'good', message: `as that of ${whose}` }
  return {
    check: 'clock',
    state: 'note',
    message: `${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} that of ${whose}`,
    todo: 'Set this machine’s clock (NTP): the day of the budget begins by it.',
  }
}
