import { CLOCK_TOLERANCE_MS, isoTime, LONGEST_WAIT_MS } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'

/** Papers that may not be taken before their time, by what they were put back for. */
export interface WaitingPapers {
  status: Status
  /** Null where no reason was noted. */
  error_class: string | null
  papers: number
  /** ISO time at which the first of them may be taken. */
  until: string
}

/** Returns the executions that wait for their time in some statuses, by status and failure class, the soonest first. */
export async function waitingPapers(
  db: Db,
  statuses: readonly Status[],
  now: number,
): Promise<WaitingPapers[]> {
  const rows = await db
    .selectFrom('executions')
    .select((eb) => [
      'status',
      'error_class',
      eb.fn.countAll<number>().as('papers'),
      eb.fn.min('not_before').as('until'),
    ])
    .where('status', 'in', statuses)
    .where('not_before', '>', isoTime(now))
    .groupBy(['status', 'error_class'])
    .orderBy('until')
    .execute()
  return rows.map(({ until, papers, ...row }) => ({ ...row, papers: Number(papers), until: until ?? '' }))
}

/**
 * Lets executions that wait for their time be taken at once.
 *
 * @param ids executions; empty: all of these statuses.
 */
export async function dropWaits(db: Db, statuses: readonly Status[], ids: readonly string[]): Promise<void> {
  await db
    .updateTable('executions')
    .set({ not_before: null })
    .where('status', 'in', statuses)
    .where('not_before', 'is not', null)
    .$if(ids.length > 0, (query) => query.where('execution_id', 'in', ids))
    .execute()
}

/** Lets executions of a status be taken whose wait is of a clock that was wrong: it was noted in the future, or is longer than any. */
export async function dropFalseWaits(db: Db, status: Status, now: number): Promise<void> {
  await db
    .updateTable('executions')
    .set({ not_before: null })
    .where('status', '=', status)
    .where('not_before', '>', isoTime(now))
    .where((eb) =>
      eb.or([
        eb('not_before', '>', isoTime(now + LONGEST_WAIT_MS)),
        eb('updated_at', '>', isoTime(now + CLOCK_TOLERANCE_MS)),
      ]),
    )
    .execute()
}
