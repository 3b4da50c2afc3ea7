import { sql } from 'kysely'
import type { Db } from '../engine/prepared.js'

export interface CallInFlight {
  execution_id: string | null
  arxiv_id: string | null
  phase: string | null
  model: string
  /** For one that is booked: when it will be sent. */
  started_at: string
  /** Its slot has not come yet: nothing was sent so far. */
  booked: boolean
}

/** Returns the requests that are with a provider right now, and those that wait for their slot. */
export async function callsInFlight(db: Db): Promise<CallInFlight[]> {
  const rows = await db
    .selectFrom('llm_calls as c')
    .leftJoin('executions as e', 'e.execution_id', 'c.execution_id')
    .select(['c.execution_id', 'e.arxiv_id', 'c.phase', 'c.model', 'c.started_at', 'c.sent_at'])
    .where('c.outcome', '=', sql.lit('in_flight'))
    .orderBy('c.started_at')
    .execute()
  return rows.map(({ sent_at, ...row }) => ({ ...row, booked: sent_at === null }))
}
