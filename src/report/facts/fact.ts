import type { Found } from './number-check.js'

/** Something in a report that can be looked up in its paper, and what became of it. */
export interface Fact extends Found {
  kind: 'number' | 'quote' | 'page' | 'anchor' | 'source'
  /** As it stands in the report. */
  text: string
}

/** Returns whether something stands where it claims to, or follows from what stands there. */
export function isGood({ verdict }: Found): boolean {
  return verdict === 'supported' || verdict === 'derived'
}

/** Returns the second finding as one in the paper where it is good, else the first. */
export function better(one: Found, other: Found): Found {
  return isGood(other) ? { verdict: 'supported', why: '' } : one
}
