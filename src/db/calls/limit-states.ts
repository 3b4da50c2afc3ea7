import { isoTime } from '../../core/clock.js'
import type { CallWindow } from './slots.js'
import { HORIZON_WINDOWS, slotSteps } from './slots.js'
import { countGroupDay } from './day-counts.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import { perform, takeLocks, transact } from '../engine/steps.js'
import { ledgerLocks } from './ledger-locks.js'
import type { Steps } from '../engine/steps.js'

/** What the provider said of one UTC day of a limit group, beside the ledger's count at that moment. */
export interface ProviderCount {
  group: string
  date: string
  /** Requests of the day; null: it did not say. */
  limit: number | null
  used: number
  ledger_used: number
  /** What the provider counts and the ledger does not; negative: the other way round (its count lags). */
  elsewhere: number
  checked_at: string
}

export interface CountedDay {
  /** UTC day that the provider's count is about. */
  date: string
  perDay: number | null
  providerUsed: number
}

type CountRow = {
  group: string
  date: string
  perDay: number | null
  providerUsed: number
  ledgerUsed: number
  elsewhere: number
  checkedAt: string
}

const upsertCount = preparedWrite<CountRow>((db, p) =>
  db
    .insertInto('limit_states')
    .values({
      limit_group: p.group,
      usage_date: p.date,
      per_day: p.perDay,
      provider_used: p.providerUsed,
      ledger_used: p.ledgerUsed,
      elsewhere: p.elsewhere,
      checked_at: p.checkedAt,
    })
    .onConflict((conflict) =>
      conflict.column('limit_group').doUpdateSet((eb) => ({
        usage_date: eb.ref('excluded.usage_date'),
        per_day: eb.ref('excluded.per_day'),
        provider_used: eb.ref('excluded.provider_used'),
        ledger_used: eb.ref('excluded.ledger_used'),
        elsewhere: eb.ref('excluded.elsewhere'),
        checked_at: eb.ref('excluded.checked_at'),
      })),
    ),
)

const elsewhereOf = prepared<{ group: string; date: string }, { elsewhere: number | null }>((db, p) =>
  db
    .selectFrom('limit_states')
    .select('elsewhere')
    .where('limit_group', '=', p.group)
    .where('usage_date', '=', p.date),
)

/**
 * Records the provider's count of a group's day beside the ledger's, in one immediate transaction. What was learned of
 * the group's minute stays as it is.
 *
 * @returns both counts.
 */
export async function recordProviderCount(
  db: Db,
  group: string,
  { date, perDay, providerUsed }: CountedDay,
  now: number,
): Promise<ProviderCount> {
  return transact(db, function* (): Steps<ProviderCount> {
    yield* takeLocks(...ledgerLocks(0, group))
    const [row] = yield* countGroupDay.step({ group, date })
    const ledgerUsed = Number(row?.used ?? 0)
    const checkedAt = isoTime(now)
    const [earlier] = yield* elsewhereOf.step({ group, date })
    const elsewhere = Math.max(providerUsed - ledgerUsed, earlier?.elsewhere ?? providerUsed - ledgerUsed)
    yield* upsertCount.unread({ group, date, perDay, providerUsed, ledgerUsed, elsewhere, checkedAt })
    return {
      group,
      date,
      limit: perDay,
      used: providerUsed,
      ledger_used: ledgerUsed,
      elsewhere,
      checked_at: checkedAt,
    }
  })
}

/** Returns the newest count of each group that the provider told, by name. */
export async function providerCounts(db: Db): Promise<ProviderCount[]> {
  const rows = await limitStates(db)
  return rows.flatMap((row) =>
    row.usage_date === null || row.provider_used === null
      ? []
      : [
          {
            group: row.limit_group,
            date: row.usage_date,
            limit: row.per_day,
            used: row.provider_used,
            ledger_used: row.ledger_used ?? 0,
            elsewhere: row.elsewhere ?? 0,
            checked_at: row.checked_at ?? '',
          },
        ],
  )
}

/** Returns all that was learned of limit groups, by name. */
export async function limitStates(db: Db) {
  return db.selectFrom('limit_states').selectAll().orderBy('limit_group').execute()
}

/** A group's minute as the ledger knows it. */
export interface MinuteState {
  group: string
  /** Requests that began in the window that ends now. */
  used: number
  /** Requests that have their slot already, and are sent then. */
  booked: number
  /** Requests in one window, as configured or as learned from a refusal. */
  limit: number
  /** When the next request may begin; null: now. */
  next_at: string | null
}

/** Returns how full a group's minute is, as the booking of a request sees it. */
export async function minuteState(db: Db, window: CallWindow, now: number): Promise<MinuteState> {
  const { group, perMinute, minuteMs } = window
  const counts = await db
    .selectFrom('llm_calls')
    .select((eb) => [
      eb.fn.sum<number>(eb.case().when('started_at', '<=', isoTime(now)).then(1).else(0).end()).as('used'),
      eb.fn.sum<number>(eb.case().when('started_at', '>', isoTime(now)).then(1).else(0).end()).as('booked'),
    ])
    .where('limit_group', '=', group)
    .where('started_at', '>', isoTime(now - minuteMs))
    .where('started_at', '<=', isoTime(now + HORIZON_WINDOWS * minuteMs))
    .executeTakeFirst()
  const learned = await db
    .selectFrom('limit_states')
    .select('per_minute')
    .where('limit_group', '=', group)
    .where('per_minute_until', '>', isoTime(now))
    .executeTakeFirst()
  const slot = (await perform(db, slotSteps(window, now))) ?? now + HORIZON_WINDOWS * minuteMs
  return {
    group,
    used: Number(counts?.used ?? 0),
    booked: Number(counts?.booked ?? 0),
    limit: Math.max(1, Math.min(perMinute, learned?.per_minute ?? perMinute)),
    next_at: slot > now ? isoTime(slot) : null,
  }
}
