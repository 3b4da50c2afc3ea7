import { sql } from 'kysely'
import { isoTime, utcDay } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'

const HOUR_MS = 3_600_000

/** Returns the requests that count in each of the last `hours` hours up to `now`, the oldest first; the last one is not over. */
export async function usageByHour(db: Db, hours: number, now: number): Promise<number[]> {
  const first = Math.floor(now / HOUR_MS) - (hours - 1)
  const since = isoTime(first * HOUR_MS)
  const hour = sql<string>`substr(started_at, 1, 13)`
  const rows = await db
    .selectFrom('llm_calls')
    .select((eb) => [hour.as('hour'), eb.fn.sum<number>('counted').as('n')])
    .where('usage_date', '>=', utcDay(first * HOUR_MS))
    .where('started_at', '>=', since)
    .groupBy(hour)
    .execute()
  const known = new Map(rows.map((row) => [row.hour, Number(row.n)]))
  return Array.from(
    { length: hours },
    (_, place) => known.get(isoTime((first + place) * HOUR_MS).slice(0, 13)) ?? 0,
  )
}
