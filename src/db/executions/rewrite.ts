import { isoTime } from '../../core/clock.js'
import { PHASES } from '../../core/phases.js'
import type { Db } from '../engine/prepared.js'
import { inTransaction } from '../engine/steps.js'
import { forgetRuns } from '../checkpoints/runs.js'

/**
 * Puts papers that are done back before the analysis, so that their reports are written again: the paper's text and what was prepped stay,
 * the answers of the analysis are given up, the report stands until the next one. One that somebody has in hand is left alone.
 *
 * @returns the execution ids of those that were put back.
 */
export async function rewriteReports(
  db: Db,
  executionIds: readonly string[],
  now: number,
): Promise<string[]> {
  return inTransaction(db, async (trx) => {
    const put: string[] = []
    for (const id of executionIds) {
      const { numUpdatedRows } = await trx
        .updateTable('executions')
        .set({ status: PHASES.analyze.from, expensive_output: null, attempts: 0, updated_at: isoTime(now) })
        .where('execution_id', '=', id)
        .where('status', '=', 'done')
        .executeTakeFirst()
      if (Number(numUpdatedRows) !== 1) continue
      await forgetRuns(trx, id)
      put.push(id)
    }
    return put
  })
}
