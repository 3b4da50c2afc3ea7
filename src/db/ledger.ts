import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { isoTime, nextUtcMidnight, utcDay } from '../core/clock.js'
import { EXIT, RpaError } from '../core/errors.js'
import type { Lease } from './leases.js'
import { fence } from './leases.js'
import type { Db } from './prepared.js'
import { prepared } from './prepared.js'
import type { CallOutcome } from './schema.js'
import type { Settlement } from './settlement.js'

/** The day's requests are spent; nothing was sent. `resetsAt` in epoch milliseconds. */
export class BudgetSpentError extends RpaError {
  readonly retryable = false

  constructor(
    readonly limit: number,
    readonly resetsAt: number,
  ) {
    super('budget_spent', `The budget of ${limit} requests for this UTC day is spent.`, {
      hint: `It resets at ${isoTime(resetsAt)}. Run the same command again then, or raise RPA_BUDGET.`,
      exitCode: EXIT.tempfail,
    })
  }
}

export interface CallRequest {
  executionId: string
  phase: string
  machine: string
  state: string
  role: 'cheap' | 'expensive'
  model: string
  attempt: number
  lease: Lease
  /** Requests a UTC day; 0 = no limit. */
  budget: number
  now: number
}

export interface CallResult {
  outcome: Exclude<CallOutcome, 'in_flight'>
  /** Model that answered, where it differs from the one asked. */
  model?: string | undefined
  statusCode: number | null
  errorClass: string | null
  /** False only when it is certain that the provider saw no request. */
  counted: boolean
  promptTokens: number | null
  completionTokens: number | null
  costUsd: number | null
  latencyMs: number
  rateLimit: unknown
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

/**
 * Returns the requests that count against a UTC day. `daily_usage` follows the ledger, but may hold more where an
 * earlier tool spent part of the same day.
 */
export async function usedRequests(db: Db, date: string): Promise<number> {
  const [ledger] = await countToday(db, { date })
  const [usage] = await usageOfDay(db, { date })
  return Math.max(Number(ledger?.used ?? 0), usage?.total_calls ?? 0)
}

/**
 * Books one request before it is sent: the permission to send. The check of the budget and the row are one immediate
 * transaction, so that any number of processes together never exceed the limit.
 *
 * @returns the id of the ledger row, to be settled once.
 * @throws BudgetSpentError if the day's budget is used up, LeaseLostError if the execution was taken over.
 */
export async function reserveCall(db: Db, request: CallRequest): Promise<string> {
  const callId = randomUUID()
  const date = utcDay(request.now)
  await db.transaction().execute(async (trx) => {
    await fence(trx, request.lease, request.now)
    if (request.budget > 0 && (await usedRequests(trx, date)) >= request.budget) {
      throw new BudgetSpentError(request.budget, nextUtcMidnight(request.now))
    }
    await trx
      .insertInto('llm_calls')
      .values({
        call_id: callId,
        execution_id: request.executionId,
        phase: request.phase,
        machine: request.machine,
        state: request.state,
        role: request.role,
        model: request.model,
        attempt: request.attempt,
        usage_date: date,
        started_at: isoTime(request.now),
        outcome: 'in_flight',
        counted: 1,
        owner_id: request.lease.ownerId,
      })
      .execute()
    await addUsage(trx, date, request.role, 1)
  })
  return callId
}

/**
 * Returns the closing of a ledger row, to be committed alone or together with the checkpoint that holds the answer.
 * Committing twice, or after somebody else settled the row, changes nothing.
 */
export function settlement(db: Db, callId: string, result: CallResult, now: number): Settlement {
  return {
    async commit(trx) {
      if (trx !== undefined) return settleCall(trx, callId, result, now)
      return db.transaction().execute((own) => settleCall(own, callId, result, now))
    },
  }
}

async function settleCall(trx: Db, callId: string, result: CallResult, now: number): Promise<void> {
  const row = await trx
    .updateTable('llm_calls')
    .set({
      outcome: result.outcome,
      status_code: result.statusCode,
      error_class: result.errorClass,
      counted: result.counted ? 1 : 0,
      prompt_tokens: result.promptTokens,
      completion_tokens: result.completionTokens,
      cost_usd: result.costUsd,
      latency_ms: Math.round(result.latencyMs),
      rate_limit: result.rateLimit === null ? null : JSON.stringify(result.rateLimit),
      finished_at: isoTime(now),
    })
    .$if(result.model !== undefined, (query) => query.set({ model: result.model as string }))
    .where('call_id', '=', callId)
    .where('outcome', '=', 'in_flight')
    .returning(['usage_date', 'role'])
    .executeTakeFirst()
  if (row !== undefined && !result.counted) await addUsage(trx, row.usage_date, row.role, -1)
}

async function addUsage(trx: Db, date: string, role: 'cheap' | 'expensive', n: number): Promise<void> {
  const cheap = role === 'cheap' ? n : 0
  const expensive = role === 'expensive' ? n : 0
  await trx
    .insertInto('daily_usage')
    .values({ date, total_calls: n, cheap_calls: cheap, expensive_calls: expensive })
    .onConflict((conflict) =>
      conflict.column('date').doUpdateSet((eb) => ({
        total_calls: eb('daily_usage.total_calls', '+', n),
        cheap_calls: eb('daily_usage.cheap_calls', '+', cheap),
        expensive_calls: eb('daily_usage.expensive_calls', '+', expensive),
      })),
    )
    .execute()
}
