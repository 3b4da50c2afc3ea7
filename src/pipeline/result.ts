import type { WaitingPapers } from '../db/executions/waiting.js'
import type { PhaseName, Status } from '../db/engine/schema.js'
import type { StopReason } from './failures/rules.js'

/** What happened to one paper. */
export interface ExecutionResult {
  arxiv_id: string
  execution_id: string
  status: Status
  error_class?: string
  error?: string
  /** Path of the report, after `wrap`. */
  report?: string
  duration_ms: number
}

/** Papers that somebody holds. */
export interface HeldPapers {
  owner_id: string
  /** Whether that is a process of this host that runs, or that has ended or is stopped; `unknown`: of another host. */
  owner: 'running' | 'gone' | 'unknown'
  papers: number
  /** ISO time at which the last of its leases ends unless it is renewed. */
  until: string
}

/** What a phase command prints with --json. */
export interface PhaseResult {
  phase: PhaseName | 'resume' | 'run'
  claimed: number
  succeeded: number
  failed: number
  released: number
  resumed: number
  requests: { cheap: number; expensive: number }
  stopped: StopReason | null
  /** ISO time before which running again is pointless; only where `stopped` says why. */
  retry_at?: string
  /** Why it stopped, or began nothing more, one line; where `stopped` alone does not say it. */
  reason?: string
  /** Papers of the phase that may not be taken before their time, and when the first of them may. */
  waiting?: { papers: number; until: string; classes: WaitingPapers[] }
  /** Papers of the phase that other processes hold, by owner. */
  held?: HeldPapers[]
  duration_ms: number
  executions: ExecutionResult[]
}

/** Returns a result of nothing done yet. */
export function emptyResult(phase: PhaseResult['phase']): PhaseResult {
  return {
    phase,
    claimed: 0,
    succeeded: 0,
    failed: 0,
    released: 0,
    resumed: 0,
    requests: { cheap: 0, expensive: 0 },
    stopped: null,
    duration_ms: 0,
    executions: [],
  }
}

/** How work on one paper ended. */
export interface EndedWork {
  result: ExecutionResult
  outcome: 'succeeded' | 'failed' | 'released'
  resumed: boolean
}

/** A run without an end must not grow without one: of its papers the newest are listed, and all are counted. */
const LISTED_OF_RUN = 1000

/**
 * Adds what happened to a paper. One that is taken again, because it was put back or is in its next phase, counts once,
 * with how it ended.
 *
 * @param outcomes how the work on each paper (execution_id) ended so far; kept up to date.
 */
export function noteResult(
  result: PhaseResult,
  { outcome, resumed, result: row }: EndedWork,
  outcomes: Map<string, EndedWork['outcome']>,
): void {
  const id = row.execution_id
  const earlier = outcomes.get(id)
  if (earlier !== undefined) {
    const listed = result.executions.findIndex((one) => one.execution_id === id)
    if (listed !== -1) result.executions.splice(listed, 1)
    result[earlier] -= 1
    result.claimed -= 1
  }
  outcomes.set(id, outcome)
  result[outcome] += 1
  if (resumed && earlier !== 'released') result.resumed += 1
  result.executions.push(row)
  if (result.phase === 'run' && result.executions.length > LISTED_OF_RUN) result.executions.shift()
}

/** Notes that papers (execution ids) which had failed went back to a status after all. */
export function notePutBack(
  result: PhaseResult,
  ids: readonly string[],
  status: Status,
  outcomes: Map<string, EndedWork['outcome']>,
): void {
  for (const id of ids) {
    if (outcomes.get(id) !== 'failed') continue
    outcomes.set(id, 'released')
    result.failed -= 1
    result.released += 1
    const listed = result.executions.find((one) => one.execution_id === id)
    if (listed !== undefined) listed.status = status
  }
}
