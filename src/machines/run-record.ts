import type { JsonObject } from '../core/json.js'
import type { RateLimitState } from '../core/rate-limit-state.js'
import type { SnapshotBody } from './checkpoints.js'
import type { Spent } from './children.js'
import type { Scope } from './language/scope-path.js'
import type { LoadedMachine, LoadedState } from './loaded.js'
import type { RuntimeContext } from './runtime-context.js'
import type { MachineResult, Snapshot } from './types.js'

/** What a run of a machine has come to: its context, its step and what it has spent; checkpoints hold this, and give it back. */
export class RunRecord {
  context: JsonObject = {}
  /** The newest of an answer here or in a child; null: none came with one. */
  rateLimit: RateLimitState | null = null
  #step = 0
  #firstStep = 0
  #apiCalls = 0
  #costUsd = 0

  readonly #machine: LoadedMachine
  readonly #executionId: string
  readonly #input: JsonObject

  constructor(machine: LoadedMachine, executionId: string, input: JsonObject) {
    this.#machine = machine
    this.#executionId = executionId
    this.#input = input
  }

  /** A run begins at a step, with the context of its file. */
  begin(step: number, context: JsonObject): void {
    this.#step = this.#firstStep = step
    this.context = context
  }

  /** A run goes on from a checkpoint. */
  restore(latest: Snapshot): void {
    const runtime = latest.context['machine'] as Partial<RuntimeContext> | undefined
    this.context = latest.context
    this.#step = latest.step
    this.#firstStep = runtime?.first_step ?? latest.step
    this.#apiCalls = latest.total_api_calls
    this.#costUsd = latest.total_cost
    this.rateLimit = runtime?.rate_limit ?? null
  }

  get step(): number {
    return this.#step
  }

  /** Counts a step; returns how many there were in this run before it. */
  nextStep(): number {
    this.#step++
    return this.#step - this.#firstStep
  }

  /** Counts what work has spent. */
  spend({ apiCalls, costUsd }: Spent): void {
    this.#apiCalls += apiCalls
    this.#costUsd += costUsd
  }

  spent(): Spent {
    return { apiCalls: this.#apiCalls, costUsd: this.#costUsd, rateLimit: this.rateLimit }
  }

  /** Rewrites the part of the context that belongs to the runtime. */
  describe(state: LoadedState): void {
    const runtime: RuntimeContext = {
      execution_id: this.#executionId,
      machine_name: this.#machine.name,
      spec_version: this.#machine.specVersion,
      step: this.#step,
      first_step: this.#firstStep,
      current_state: state.name,
      total_api_calls: this.#apiCalls,
      total_cost: this.#costUsd,
      rate_limit: this.rateLimit,
    }
    this.context = { ...this.context, machine: runtime }
  }

  /** Returns what a checkpoint in a state has to hold. */
  snapshot(state: LoadedState, output?: unknown): SnapshotBody {
    return {
      current_state: state.name,
      context: this.context,
      step: this.#step,
      ...(output === undefined ? {} : { output }),
      total_api_calls: this.#apiCalls,
      total_cost: this.#costUsd,
    }
  }

  /** Returns what a run gives that ends in a state. */
  result(finalState: string, output: JsonObject, resumed: boolean): MachineResult {
    return {
      output,
      context: this.context,
      finalState,
      step: this.#step,
      ...this.spent(),
      resumed,
      reused: false,
    }
  }

  /** Returns what expressions of the file see. */
  scope(output: unknown): Scope {
    return { context: this.context, input: this.#input, output }
  }
}
