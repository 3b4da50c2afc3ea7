import type { JsonObject } from '../core/json.js'
import { RpaError } from '../core/errors.js'
import type { RateLimitState } from '../core/rate-limit-state.js'
import { latestKey } from './backends/keys.js'
import { isStoreFailure } from './checkpoints.js'
import { endsEverything, errorMessage, errorType, isAborted } from './errors.js'
import type { Child, Retry } from './loaded.js'
import { failedChild } from './language/scope-path.js'
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
    const { output } = await group.run(child, retry)
    return { output, rateLimit: group.rateLimit(), whole: true }
  } finally {
    group.account()
  }
}

/**
 * Runs children at once; the state's retry rule holds for each of them. `settled` waits for all; one that failed is
 * `{_error, _error_type}` in the output. `any` takes the first that succeeds, stops the others, and its
 * output holds that one alone. Whatever the mode, no child is left running, and an error that ends the run is
 * thrown, never part of the output.
 */
export async function runParallel(
  children: readonly Child[],
  mode: 'settled' | 'any',
  retry: Retry | null,
  run: ChildScope,
): Promise<ChildrenResult> {
  const stop = new AbortController()
  const outer = run.services.signal
  const group = new ChildGroup(run, outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]))
  try {
    const winner = mode === 'any' ? await endedBefore(children, run) : null
    const started = winner === null ? children : [winner]
    const settled = await Promise.allSettled(
      started.map(async (child) => {
        try {
          const result = await group.run(child, retry)
          if (mode === 'any') stop.abort()
          return { name: child.name, output: result.output }
        } catch (error) {
          // A lost lease is lost for all of them: what they would still answer could not be kept.
          if (endsEverything(error)) stop.abort(error)
          throw error
        }
      }),
    )
    const won = mode === 'any' && settled.some(({ status }) => status === 'fulfilled')
    const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    throwEnding(errors, run, won)
    const output = mode === 'any' ? firstOf(settled, children, errors) : allOf(settled, children)
    return { output, rateLimit: group.rateLimit(), whole: mode === 'any' || errors.length === 0 }
  } finally {
    group.account()
  }
}

type Settled = PromiseSettledResult<{ name: string; output: JsonObject }>[]

/**
 * Throws the error that ends the run, a lost lease before all. Once one child has won, only what concerns all of
 * them counts: not that the others were stopped, nor why they failed.
 */
function throwEnding(errors: readonly unknown[], run: ChildScope, won: boolean): void {
  const lost = errors.find((error) => isStoreFailure(error) || (endsEverything(error) && !isAborted(error)))
  if (lost !== undefined) throw lost as Error
  if (won) return
  const ending = errors.filter((error) => run.endsRun(error))
  if (ending.length > 0) throw (ending.find((error) => !isAborted(error)) ?? ending[0]) as Error
}

function allOf(settled: Settled, children: readonly Child[]): JsonObject {
  const outputs = settled.map((one, index): [string, unknown] => [
    children[index]?.name ?? '',
    one.status === 'fulfilled' ? one.value.output : failedChild(one.reason),
  ])
  return Object.fromEntries(outputs)
}

function firstOf(settled: Settled, children: readonly Child[], errors: readonly unknown[]): JsonObject {
  const winner = settled.find((one) => one.status === 'fulfilled')
  if (winner !== undefined) return { [winner.value.name]: winner.value.output }
  const failures = errors.map(
    (error, index) => `${children[index]?.name ?? ''}: ${errorType(error)}: ${errorMessage(error)}`,
  )
  throw new RpaError('all_children_failed', `no child machine succeeded: ${failures.join('; ')}`, {
    cause: errors[0],
  })
}

/** Returns the child that had already ended in an earlier run of the same state. */
async function endedBefore(children: readonly Child[], run: ChildScope): Promise<Child | null> {
  for (const child of children) {
    const latest = await run.services.backend.load(latestKey(childId(child, run)))
    if (latest?.event === 'machine_end' && latest.machine_name === child.machine.name) return child
  }
  return null
}

/** The id does not change when the state is entered again at the same step: what the child did is found again. */
function childId(child: Child, run: ChildScope): string {
  return `${run.executionId}.${run.step}.${child.name}`
}

class ChildGroup {
  /** The newest start of each child: a child that goes on from its checkpoint counts what it had spent before. */
  readonly #runs = new Map<string, ChildRun>()

  readonly #scope: ChildScope
  readonly #signal: AbortSignal | undefined

  constructor(scope: ChildScope, signal: AbortSignal | undefined) {
    this.#scope = scope
    this.#signal = signal
  }

  run(child: Child, retry: Retry | null): Promise<MachineResult> {
    const ends = (error: unknown): boolean => this.#scope.endsRun(error) || this.#signal?.aborted === true
    return withRetry(retry, { ...this.#scope.services, signal: this.#signal }, ends, () => {
      const run = this.#scope.startChild(child, childId(child, this.#scope), this.#scope.input, this.#signal)
      this.#runs.set(child.name, run)
      return run.result
    })
  }

  rateLimit(): RateLimitState | null {
    return (
      [...this.#runs.values()].map((run) => run.spent().rateLimit).findLast((state) => state !== null) ?? null
    )
  }

  /** Adds what the children spent to the machine above. */
  account(): void {
    for (const run of this.#runs.values()) this.#scope.onSpent(run.spent())
  }
}
