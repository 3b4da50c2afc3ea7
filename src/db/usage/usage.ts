import { sql } from 'kysely'
import { isoTime, nextUtcMidnight } from '../../core/clock.js'
import { isObject } from '../../core/json.js'
import { circuitsAt, type Circuit } from '../calls/circuit-list.js'
import { usedRequests } from '../calls/day-counts.js'
import type { Db } from '../engine/prepared.js'

export interface UsageRow {
  /** Requests that count against the day. */
  requests: number
  ok: number
  /** Of those that count. */
  failed: number
  /** Requests that never reached the provider. */
  uncounted: number
  prompt_tokens: number
  completion_tokens: number
  cost_usd: number
}

/** What came with the newest answer of a model that said anything about limits. Times in seconds. */
export interface SeenRateLimit {
  model: string
  at: string
  limited: boolean
  retry_after: number | null
  windows: unknown[]
}

export interface Budget {
  date: string
  /** Requests a UTC day; 0 = no limit. */
  limit: number
  used: number
  /** Null where there is no limit. */
  remaining: number | null
  cheap: number
  expensive: number
  resets_at: string
  by_role: Record<string, UsageRow>
  by_phase: Record<string, UsageRow>
  by_model: Record<string, UsageRow>
  circuits: Circuit[]
  rate_limits: SeenRateLimit[]
}

/** Returns what the ledger says about one UTC day; the circuits are those of `now`. */
export async function budgetOf(db: Db, date: string, limit: number, now: number): Promise<Budget> {
  const used = await usedRequests(db, date)
  const rows = await usageOfDay(db, date)
  const byRole = addUp(rows, 'role')
  return {
    date,
    limit,
    used,
    remaining: limit === 0 ? null : Math.max(0, limit - used),
    ...(await countedByRole(db, date, byRole)),
    resets_at: isoTime(nextUtcMidnight(Date.parse(`${date}T00:00:00Z`))),
    by_role: byRole,
    by_phase: addUp(rows, 'phase'),
    by_model: addUp(rows, 'model'),
    circuits: await circuitsAt(db, now),
    rate_limits: await seenRateLimits(db, date),
  }
}

/** Returns the counted requests of one execution by role. */
export async function requestsOfExecution(
  db: Db,
  executionId: string,
  since: string | null,
): Promise<{ cheap: number; expensive: number }> {
  const rows = await db
    .selectFrom('llm_calls')
    .select(['role', (eb) => eb.fn.countAll<number>().as('n')])
    .where('execution_id', '=', executionId)
    .where('counted', '=', 1)
    .$if(since !== null, (query) => query.where('started_at', '>=', since ?? ''))
    .groupBy('role')
    .execute()
  const of = (role: string): number => Number(rows.find((row) => row.role === role)?.n ?? 0)
  return { cheap: of('cheap'), expensive: of('expensive') }
}

/** An earlier tool may have spent part of the day: then `daily_usage` holds more than the ledger. */
async function countedByRole(
  db: Db,
  date: string,
  byRole: Record<string, UsageRow>,
): Promise<{ cheap: number; expensive: number }> {
  const usage = await db
    .selectFrom('daily_usage')
    .select(['cheap_calls', 'expensive_calls'])
    .where('date', '=', date)
    .executeTakeFirst()
  return {
    cheap: Math.max(byRole['cheap']?.requests ?? 0, usage?.cheap_calls ?? 0),
    expensive: Math.max(byRole['expensive']?.requests ?? 0, usage?.expensive_calls ?? 0),
  }
}

/** 1 for a row that failed and counts against its day. */
export const FAILED = sql<number>`case when counted = 1 and outcome in ('error', 'rate_limited', 'aborted') then 1 else 0 end`

/** Sums of the day by role, phase and model together, to be added up to either. */
async function usageOfDay(db: Db, date: string) {
  return db
    .selectFrom('llm_calls')
    .select((eb) => [
      'role',
      'phase',
      'model',
      eb.fn.sum<number>('counted').as('requests'),
      eb.fn.sum<number>(sql<number>`case when outcome = 'ok' then 1 else 0 end`).as('ok'),
      eb.fn.sum<number>(FAILED).as('failed'),
      eb.fn.sum<number>(sql<number>`1 - counted`).as('uncounted'),
      eb.fn.sum<number | null>('prompt_tokens').as('prompt_tokens'),
      eb.fn.sum<number | null>('completion_tokens').as('completion_tokens'),
      eb.fn.sum<number | null>('cost_usd').as('cost_usd'),
    ])
    .where('usage_date', '=', date)
    .groupBy(['role', 'phase', 'model'])
    .orderBy('role')
    .orderBy('phase')
    .orderBy('model')
    .execute()
}

type DayRows = Awaited<ReturnType<typeof usageOfDay>>

function addUp(rows: DayRows, column: 'role' | 'phase' | 'model'): Record<string, UsageRow> {
  const sums = new Map<string, UsageRow>()
  for (const row of rows) {
    const name = row[column] ?? 'unknown'
    const sum = sums.get(name) ?? { ...NOTHING }
    for (const key of Object.keys(NOTHING) as (keyof UsageRow)[]) sum[key] += Number(row[key] ?? 0)
    sums.set(name, sum)
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const NOTHING: UsageRow = {
  requests: 0,
  ok: 0,
  failed: 0,
  uncounted: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  cost_usd: 0,
}

async function seenRateLimits(db: Db, date: string): Promise<SeenRateLimit[]> {
  const ranked = db
    .selectFrom('llm_calls')
    .select(['model', 'finished_at', 'rate_limit'])
    .select(sql<number>`row_number() over (partition by model order by finished_at desc)`.as('place'))
    .where('usage_date', '=', date)
    .where('rate_limit', 'is not', null)
    .as('ranked')
  const rows = await db
    .selectFrom(ranked)
    .select(['model', 'finished_at', 'rate_limit'])
    .where('place', '=', 1)
    .orderBy('model')
    .execute()
  return rows.map(({ model, finished_at, rate_limit }) => ({
    model,
    at: finished_at ?? '',
    ...rateLimitOf(rate_limit),
  }))
}

function rateLimitOf(json: string | null): Omit<SeenRateLimit, 'model' | 'at'> {
  let state: unknown
  try {
    state = JSON.parse(json ?? 'null')
  } catch {
    state = null
  }
  const { limited, retry_after, windows } = isObject(state) ? state : {}
  return {
    limited: limited === true,
    retry_after: typeof retry_after === 'number' ? retry_after : null,
    windows: Array.isArray(windows) ? windows : [],
  }
}
