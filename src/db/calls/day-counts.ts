import { sql } from 'kysely'
import { momentText } from '../../core/clock.js'
import { EXIT, RpaError } from '../../core/errors.js'
import { hasEnded, remembered } from '../../core/processes/owner.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'
import { perform } from '../engine/steps.js'

/** The day's requests are spent; nothing was sent. `resetsAt` in epoch milliseconds. */
export class BudgetSpentError extends RpaError {
  readonly retryable = false

  constructor(
    readonly limit: number,
    readonly resetsAt: number,
    /** The limit group whose day it is; null: RPA_BUDGET. */
    readonly group: string | null = null,
    /** Requests that are left, and kept for papers further on. */
    kept = 0,
  ) {
    const whose = group === null ? 'The budget of' : `${group}: the provider's limit of`
    const what =
      kept > 0
        ? `${whose} ${limit} requests for this UTC day has ${kept} left, which are kept for papers further on.`
        : `${whose} ${limit} requests for this UTC day is spent.`
    const raise = group === null ? ', or raise RPA_BUDGET' : ''
    super(kept > 0 ? 'budget_kept' : 'budget_spent', what, {
      hint: `It resets at ${momentText(resetsAt)}. Run the same command again then${raise}.`,
      exitCode: EXIT.tempfail,
    })
  }
}

const countToday = prepared<{ date: string }, { used: number }>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select((eb) => eb.fn.countAll<number>().as('used'))
    .where('usage_date', '=', p.date)
    .where('counted', '=', sql.lit(1)),
)
const usageOfDay = prepared<{ date: string }, { total_calls: number }>((db, p) =>
  db.selectFrom('daily_usage').select('total_calls').where('date', '=', p.date),
)

type Booking = { owner_id: string | null; limit_group: string | null }
const bookingsOfDay = prepared<{ date: string }, Booking>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select(['owner_id', 'limit_group'])
    .where('outcome', '=', sql.lit('in_flight'))
    .where('sent_at', 'is', null)
    .where('usage_date', '=', p.date),
)

/** What owners have booked that ended before they sent it: whoever books next gives it back. */
async function lapsedBookings(db: Db, date: string): Promise<Booking[]> {
  const ended = remembered(hasEnded)
  return (await bookingsOfDay(db, { date })).filter(({ owner_id }) => ended(owner_id ?? ''))
}

/**
 * Returns the requests that count against a UTC day. `daily_usage` follows the ledger, but may hold more where an
 * earlier tool spent part of the same day.
 */
export async function usedRequests(db: Db, date: string): Promise<number> {
  return (await perform(db, usedSteps(date))) - (await lapsedBookings(db, date)).length
}

/** The same as a step of a transaction, with what is booked by the dead. */
export function* usedSteps(date: string): Steps<number> {
  const ledger = yield* countToday.ahead({ date })
  const usage = yield* usageOfDay.step({ date })
  return mostOf(ledger.rows(), usage)
}

/** The same asked ahead. */
export function* usedAhead(date: string): Steps<() => number> {
  const ledger = yield* countToday.ahead({ date })
  const usage = yield* usageOfDay.ahead({ date })
  return () => mostOf(ledger.rows(), usage.rows())
}

function mostOf([ledger]: readonly { used: number }[], [usage]: readonly { total_calls: number }[]): number {
  return Math.max(Number(ledger?.used ?? 0), usage?.total_calls ?? 0)
}

/** The counted requests of a group and UTC day. */
export const countGroupDay = prepared<{ group: string; date: string }, { used: number }>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select((eb) => eb.fn.countAll<number>().as('used'))
    .where('limit_group', '=', p.group)
    .where('usage_date', '=', p.date)
    .where('counted', '=', sql.lit(1)),
)
type ProviderDay = { per_day: number | null; elsewhere: number | null }
const providerDay = prepared<{ group: string; date: string }, ProviderDay>((db, p) =>
  db
    .selectFrom('limit_states')
    .select(['per_day', 'elsewhere'])
    .where('limit_group', '=', p.group)
    .where('usage_date', '=', p.date),
)

/** What an account has used of a UTC day, and how much it may; `limit` null: no limit is known. */
export interface GroupDay {
  used: number
  limit: number | null
}

/** Returns what an account has used of a UTC day, and how much it may; `limit` null: no limit is known. */
export async function groupDay(
  db: Db,
  group: string,
  perDay: number | null,
  date: string,
): Promise<GroupDay> {
  const { used, limit } = await perform(db, groupDaySteps(group, perDay, date))
  const lapsed = (await lapsedBookings(db, date)).filter(({ limit_group }) => limit_group === group)
  return { used: used - lapsed.length, limit }
}

/** The same as a step of a transaction: what the ledger counts, and what others sent as far as the provider told. */
export function* groupDaySteps(group: string, perDay: number | null, date: string): Steps<GroupDay> {
  const count = yield* countGroupDay.ahead({ group, date })
  const told = yield* providerDay.step({ group, date })
  return groupDayOf(perDay, count.rows(), told)
}

/** The same asked ahead. */
export function* groupDayAhead(group: string, perDay: number | null, date: string): Steps<() => GroupDay> {
  const count = yield* countGroupDay.ahead({ group, date })
  const told = yield* providerDay.ahead({ group, date })
  return () => groupDayOf(perDay, count.rows(), told.rows())
}

function groupDayOf(
  perDay: number | null,
  [count]: readonly { used: number }[],
  [told]: readonly ProviderDay[],
): GroupDay {
  const ours = Number(count?.used ?? 0)
  const elsewhere = Math.max(0, told?.elsewhere ?? 0)
  const limits = [perDay, told?.per_day ?? null].filter((limit) => limit !== null)
  return { used: ours + elsewhere, limit: limits.length === 0 ? null : Math.min(...limits) }
}

const changeUsage = preparedWrite<{ date: string; n: number; cheap: number; expensive: number }>((db, p) =>
  db
    .insertInto('daily_usage')
    .values({ date: p.date, total_calls: p.n, cheap_calls: p.cheap, expensive_calls: p.expensive })
    .onConflict((conflict) =>
      conflict.column('date').doUpdateSet((eb) => ({
        total_calls: eb('daily_usage.total_calls', '+', eb.ref('excluded.total_calls')),
        cheap_calls: eb('daily_usage.cheap_calls', '+', eb.ref('excluded.cheap_calls')),
        expensive_calls: eb('daily_usage.expensive_calls', '+', eb.ref('excluded.expensive_calls')),
      })),
    ),
)

/** Adds to a day's counters, or takes away from them. */
export function* addUsage(date: string, role: 'cheap' | 'expensive', n: number): Steps<void> {
  yield* changeUsage.unread({
    date,
    n,
    cheap: role === 'cheap' ? n : 0,
    expensive: role === 'expensive' ? n : 0,
  })
}
