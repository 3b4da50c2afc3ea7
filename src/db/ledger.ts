import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { isoTime, nextUtcMidnight, utcDay } from '../core/clock.js'
import { EXIT, RpaError } from '../core/errors.js'
import type { Lease } from './leases.js'
import { fenceSteps } from './leases.js'
import type { Db } from './prepared.js'
import { prepared, preparedWrite } from './prepared.js'
import type { CallOutcome, LlmCallsTable } from './schema.js'
import type { Settlement } from './settlement.js'
import type { Steps } from './steps.js'
import { perform, transact } from './steps.js'

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

/** The minute's requests of a limit group are used; nothing was sent. */
export class MinuteFullError extends RpaError {
  readonly retryable = false

  constructor(
    readonly group: string,
    /** Epoch milliseconds at which the next request may be sent. */
    readonly freeAt: number,
  ) {
    super('minute_full', `The requests a minute of ${group} are used.`)
  }
}

export interface MinuteWindow {
  group: string
  /** Requests in any 60 seconds. */
  perMinute: number
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
  /** Null: not paced. */
  window?: MinuteWindow | null
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
  return perform(db, usedSteps(date))
}

function* usedSteps(date: string): Steps<number> {
  const [ledger] = yield* countToday.step({ date })
  const [usage] = yield* usageOfDay.step({ date })
  return Math.max(Number(ledger?.used ?? 0), usage?.total_calls ?? 0)
}

const MINUTE_MS = 60_000

/** A window that slides keeps to fixed minutes as well, however the provider cuts them. */
function* waitForSlot({ group, perMinute }: MinuteWindow, now: number): Steps<void> {
  const [blocking] = yield* nthNewestStart.step({ group, offset: perMinute - 1 })
  if (blocking === undefined) return
  const freeAt = Date.parse(blocking.started_at) + MINUTE_MS
  // After a clock that went backwards the row lies in the future: nobody waits for it longer than a minute.
  if (freeAt > now) throw new MinuteFullError(group, Math.min(freeAt, now + MINUTE_MS))
}

const nthNewestStart = prepared<{ group: string; offset: number }, { started_at: string }>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select('started_at')
    .where('limit_group', '=', p.group)
    .orderBy('started_at', 'desc')
    .limit(sql.lit(1))
    .offset(p.offset),
)

type NewCall = Pick<
  LlmCallsTable,
  | 'call_id'
  | 'phase'
  | 'machine'
  | 'state'
  | 'role'
  | 'model'
  | 'attempt'
  | 'usage_date'
  | 'started_at'
  | 'owner_id'
  | 'limit_group'
> & { execution_id: string }

const insertCall = preparedWrite<NewCall>((db, p) =>
  db.insertInto('llm_calls').values({
    call_id: p.call_id,
    execution_id: p.execution_id,
    phase: p.phase,
    machine: p.machine,
    state: p.state,
    role: p.role,
    model: p.model,
    attempt: p.attempt,
    usage_date: p.usage_date,
    started_at: p.started_at,
    outcome: 'in_flight',
    counted: 1,
    owner_id: p.owner_id,
    limit_group: p.limit_group,
  }),
)

/**
 * Books one request before it is sent: the permission to send. The check of the budget and the row are one immediate
 * transaction, so that any number of processes together never exceed the limit.
 *
 * @returns the id of the ledger row, to be settled once.
 * @throws BudgetSpentError if the day's budget is used up, MinuteFullError if the minute's requests are, LeaseLostError
 * if the execution was taken over.
 */
export async function reserveCall(db: Db, request: CallRequest): Promise<string> {
  return transact(db, () => reserveSteps(request))
}

function* reserveSteps(request: CallRequest): Steps<string> {
  const { budget, now, lease } = request
  const date = utcDay(now)
  yield* fenceSteps(lease, now)
  if (budget > 0 && (yield* usedSteps(date)) >= budget)
    throw new BudgetSpentError(budget, nextUtcMidnight(now))
  if (request.window) yield* waitForSlot(request.window, now)
  const callId = randomUUID()
  yield* insertCall.step({
    call_id: callId,
    execution_id: request.executionId,
    phase: request.phase,
    machine: request.machine,
    state: request.state,
    role: request.role,
    model: request.model,
    attempt: request.attempt,
    usage_date: date,
    started_at: isoTime(now),
    owner_id: lease.ownerId,
    limit_group: request.window?.group ?? null,
  })
  yield* addUsage(date, request.role, 1)
  return callId
}

/**
 * Returns the closing of a ledger row, to be committed alone or together with the checkpoint that holds the answer.
 * Committing twice, or after somebody else settled the row, changes nothing.
 */
export function settlement(db: Db, callId: string, result: CallResult, now: number): Settlement {
  const steps = (): Steps<void> => settleSteps(callId, result, now)
  return {
    steps,
    commit: (trx) => (trx === undefined ? transact(db, steps) : perform(trx, steps())),
  }
}

type Settled = Pick<
  LlmCallsTable,
  | 'status_code'
  | 'error_class'
  | 'counted'
  | 'prompt_tokens'
  | 'completion_tokens'
  | 'cost_usd'
  | 'latency_ms'
  | 'rate_limit'
> & { call_id: string; model: string | null; outcome: string; finished_at: string }

const settleCall = prepared<Settled, Pick<LlmCallsTable, 'usage_date' | 'role'>>((db, p) =>
  db
    .updateTable('llm_calls')
    .set((eb) => ({
      outcome: p.outcome as CallOutcome,
      model: eb.fn.coalesce(eb.val(p.model), 'model'),
      status_code: p.status_code,
      error_class: p.error_class,
      counted: p.counted,
      prompt_tokens: p.prompt_tokens,
      completion_tokens: p.completion_tokens,
      cost_usd: p.cost_usd,
      latency_ms: p.latency_ms,
      rate_limit: p.rate_limit,
      finished_at: p.finished_at,
    }))
    .where('call_id', '=', p.call_id)
    .where('outcome', '=', sql.lit('in_flight'))
    .returning(['usage_date', 'role']),
)

function* settleSteps(callId: string, result: CallResult, now: number): Steps<void> {
  const [row] = yield* settleCall.step({
    call_id: callId,
    outcome: result.outcome,
    model: result.model ?? null,
    status_code: result.statusCode,
    error_class: result.errorClass,
    counted: result.counted ? 1 : 0,
    prompt_tokens: result.promptTokens,
    completion_tokens: result.completionTokens,
    cost_usd: result.costUsd,
    latency_ms: Math.round(result.latencyMs),
    rate_limit: result.rateLimit == null ? null : JSON.stringify(result.rateLimit),
    finished_at: isoTime(now),
  })
  if (row !== undefined && !result.counted) yield* addUsage(row.usage_date, row.role, -1)
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

function* addUsage(date: string, role: 'cheap' | 'expensive', n: number): Steps<void> {
  yield* changeUsage.step({
    date,
    n,
    cheap: role === 'cheap' ? n : 0,
    expensive: role === 'expensive' ? n : 0,
  })
}
