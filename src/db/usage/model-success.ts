import { sql } from 'kysely'
import { utcDay } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'

/** How a model did when it was asked. */
export interface ModelSuccess {
  /** Requests that came to an end. */
  requests: number
  ok: number
}

const DAY_MS = 86_400_000

/** Returns how each model that was asked did in the last `days` UTC days up to `now`, by the name under which it was asked. */
export async function modelSuccess(db: Db, days: number, now: number): Promise<Map<string, ModelSuccess>> {
  const asked = sql<string>`coalesce(asked_model, model)`
  const rows = await db
    .selectFrom('llm_calls')
    .select((eb) => [
      asked.as('asked'),
      eb.fn.countAll<number>().as('requests'),
      eb.fn.sum<number>(sql<number>`case when outcome = 'ok' then 1 else 0 end`).as('ok'),
    ])
    .where('usage_date', '>=', utcDay(now - (days - 1) * DAY_MS))
    .where('outcome', '!=', 'in_flight')
    .groupBy(asked)
    .execute()
  return new Map(
    rows.map(({ asked: model, requests, ok }) => [model, { requests: Number(requests), ok: Number(ok) }]),
  )
}
