import { sql } from 'kysely'
import { isoTime, nextUtcMidnight } from '../core/clock.js'
import { usedRequests } from './ledger.js'
import type { Db } from './prepared.js'
import type { CircuitState } from './schema.js'

export interface UsageRow {
  requests: number
  ok: number
  failed: number
  prompt_tokens: number
  completion_tokens: number
  cost_usd: number
}

export interface Circuit {
  name: string
  state: CircuitState
  opened_at: string | null
  retry_at: string | null
  reason: string | null
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
  by_phase: Record<string, UsageRow>
  by_model: Record<string, UsageRow>
  /** Measured over finished papers; null before the first one. */
  requests_per_paper: number | null
  circuits: Circuit[]
}

/** Returns what the ledger says about one UTC day. */
export async function budgetOf(db: Db, date: string, limit: number): Promise<Budget> {
  const [used, roles, byPhase, byModel, perPaper, circuits] = [
    await usedRequests(db, date),
    await countedByRole(db, date),
    await usageBy(db, date, 'phase'),
    await usageBy(db, date, 'model'),
    await requestsPerPaper(db),
    await db.selectFrom('circuits').selectAll().orderBy('name').execute(),
  ]
  return {
    date,
    limit,
    used,
    remaining: limit === 0 ? null : Math.max(0, limit - used),
    ...roles,
    resets_at: isoTime(nextUtcMidnight(Date.parse(`${date}T00:00:00Z`))),
    by_phase: byPhase,
    by_model: byModel,
    requests_per_paper: perPaper,
    circuits,
  }
}

/** Returns the counted requests of one execution by role. */
export async function requestsOfExecution(
  db: Db,
  executionId: string,
): Promise<{ cheap: number; expensive: number }> {
  const rows = await db
    .selectFrom('llm_calls')
    .select(['role', (eb) => eb.fn.countAll<number>().as('n')])
    .where('execution_id', '=', executionId)
    .where('counted', '=', 1)
    .groupBy('role')
    .execute()
  const of = (role: string): number => Number(rows.find((row) => row.role === role)?.n ?? 0)
  return { cheap: of('cheap'), expensive: of('expensive') }
}

/** Returns the requests that are with a provider right now. */
export async function callsInFlight(
  db: Db,
): Promise<{ arxiv_id: string | null; phase: string | null; model: string; started_at: string }[]> {
  return db
    .selectFrom('llm_calls as c')
    .leftJoin('executions as e', 'e.execution_id', 'c.execution_id')
    .select(['e.arxiv_id', 'c.phase', 'c.model', 'c.started_at'])
    .where('c.outcome', '=', sql.lit('in_flight'))
    .orderBy('c.started_at')
    .execute()
}

async function countedByRole(db: Db, date: string): Promise<{ cheap: number; expensive: number }> {
  const rows = await db
    .selectFrom('llm_calls')
    .select(['role', (eb) => eb.fn.countAll<number>().as('n')])
    .where('usage_date', '=', date)
    .where('counted', '=', 1)
    .groupBy('role')
    .execute()
  const usage = await db
    .selectFrom('daily_usage')
    .select(['cheap_calls', 'expensive_calls'])
    .where('date', '=', date)
    .executeTakeFirst()
  const of = (role: string): number => Number(rows.find((row) => row.role === role)?.n ?? 0)
  return {
    cheap: Math.max(of('cheap'), usage?.cheap_calls ?? 0),
    expensive: Math.max(of('expensive'), usage?.expensive_calls ?? 0),
  }
}

async function usageBy(db: Db, date: string, column: 'phase' | 'model'): Promise<Record<string, UsageRow>> {
  const rows = await db
    .selectFrom('llm_calls')
    .select((eb) => [
      eb.ref(column).as('name'),
      eb.fn.sum<number>('counted').as('requests'),
      eb.fn.sum<number>(sql<number>`case when outcome = 'ok' then 1 else 0 end`).as('ok'),
      eb.fn
        .sum<number>(sql<number>`case when outcome in ('error', 'rate_limited', 'aborted') then 1 else 0 end`)
        .as('failed'),
      eb.fn.coalesce(eb.fn.sum<number>('prompt_tokens'), sql<number>`0`).as('prompt_tokens'),
      eb.fn.coalesce(eb.fn.sum<number>('completion_tokens'), sql<number>`0`).as('completion_tokens'),
      eb.fn.coalesce(eb.fn.sum<number>('cost_usd'), sql<number>`0`).as('cost_usd'),
    ])
    .where('usage_date', '=', date)
    .groupBy(column)
    .orderBy(column)
    .execute()
  return Object.fromEntries(rows.map(({ name, ...usage }) => [name ?? 'unknown', usage]))
}

async function requestsPerPaper(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('executions as e')
    .innerJoin('llm_calls as c', 'c.execution_id', 'e.execution_id')
    .select((eb) => [
      eb.fn.sum<number>('c.counted').as('requests'),
      eb.fn.count<number>('e.execution_id').distinct().as('papers'),
    ])
    .where('e.status', '=', 'done')
    .executeTakeFirst()
  if (row === undefined || Number(row.papers) === 0) return null
  return Math.round((Number(row.requests) / Number(row.papers)) * 100) / 100
}
