import type { JsonObject } from '../core/json.js'
import { RpaError } from '../core/errors.js'
import type { RateLimitState } from '../llm/provider.js'
import { latestKey } from './backends/keys.js'
import { endsEverything, errorMessage, errorType } from './errors.js'
import type { Child, Retry } from './loaded.js'
import { failedChild } from './path.js'
import { withRetry } from './retry.js'
import type { MachineResult, MachineServices } from './types.js'

export interface Spent {
  apiCalls: number
  costUsd: number
  /** Newest rate-limit state, null if no answer came with one. */
  rateLimit: RateLimitState | null
}

/** A machine inside another: its result to come, and what it has spent so far, also when it fails. */
export interface ChildRun {
  result: Promise<MachineResult>
  spent(): Spent
}

export type StartChild = (
  child: Child,
  executionId: string,
  input: JsonObject,
  signal: AbortSignal | undefined,
) => ChildRun

export interface ChildScope {
  executionId: string
  step: number
  services: MachineServices
  input: JsonObject
  startChild: StartChild
  /** Whether an error ends the run, so that no state may take it. */
  endsRun(error: unknown): boolean
  onSpent(spent: Spent): void
}

interface ChildrenResult {
  output: unknown
  rateLimit: RateLimitState | null
  whole: boolean
}

/** Runs one child; its output is the state's, its error the state's error. */
export async function runChild(child: Child, retry: Retry | null, run: ChildScope): Promise<ChildrenResult> {
  const group = new ChildGroup(run, run.services.signal)
  try {
    const { output } = await withRetry(retry, run.services, run.endsRun, () => group.start(child))
    return { output, rateLimit: group.rateLimit(), whole: true }
  } finally {
    group.settle()
  }
}

/**
 * Runs children at once. `settled` waits for all; one that failed is `{_error, _error_type}` in the output.
 * `any` takes the first that succeeds, stops the others, and its output holds that one alone.
 * Whatever the mode: no child is left running, and an error that ends the run is thrown, never part of the output.
 */
export async function runParallel(
  children: readonly Child[],
  mode: 'settled' | 'any',
  retry: Retry | null,
  run: ChildScope,
): Promise<ChildrenResult> {
  const stop = new AbortController()
  const signals = run.services.signal === undefined ? [stop.signal] : [stop.signal, run.services.signal]
  const group = new ChildGroup(run, AbortSignal.any(signals))
  const start = (child: Child): Promise<MachineResult> =>
    withRetry(retry, run.services, (error) => run.endsRun(error) || stop.signal.aborted, () => group.start(child))
  try {
    const output =
      mode === 'any' ? await firstOf(children, group, start, stop, run) : await allOf(children, start, stop, run)
    return { output, rateLimit: group.rateLimit(), whole: output.failed === 0 }.withOutput(output.values)
  } finally {
    group.settle()
  }
}
