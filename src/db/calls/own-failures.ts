import { isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'

/** What a paper met longer ago says nothing of now. */
const LONGEST_AGO_MS = 24 * 3_600_000

/**
 * Returns whether a model answered other papers between a paper's failures of a class, of which the last is settled: then they
 * are the paper's own. Counted are those since the model last answered the paper, and of the last day.
 */
export async function othersAnswered(
  db: Db,
  failure: { executionId: string; model: string; errorClass: string },
  now: number,
): Promise<boolean> {
  const { executionId, model, errorClass } = failure
  const rows = await db
    .selectFrom('llm_calls')
    .select(['error_class', 'finished_at'])
    .where('execution_id', '=', executionId)
    .where('asked_model', '=', model)
    .where('finished_at', '>', isoTime(now - LONGEST_AGO_MS))
    .orderBy('finished_at', 'desc')
    .limit(20)
    .execute()
  const other = rows.findIndex((row) => row.error_class !== errorClass)
  const [last, first] = [0, (other === -1 ? rows.length : other) - 1].map((at) => rows[at]?.finished_at)
  if (last == null || first == null || first === last) return false
  const answered = await db
    .selectFrom('llm_calls')
    .select('call_id')
    .where('asked_model', '=', model)
    .where('finished_at', '>', first)
    .where('finished_at', '<=', last)
    .where('sent_at', '>', first)
    .where('execution_id', '<>', executionId)
    .where('outcome', '=', 'ok')
    .limit(1)
    .executeTakeFirst()
  return answered !== undefined
}
