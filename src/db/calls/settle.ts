import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { CircuitOpening, CircuitTuning } from './circuit-openings.js'
import { openSteps } from './circuit-openings.js'
import { probedSteps } from './circuits.js'
import { FAILURES_LOCK } from './ledger-locks.js'
import { addUsage } from './day-counts.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { CallOutcome, LlmCallsTable } from '../engine/schema.js'
import type { LedgerSettlement } from './settlement.js'
import type { Steps } from '../engine/steps.js'
import { takeLocks, transact } from '../engine/steps.js'

/** What a settled request means for circuits and limits. */
export interface Consequences {
  /** It shows that the model answers: circuits that it probed close. */
  alive: boolean
  openings: readonly CircuitOpening[]
  /** A limit of the group that the provider named, in force until then (epoch milliseconds). */
  learned: { group: string; perMinute: number; until: number } | null
  tuning: CircuitTuning
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
  /** Whether a provider's cache gave the answer. */
  cached?: LlmCallsTable['cached'] | undefined
  /** Of the prompt's tokens, those that the provider had in its cache. */
  cachedTokens?: number | null | undefined
  /** Of the answer's tokens, those that were thinking. */
  reasoningTokens?: number | null | undefined
  /** Who ran the model, as a router says. */
  servedBy?: string | null | undefined
  latencyMs: number
  rateLimit: unknown
}

/**
 * Returns the closing of a ledger row, to be committed alone or together with the checkpoint that holds the answer.
 * Committing twice, or after somebody else settled the row, changes nothing.
 */
export function settlement(
  db: Db,
  callId: string,
  result: CallResult,
  consequences: Consequences,
  now: number,
): LedgerSettlement {
  const steps = (): Steps<void> => settleSteps(callId, result, consequences, now)
  return { steps, commit: () => transact(db, steps) }
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
  | 'cached'
  | 'cached_tokens'
  | 'reasoning_tokens'
  | 'provider'
> & { call_id: string; model: string | null; outcome: string; finished_at: string }

type SettledRow = Pick<LlmCallsTable, 'usage_date' | 'role' | 'limit_group' | 'asked_model' | 'model'>

function settleQuery(db: Db, p: Settled) {
  return db
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
      cached: p.cached,
      cached_tokens: p.cached_tokens,
      reasoning_tokens: p.reasoning_tokens,
      provider: p.provider,
      finished_at: p.finished_at,
    }))
    .where('call_id', '=', p.call_id)
    .where('outcome', '=', sql.lit('in_flight'))
}

const settleCall = preparedWrite<Settled>(settleQuery)
const settleAndTell = prepared<Settled, SettledRow>((db, p) =>
  settleQuery(db, p).returning(['usage_date', 'role', 'limit_group', 'asked_model', 'model']),
)

/** What was learned before, and is in force still, is only ever tightened. */
const learnLimit = preparedWrite<{ group: string; perMinute: number; until: string; now: string }>((db, p) =>
  db
    .insertInto('limit_states')
    .values({ limit_group: p.group, per_minute: p.perMinute, per_minute_until: p.until })
    .onConflict((conflict) =>
      conflict.column('limit_group').doUpdateSet((eb) => ({
        per_minute: eb
          .case()
          .when(
            eb.and([
              eb('limit_states.per_minute_until', '>', p.now),
              eb('limit_states.per_minute', '<', eb.ref('excluded.per_minute')),
            ]),
          )
          .then(eb.ref('limit_states.per_minute'))
          .else(eb.ref('excluded.per_minute'))
          .end(),
        per_minute_until: eb.ref('excluded.per_minute_until'),
      })),
    ),
)

function* settleSteps(
  callId: string,
  result: CallResult,
  { alive, openings, learned, tuning }: Consequences,
  now: number,
): Steps<void> {
  const settled = {
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
    cached: result.cached ?? null,
    cached_tokens: result.cachedTokens ?? null,
    reasoning_tokens: result.reasoningTokens ?? null,
    provider: result.servedBy ?? null,
    finished_at: isoTime(now),
  }
  if (openings.length === 0 && learned === null && result.counted) {
    // Mostly. Where somebody else has settled it, no circuit waits for it any more.
    yield* settleCall.unread(settled)
    yield* probedSteps(callId, alive ? 'alive' : 'unknown', now)
    return
  }
  if (openings.length > 0) yield* takeLocks(FAILURES_LOCK)
  const [row] = yield* settleAndTell.step(settled)
  if (row === undefined) return
  if (learned !== null)
    yield* learnLimit.unread({ ...learned, until: isoTime(learned.until), now: isoTime(now) })
  const call = { callId, group: row.limit_group, askedModel: row.asked_model ?? row.model }
  for (const opening of openings) yield* openSteps(opening, call, tuning, now)
  yield* probedSteps(callId, alive ? 'alive' : 'unknown', now)
  if (!result.counted) yield* addUsage(row.usage_date, row.role, -1)
}
