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
  phase: PhaseName
  claimed: number
  succeeded: number
  failed: number
  released: number
  resumed: number
  requests: { cheap: number; expensive: number }
  stopped: StopReason | null
  /** ISO time before which running again is pointless; only where `stopped` says why. */
  retry_at?: string
  duration_ms: number
  executions: ExecutionResult[]
}
