import { nextUtcMidnight } from '../../core/clock.js'

/** Returns the moment (epoch milliseconds) at which the window before the next 00:00 UTC opens. */
export function windowOpensAt(now: number, windowMs: number): number {
  return nextUtcMidnight(now) - windowMs
}

/** Returns whether the moment is in the window before the end of its UTC day. */
export function isInWindow(now: number, windowMs: number): boolean {
  return now >= windowOpensAt(now, windowMs)
}
