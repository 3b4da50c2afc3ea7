import { sql } from 'kysely'
import type { Db } from '../engine/prepared.js'

/** The largest numbers of tokens among prompts that a model answered. */
export interface PromptsRead {
  /** As they were estimated. */
  estimated: number
  /** As the server counted them. */
  read: number
}

/**
 * Returns how much of its newest prompts a model has read; null where nothing is known of any.
 *
 * @param model the name under which it is asked.
 */
export async function promptsRead(db: Db, model: string, newest: number): Promise<PromptsRead | null> {
  const rows = await db
    .selectFrom('llm_calls')
    .select(['estimated_tokens', 'prompt_tokens', 'cached_tokens'])
    .where(sql<string>`coalesce(asked_model, model)`, '=', model)
    .where('estimated_tokens', 'is not', null)
    .where('prompt_tokens', '>', 0)
    .orderBy('started_at', 'desc')
    .limit(newest)
    .execute()
  if (rows.length === 0) return null
  return {
    estimated: Math.max(...rows.map((row) => row.estimated_tokens ?? 0)),
    // Some count the tokens of a cache apart.
    read: Math.max(...rows.flatMap((row) => [row.prompt_tokens ?? 0, row.cached_tokens ?? 0])),
  }
}
