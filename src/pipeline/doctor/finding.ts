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
