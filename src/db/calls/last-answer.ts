import { sql } from 'kysely'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { CallOutcome } from '../engine/schema.js'

const findNewest = prepared<{ executionId: string; hash: string }, Newest>((db, p) =>
  db
    .selectFrom('llm_calls as c')
    .innerJoin('executions as e', 'e.execution_id', 'c.execution_id')
    .select(['c.outcome', 'c.started_at', 'e.redone_at'])
    .where('c.execution_id', '=', p.executionId)
    .where('c.question_hash', '=', p.hash)
    .where('c.status_code', '=', sql.lit(200))
    .orderBy('c.started_at', 'desc')
    .limit(1),
)

interface Newest {
  outcome: CallOutcome
  started_at: string
  redone_at: string | null
}

/**
 * Returns whether the newest answer that came to a question was of no use (empty, cut, filtered, an error inside, or of before
 * the paper was put back to be done again): whoever keeps it would give it again. One that never came, or was lost before it was
 * settled, is not meant.
 */
export async function wasOfNoUse(db: Db, executionId: string, hash: string): Promise<boolean> {
  const [newest] = await findNewest(db, { executionId, hash })
  if (newest === undefined) return false
  return newest.outcome !== 'ok' || newest.started_at < (newest.redone_at ?? '')
}
