import { isoTime } from '../../core/clock.js'
import { PHASES, phasesAfter } from '../../core/phases.js'
import type { Db } from '../engine/prepared.js'
import { inTransaction } from '../engine/steps.js'
import { forgetRuns } from '../checkpoints/runs.js'

/** What the analysis gave, and what came after it. */
const GIVEN_UP = Object.fromEntries(
  (['analyze', ...phasesAfter('analyze')] as const)
    .flatMap((name) => PHASES[name].output ?? [])
    .map((output) => [output, null]),
)

/**
 * Puts papers that are done back before the analysis, so that their reports are written again: the paper's text and what was prepped stay,
 * the answers of the analysis are given up, the report stands until the next one. One that somebody has in hand is left alone, and so
 * is one that was done again before: what a second reading did not mend would be paid for without end.
 *
 * @param dryRun nothing is changed.
 * @returns the execution ids of those that were put back, or would be.
 */
export async function rewriteReports(
  db: Db,
  executionIds: readonly string[],
  now: number,
  dryRun: boolean,
): Promise<string[]> {
  const put: string[] = []
  for (const id of executionIds) {
    const isPut = await inTransaction(db, async (trx) => {
      if (dryRun) return isRewritable(trx, id)
      const { numUpdatedRows } = await trx
        .updateTable('executions')
        .set({
          status: PHASES.analyze.from,
          ...GIVEN_UP,
          attempts: 0,
          redone_at: isoTime(now),
          updated_at: isoTime(now),
        })
        .where('execution_id', '=', id)
        .where('status', '=', 'done')
        .where('redone_at', 'is', null)
        .executeTakeFirst()
      if (Number(numUpdatedRows) !== 1) return false
      await forgetRuns(trx, id)
      return true
    })
    if (isPut) put.push(id)
  }
  return put
}

async function isRewritable(db: Db, executionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('executions')
    .select('execution_id')
    .where('execution_id', '=', executionId)
    .where('status', '=', 'done')
    .where('redone_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}
