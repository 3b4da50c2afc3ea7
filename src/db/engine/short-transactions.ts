import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from './prepared.js'
import type { Steps } from './steps.js'
import { transact } from './steps.js'

/** How long one transaction may go on taking up items while other processes wait for the write lock. */
const HOLD_MS = 10
/** Longer than any writer waits before it looks for the lock again, so that everyone gets in between. */
export const PAUSE_MS = 10

/**
 * Does something to each item, in transactions that are as short as they must be for others to go on writing. What an
 * item changes is committed whole, and before the promise resolves or rejects.
 *
 * @param stop no further transaction is begun once it is aborted.
 * @returns what `work` returned, for the items whose transaction was committed.
 */
export async function inShortTransactions<T, R>(
  db: Db,
  items: readonly T[],
  work: (item: T) => Steps<R>,
  stop?: AbortSignal,
): Promise<R[]> {
  const results: R[] = []
  while (results.length < items.length && stop?.aborted !== true) {
    if (results.length > 0) await delay(PAUSE_MS)
    const rest = items.slice(results.length)
    results.push(...(await transact(db, () => asManyAsFit(rest, work))))
  }
  return results
}

function* asManyAsFit<T, R>(items: readonly T[], work: (item: T) => Steps<R>): Steps<R[]> {
  const started = performance.now()
  const results: R[] = []
  for (const item of items) {
    results.push(yield* work(item))
    if (performance.now() - started > HOLD_MS) break
  }
  return results
}
