import { isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'

/** The models that an endpoint asks nothing for, as of a moment (epoch milliseconds). */
export interface FreeModels {
  models: string[]
  checkedAt: number
}

/** Returns what is known of an endpoint's free models, or null. */
export async function knownFreeModels(db: Db, endpoint: string): Promise<FreeModels | null> {
  const row = await db
    .selectFrom('free_models')
    .select(['models', 'checked_at'])
    .where('endpoint', '=', endpoint)
    .executeTakeFirst()
  return row === undefined
    ? null
    : { models: JSON.parse(row.models) as string[], checkedAt: Date.parse(row.checked_at) }
}

/** Keeps what an endpoint lists; also that it lists nothing. */
export async function saveFreeModels(
  db: Db,
  endpoint: string,
  models: readonly string[],
  now: number,
): Promise<void> {
  const values = { models: JSON.stringify(models), checked_at: isoTime(now) }
  await db
    .insertInto('free_models')
    .values({ endpoint, ...values })
    .onConflict((conflict) => conflict.column('endpoint').doUpdateSet(values))
    .execute()
}
