import { LONGEST_WAIT_MS } from '../core/clock.js'

/** Returns the wait a Retry-After asks for (RFC 9110, 10.2.3: seconds or a date), milliseconds; null if it says nothing that can be believed. */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | null {
  if (typeof header !== 'string') return null
  const text = header.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return positive(Number(text) * 1000)
  return / GMT$/.test(text) ? positive(Date.parse(text) - now) : null
}

/** A moment that is over says nothing of how long to wait. */
function positive(ms: number): number | null {
  return ms > 0 && ms <= LONGEST_WAIT_MS ? Math.ceil(ms) : null
}
