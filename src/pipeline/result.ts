import type { PhaseName, Status } from '../db/schema.js'
import type { StopReason } from './failure-policy.js'

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

/** What a phase command prints with --json. */
export interface PhaseResult {
  phase: PhaseName | 'resume'
  claimed: number
  succeeded: number
  failed: number
  released: number
  resumed: number
  requests: { cheap: number; expensive: number }
  stopped: StopReason | null
  /** ISO time before which running again is pointless; only where `stopped` says why. */
  retry_at?: string
  /** Papers of the phase that may not be taken before their time, and when the first of them may. */
  waiting?: { papers: number; until: string }
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
