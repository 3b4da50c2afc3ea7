import type { Db } from '../engine/prepared.js'
import type { LlmCallsTable } from '../engine/schema.js'

/** One request of a paper. Times are ISO-8601 UTC text. */
export type PaperCall = Pick<
  LlmCallsTable,
  | 'phase'
  | 'state'
  | 'role'
  | 'model'
  | 'attempt'
  | 'started_at'
  | 'sent_at'
  | 'finished_at'
  | 'outcome'
  | 'status_code'
  | 'error_class'
  | 'counted'
  | 'prompt_tokens'
  | 'completion_tokens'
  | 'cost_usd'
  | 'latency_ms'
>

/** Returns every request for a paper that the ledger holds, oldest first. */
export async function callsOfPaper(db: Db, executionId: string): Promise<PaperCall[]> {
  return db
    .selectFrom('llm_calls')
    .select([
      'phase',
      'state',
      'role',
      'model',
      'attempt',
      'started_at',
      'sent_at',
      'finished_at',
      'outcome',
      'status_code',
      'error_class',
      'counted',
      'prompt_tokens',
      'completion_tokens',
      'cost_usd',
      'latency_ms',
    ])
    .where('execution_id', '=', executionId)
    .orderBy('started_at')
    .orderBy('call_id')
    .execute()
}
