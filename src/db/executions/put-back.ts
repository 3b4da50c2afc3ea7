import { isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'

/** Papers that wait for their time, and what they were put back for. */
export interface PutBack {
  error_class: string
  papers: number
  /** ISO time at which the last of them may be taken. */
  until: string
}

/** Returns the executions that wait for their time in a status after a failure, by class. */
export async function papersPutBack(db: Db, status: Status, now: number): Promise<PutBack[]> {
  const rows = await db
    .selectFrom('executions')
    .select((eb) => [
      'error_class',
      eb.fn.countAll<number>().as('papers'),
      eb.fn.max('not_before').as('until'),
    ])
    .where('status', '=', status)
    .where('not_before', '>', isoTime(now))
    .where('error_class', 'is not', null)
    .groupBy('error_class')
    .execute()
  return rows.map(({ error_class, papers, until }) => ({
    error_class: error_class ?? '',
    papers: Number(papers),
    until: until ?? '',
  }))
}

/** Returns what the paper said that failed last of those that wait in a status for a class of failure; null: none does. */
export async function lastWords(db: Db, status: Status, errorClass: string): Promise<string | null> {
  const row = await db
    .selectFrom('executions')
    .select('error')
    .where('status', '=', status)
    .where('error_class', '=', errorClass)
    .where('not_before', 'is not', null)
    .orderBy('not_before', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.error ?? null
}

/**
 * Puts failed executions back to a status, with the failure that is noted on them. The try stays counted: one that has no
 * other left, or that somebody has put back already, is left as it is.
 *
 * @param until epoch milliseconds before which they are not taken.
 * @returns the execution ids of those that went back.
 */
export async function putBackFailed(
  db: Db,
  ids: readonly string[],
  to: { status: Status; errorClass: string; until: number; maxAttempts: number },
  now: number,
): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await db
    .updateTable('executions')
    .set({
      status: to.status,
      not_before: isoTime(to.until),
      interrupted_at: isoTime(now),
      updated_at: isoTime(now),
    })
    .where('execution_id', 'in', ids)
    .where('status', '=', 'failed')
    .where('error_class', '=', to.errorClass)
    .where('attempts', '<', to.maxAttempts)
    .returning('execution_id')
    .execute()
  return rows.map((row) => row.execution_id)
}
