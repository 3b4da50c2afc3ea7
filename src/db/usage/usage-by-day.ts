import { sql } from 'kysely'
import { utcDay } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import { FAILED } from './usage.js'

/** One UTC day of the ledger. */
export interface DayUsage {
  date: string
  used: number
  cheap: number
  expensive: number
  ok: number
  /** Of those that count. */
  failed: number
  /** Papers that became done that day. */
  papers: number
}

const DAY_MS = 86_400_000

/** Returns the last `days` UTC days up to `now`, oldest first; days without requests too. */
export async function usageByDay(db: Db, days: number, now: number): Promise<DayUsage[]> {
  const dates = Array.from({ length: days }, (_, index) => utcDay(now - (days - 1 - index) * DAY_MS))
  const first = dates[0] ?? utcDay(now)
  const [calls, totals, papers] = [
    new Map((await callsSince(db, first)).map((row) => [row.date, row])),
    new Map((await totalsSince(db, first)).map((row) => [row.date, row])),
    new Map((await papersSince(db, first)).map((row) => [row.date, Number(row.papers)])),
  ]
  return dates.map((date) => {
    const [call, total] = [calls.get(date), totals.get(date)]
    // An earlier tool may have spent part of the day: it kept the totals only.
    const most = (ours: number | undefined, all: number | undefined): number =>
      Math.max(Number(ours ?? 0), all ?? 0)
    return {
      date,
      used: most(call?.used, total?.total_calls),
      cheap: most(call?.cheap, total?.cheap_calls),
      expensive: most(call?.expensive, total?.expensive_calls),
      ok: Number(call?.ok ?? 0),
      failed: Number(call?.failed ?? 0),
      papers: papers.get(date) ?? 0,
    }
  })
}

async function callsSince(db: Db, first: string) {
  return db
    .selectFrom('llm_calls')
    .select((eb) => [
      'usage_date as date',
      eb.fn.sum<number>('counted').as('used'),
      eb.fn.sum<number>(sql<number>`case when role = 'cheap' then counted else 0 end`).as('cheap'),
      eb.fn.sum<number>(sql<number>`case when role = 'expensive' then counted else 0 end`).as('expensive'),
      eb.fn.sum<number>(sql<number>`case when outcome = 'ok' then 1 else 0 end`).as('ok'),
      eb.fn.sum<number>(FAILED).as('failed'),
    ])
    .where('usage_date', '>=', first)
    .groupBy('usage_date')
    .execute()
}

async function totalsSince(db: Db, first: string) {
  return db.selectFrom('daily_usage').selectAll().where('date', '>=', first).execute()
}

async function papersSince(db: Db, first: string) {
  const date = sql<string>`substr(updated_at, 1, 10)`
  return db
    .selectFrom('executions')
    .select((eb) => [date.as('date'), eb.fn.countAll<number>().as('papers')])
    .where('status', '=', sql.lit('done'))
    .where('updated_at', '>=', first)
    .groupBy(date)
    .execute()
}

/** Returns the requests that count, of all days, by role; the rows of days are never deleted, so they only grow. */
export async function requestTotals(db: Db): Promise<{ cheap: number; expensive: number }> {
  const row = await db
    .selectFrom('daily_usage')
    .select((eb) => [
      eb.fn.sum<number | null>('cheap_calls').as('cheap'),
      eb.fn.sum<number | null>('expensive_calls').as('expensive'),
    ])
    .executeTakeFirst()
  return { cheap: Number(row?.cheap ?? 0), expensive: Number(row?.expensive ?? 0) }
}

/**
 * Returns the requests that count since a moment (ISO text), and those of them that failed.
 *
 * @param date the UTC day of that moment.
 */
export async function requestsSince(
  db: Db,
  { date, since }: { date: string; since: string },
): Promise<{ sent: number; failed: number }> {
  const row = await db
    .selectFrom('llm_calls')
    .select((eb) => [
      eb.fn.sum<number | null>('counted').as('sent'),
      eb.fn.sum<number | null>(FAILED).as('failed'),
    ])
    .where('usage_date', '>=', date)
    .where('started_at', '>=', since)
    .executeTakeFirst()
  return { sent: Number(row?.sent ?? 0), failed: Number(row?.failed ?? 0) }
}
