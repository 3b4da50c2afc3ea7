import type { NamedLock } from '../engine/dialect.js'

const LEDGER = 'ledger'

/**
 * Returns the locks of a booking, where transactions run side by side: what it counts must not grow until its row is there.
 * The budget counts the requests of all limit groups, so that one booking at a time looks at it; without a budget those of
 * different groups go on side by side.
 *
 * @param budget requests a UTC day; 0 = no limit.
 */
export function ledgerLocks(budget: number, group: string | null): NamedLock[] {
  if (budget > 0) return [{ name: LEDGER }]
  const shared = { name: LEDGER, shared: true }
  return group === null ? [shared] : [shared, { name: `group ${group}` }]
}

/** Held by failures while they are settled: whether a circuit opens depends on those before. */
export const FAILURES_LOCK: NamedLock = { name: 'failures' }
