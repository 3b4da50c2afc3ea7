import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { Db, Prepared } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'

const findProgress: Prepared<{ id: string; end: string; since: string }, { latest_key: string }> = prepared(
  (db, p) =>
    db
      .selectFrom('machine_latest')
      .select('latest_key')
      .where('execution_id', '>=', p.id)
      .where('execution_id', '<', p.end)
      .where('updated_at', '>=', p.since)
      .limit(1),
)

/**
 * Whether an execution, or a child of it, was checkpointed since the given moment. A try that died after having got
 * further is continued, and does not count against the paper: the limit on tries is there for papers that take the
 * process down at the same place again and again, not for processes that are often killed.
 *
 * @param since ISO time at which the try began; null: it never did.
 */
export function* hasProgressed(executionId: string, since: string | null): Steps<boolean> {
  if (since === null) return false
  // Ids of children are the parent's and a dot; `/` is the character after it.
  const found = yield* findProgress.step({ id: executionId, end: `${executionId}/`, since })
  return found.length > 0
}

/** Older failures say nothing of how things stand. */
const LATELY_MS = 3_600_000

const countFailures = prepared<{ id: string; since: string }, { n: number }>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('execution_id', '=', p.id)
    .where('started_at', '>=', p.since)
    .where((eb) =>
      eb.or([eb('outcome', '=', sql.lit('error')), eb('outcome', '=', sql.lit('rate_limited'))]),
    ),
)

/** Returns how many requests for an execution failed or were refused in the last hour; 1 at least. */
export async function failuresOf(db: Db, executionId: string, now: number): Promise<number> {
  const [row] = await countFailures(db, { id: executionId, since: isoTime(now - LATELY_MS) })
  return Math.max(1, Number(row?.n ?? 0))
}
