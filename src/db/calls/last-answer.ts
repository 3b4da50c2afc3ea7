import { sql } from 'kysely'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { CallOutcome } from '../engine/schema.js'

const findNewest = prepared<{ executionId: string; hash: string }, { outcome: CallOutcome }>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select('outcome')
    .where('execution_id', '=', p.executionId)
    .where('question_hash', '=', p.hash)
    .where('status_code', '=', sql.lit(200))
    .orderBy('started_at', 'desc')
    .limit(1),
)

/**
 * Returns whether the newest answer that came to a question was of no use (empty, cut, filtered, an error inside): whoever
 * keeps it would give it again. One that never came, or was lost before it was settled, is not meant.
 */
export async function wasOfNoUse(db: Db, executionId: string, hash: string): Promise<boolean> {
  const [newest] = await findNewest(db, { executionId, hash })
  return newest !== undefined && newest.outcome !== 'ok'
}
