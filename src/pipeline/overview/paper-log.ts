import { isObject } from '../../core/json.js'
import type { PipelineName } from '../../core/phases.js'
import type { PaperCall } from '../../db/usage/calls-of-paper.js'
import { callsOfPaper } from '../../db/usage/calls-of-paper.js'
import { earlierTransitions } from '../../db/checkpoints/earlier-transitions.js'
import { idsWithRuns, snapshotsOf } from '../../db/checkpoints/runs.js'
import { requireExecutions } from '../../db/executions/named.js'
import { paperAndHolder } from '../../db/executions/one-paper.js'
import type { Db } from '../../db/engine/prepared.js'
import type { Status } from '../../db/engine/schema.js'

/** A state that a machine was in. Times are ISO-8601 UTC text. */
export interface LoggedState {
  machine: string
  state: string
  at: string
  /** When it was left; null: not yet, or nobody wrote it down. */
  left_at: string | null
}

/** The whole story of one paper. Times are ISO-8601 UTC text. */
export interface PaperLog {
  arxiv_id: string
  execution_id: string
  title: string
  status: Status
  /** Which machines it goes through, or went through. */
  pipeline: PipelineName
  attempts: number
  /** When it is taken again after a failure; null: at once. */
  not_before: string | null
  /** Of its last try, if that failed. */
  failure: { error_class: string | null; message: string | null } | null
  created_at: string
  updated_at: string
  /** Where a machine wrote its report. */
  report: string | null
  /** Who holds it, and until when; null: nobody. */
  held: { owner_id: string; until: string } | null
  /** As far as checkpoints tell: `prune` deletes those of papers that are done. */
  transitions: LoggedState[]
  requests: PaperCall[]
  totals: {
    requests: number
    failed: number
    prompt_tokens: number
    completion_tokens: number
    cost_usd: number
    /** Time in which a model was at work on it, milliseconds. */
    model_ms: number
  }
}

/**
 * Returns what happened to a paper: the states of its machines, its requests, what they cost.
 *
 * @throws UsageError `unknown_paper`; RpaError `db_corrupt` if its checkpoints are damaged.
 */
export async function paperLog(db: Db, id: string): Promise<PaperLog> {
  const [named] = await requireExecutions(db, [id])
  const executionId = named?.execution_id ?? id
  const row = await paperAndHolder(db, executionId)
  const { owner_id, lease_until, result_path, error_class, error: message, ...paper } = row
  const requests = await callsOfPaper(db, executionId)
  return {
    execution_id: executionId,
    ...paper,
    failure: error_class === null && message === null ? null : { error_class, message },
    report: result_path,
    held:
      owner_id === null || lease_until === null
        ? null
        : { owner_id, until: new Date(lease_until * 1000).toISOString() },
    transitions: await transitionsOf(db, executionId),
    requests,
    totals: totalsOf(requests),
  }
}

async function transitionsOf(db: Db, executionId: string): Promise<LoggedState[]> {
  const states: LoggedState[] = []
  for (const id of await idsWithRuns(db, executionId)) {
    states.push(...statesOf((await snapshotsOf(db, id)).flatMap(momentOf)))
  }
  states.push(...statesOf(await earlierTransitions(db, executionId)))
  return states.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

interface Moment {
  machine: string
  state: string
  at: string
}

function momentOf(snapshot: unknown): Moment[] {
  if (!isObject(snapshot)) return []
  const { machine_name: machine, current_state: state, created_at: at } = snapshot
  return typeof machine === 'string' && typeof state === 'string' && typeof at === 'string'
    ? [{ machine, state, at }]
    : []
}

/** Each state is written down when it is entered, and again when its work is done. */
function statesOf(moments: readonly Moment[]): LoggedState[] {
  const states: LoggedState[] = []
  for (const { machine, state, at } of moments) {
    const last = states.at(-1)
    if (last !== undefined && last.machine === machine && last.state === state) last.left_at = at
    else states.push({ machine, state, at, left_at: null })
  }
  return states
}

function totalsOf(requests: readonly PaperCall[]): PaperLog['totals'] {
  const sum = (of: (call: PaperCall) => number | null): number =>
    requests.reduce((total, call) => total + (of(call) ?? 0), 0)
  return {
    requests: sum((call) => call.counted),
    failed: requests.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'in_flight').length,
    prompt_tokens: sum((call) => call.prompt_tokens),
    completion_tokens: sum((call) => call.completion_tokens),
    cost_usd: sum((call) => call.cost_usd),
    model_ms: sum((call) => call.latency_ms),
  }
}
