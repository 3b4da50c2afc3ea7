import type { PhaseName } from '../../core/phases.js'
import type { Claim } from '../../db/executions/claims.js'
import type { Verdict } from '../failures/judge.js'
import type { StopReason } from '../failures/rules.js'
import type { PhaseMachine } from '../prepare-phase.js'

export interface Task {
  prepared: PhaseMachine
  claim: Claim
}

/** A reason to end although work remains. `retryAt` in epoch milliseconds, null if nobody knows. */
export interface Stop {
  reason: StopReason
  retryAt: number | null
  /** One line for people. */
  message: string | null
  /** What is left of the day is kept for papers further on: for a phase this is its end, not an early one. */
  kept?: boolean
}

/**
 * What a worker does next: a paper; or look again at a moment (epoch milliseconds), or as soon as `wake` is aborted; or
 * nothing any more.
 */
export type Next = { task: Task } | { lookAgainAt: number; wake?: AbortSignal } | { stop: Stop } | 'done'

/** Decides what is worked on, and what a paper that went back means for the rest. One for all workers of a runner. */
export interface WorkSource {
  next(): Promise<Next>
  /** Called when work on a task has ended; `verdict` is null after success. Returns a reason to end the whole, or null. */
  ended(task: Task, verdict: Verdict | null): Stop | null | Promise<Stop | null>
  /** Called when papers (execution ids) that had failed in a phase went back to it. */
  putBack?(phase: PhaseName, ids: readonly string[]): void
  /** Returns whether the source itself sees to a failure that would else end the command. */
  outlives?(verdict: Verdict): boolean
}
