import type { JsonObject } from '../core/json.js'
import type { RateLimitState } from '../core/rate-limit-state.js'
import { telemetry } from '../core/telemetry.js'
import { isStoreFailure } from './checkpoints.js'
import type { Checkpoints, SnapshotBody } from './checkpoints.js'
import type { Spent, StartChild } from './children.js'
import {
  AbortedError,
  endsEverything,
  errorMessage,
  errorType,
  handlerOf,
  isLeaseLost,
  MachineError,
} from './errors.js'
import type { LoadedMachine, LoadedState } from './loaded.js'
import type { Scope } from './language/scope-path.js'
import type { RuntimeContext } from './runtime-context.js'
import type { Effort } from './effort.js'
import { plainObject, requireSize } from './language/plain.js'
import { doWork } from './state.js'
import type { WorkResult } from './state.js'
import { renderValue } from './language/template.js'
import type { MachineResult, MachineServices, Snapshot } from './types.js'

export interface RunSetup {
  executionId: string
  input: JsonObject
  services: MachineServices
  checkpoints: Checkpoints
  startChild: StartChild
  effort: Effort
  onRateLimit(state: RateLimitState): void
}

/** Where a run stands in a state: before its work, or after it with its output. */
interface Position {
  state: LoadedState
  done: { output: unknown; mapped: boolean } | null
}

type Passed = { next: LoadedState } | { result: MachineResult }

/** One run of one machine: its context, its counters and the loop over its states. */
export class MachineRun {
  #context: JsonObject = {}
  #step = 0
  #firstStep = 0
  #apiCalls = 0
  #costUsd = 0
  #rateLimit: RateLimitState | null = null
  #resumed = false

  readonly #machine: LoadedMachine
  readonly #setup: RunSetup

  constructor(machine: LoadedMachine, setup: RunSetup) {
    this.#machine = machine
    this.#setup = setup
  }

  /** Begins in the initial state. */
  async start(step: number): Promise<MachineResult> {
    const { checkpoints, input } = this.#setup
    const state = this.#stateNamed(this.#machine.initial)
    this.#step = this.#firstStep = step
    this.#context = plainObject(
      renderValue(this.#machine.context, { input }),
      `${this.#machine.name}: context`,
    )
    this.#describe(state)
    if (checkpoints.wants('machine_start')) await checkpoints.write('machine_start', this.#snapshot(state))
    else checkpoints.note('state_enter', this.#snapshot(state))
    return this.#loop({ state, done: null })
  }

  /** Goes on from a checkpoint of this machine. */
  async resume(latest: Snapshot): Promise<MachineResult> {
    this.restore(latest)
    const worked = latest.event === 'execute' || latest.event === 'state_exit'
    const done = worked ? { output: latest.output ?? null, mapped: latest.event === 'state_exit' } : null
    this.#resumed = true
    return this.#loop({ state: this.#stateNamed(latest.current_state), done })
  }

  /** Takes over what a checkpoint says and returns the result as of then. */
  restore(latest: Snapshot): MachineResult {
    const runtime = latest.context['machine'] as Partial<RuntimeContext> | undefined
    this.#context = latest.context
    this.#step = latest.step
    this.#firstStep = runtime?.first_step ?? latest.step
    this.#apiCalls = latest.total_api_calls
    this.#costUsd = latest.total_cost
    this.#rateLimit = runtime?.rate_limit ?? null
    return this.#result(latest.current_state, {})
  }

  /** Takes note of the rate-limit state of an answer here or in a child. */
  noteRateLimit(state: RateLimitState): void {
    this.#rateLimit = state
    this.#setup.onRateLimit(state)
  }

  spent(): Spent {
    return { apiCalls: this.#apiCalls, costUsd: this.#costUsd, rateLimit: this.#rateLimit }
  }

  async #loop(begin: Position): Promise<MachineResult> {
    let position = begin
    try {
      for (;;) {
        const begun = performance.now()
        const passed = await this.#told(position)
        if ('result' in passed) return passed.result
        this.#enter(passed.next)
        await this.#breathe(position, performance.now() - begun)
        position = { state: passed.next, done: null }
      }
    } catch (error) {
      if (isStoreFailure(error) || isLeaseLost(error)) throw error
      await this.#setup.checkpoints.flush().catch(() => undefined)
      throw error
    }
  }

  /** States without work follow each other without ever waiting: signals, leases and other papers must get their turn. */
  async #breathe({ state }: Position, ms: number): Promise<void> {
    const { effort } = this.#setup
    // Work waits by itself; a run that is stopped meanwhile ends before the next work, and not with an answer in hand.
    if (state.work.kind !== 'none') return effort.waited()
    effort.idle(ms, this.#where(state))
    if (await effort.yield()) this.#stopIfAborted(state)
  }

  /** A state that does something is a span; those between pass in no time. */
  #told(position: Position): Promise<Passed> {
    const { name, work } = position.state
    if (work.kind === 'none') return this.#pass(position)
    const attributes = { 'rpa.machine': this.#machine.name, 'rpa.state': name, 'rpa.step': this.#step }
    return telemetry().span(`state ${this.#machine.name}/${name}`, attributes, async (span) => {
      const passed = await this.#pass(position)
      if ('next' in passed) span.set({ 'rpa.next_state': passed.next.name })
      return passed
    })
  }

  /** Passes through one state. Returns the state to enter next, or the result if it was a final one. */
  async #pass(position: Position): Promise<Passed> {
    const { state } = position
    const before = this.#context
    try {
      return await this.#passOrFail(position)
    } catch (error) {
      const thrown = this.#setup.services.signal?.aborted === true ? this.#asAbort(error, state) : error
      const target = this.#endsRun(thrown) ? null : handlerOf(state.onError, thrown)
      if (target === null) throw thrown
      this.#context = { ...before, last_error: errorMessage(thrown), last_error_type: errorType(thrown) }
      return { next: this.#stateNamed(target) }
    }
  }

  async #passOrFail({ state, done }: Position): Promise<Passed> {
    const worked: WorkResult = done === null ? await this.#work(state) : { output: done.output, whole: true }
    const { output } = worked
    if (done?.mapped !== true) this.#mapOutput(state, output)
    if (state.final) return { result: await this.#end(state, output) }
    const exit = this.#snapshot(state, output)
    if (worked.whole && state.work.kind !== 'none') this.#setup.checkpoints.note('state_exit', exit)
    const scope = this.#scope(output)
    const transition = state.transitions.find(({ condition }) => condition === null || condition.holds(scope))
    if (transition === undefined) {
      throw new MachineError(
        'no_transition',
        `${this.#where(state)}: no condition of its transitions holds`,
        {
          hint: 'End the list with a transition that has no condition.',
        },
      )
    }
    return { next: this.#stateNamed(transition.to) }
  }

  /** Does the work of a state and checkpoints what it gave, together with the closing of the request's row. */
  async #work(state: LoadedState): Promise<WorkResult> {
    if (state.work.kind === 'none') return { output: null, whole: true }
    const { services, checkpoints } = this.#setup
    this.#stopIfAborted(state)
    await checkpoints.flush()
    const known = this.#rateLimit
    const worked = await doWork(state, {
      machine: this.#machine,
      executionId: this.#setup.executionId,
      step: this.#step,
      services,
      scope: this.#scope(null),
      rateLimit: this.#rateLimit,
      onRateLimit: (state) => this.noteRateLimit(state),
      startChild: this.#setup.startChild,
      endsRun: (error) => this.#endsRun(error) || services.signal?.aborted === true,
      onSpent: (spent) => {
        this.#apiCalls += spent.apiCalls
        this.#costUsd += spent.costUsd
      },
    })
    // Answers are reported as they come; what a child kept from before counts only if nothing newer came.
    if (worked.rateLimit && this.#rateLimit === known) this.noteRateLimit(worked.rateLimit)
    if (worked.context !== undefined) this.#context = worked.context
    this.#describe(state)
    if (worked.whole && (state.work.kind === 'agent' || checkpoints.wants('execute'))) {
      await checkpoints.write('execute', this.#snapshot(state, worked.output), worked.settlement)
    }
    return worked
  }

  /** Writes the output into the context, in the order of the file. */
  #mapOutput(state: LoadedState, output: unknown): void {
    if (state.work.kind === 'action') return
    for (const [key, value] of state.outputToContext) {
      this.#context = { ...this.#context, [key]: renderValue(value, this.#scope(output)) }
      requireSize(this.#context, `${this.#where(state)}: the context`)
    }
  }

  #enter(state: LoadedState): void {
    this.#step++
    this.#setup.effort.step(this.#where(state))
    if (this.#step - this.#firstStep >= this.#machine.maxSteps) {
      throw new MachineError(
        'max_steps',
        `${this.#where(state)}: more than ${this.#machine.maxSteps} steps`,
        {
          hint: 'Look for a loop that never ends, or raise settings.max_steps (10000 at most).',
        },
      )
    }
    this.#describe(state)
    if (state.work.kind !== 'none') this.#setup.checkpoints.note('state_enter', this.#snapshot(state))
  }

  async #end(state: LoadedState, output: unknown): Promise<MachineResult> {
    const { checkpoints } = this.#setup
    const rendered = state.output === null ? {} : renderValue(state.output, this.#scope(output))
    const final = plainObject(rendered, `${this.#where(state)}: output`)
    if (checkpoints.wants('machine_end')) await checkpoints.write('machine_end', this.#snapshot(state, final))
    else await checkpoints.flush()
    return this.#result(state.name, final)
  }

  /** Rewrites the part of the context that belongs to the runtime. */
  #describe(state: LoadedState): void {
    const runtime: RuntimeContext = {
      execution_id: this.#setup.executionId,
      machine_name: this.#machine.name,
      spec_version: this.#machine.specVersion,
      step: this.#step,
      first_step: this.#firstStep,
      current_state: state.name,
      total_api_calls: this.#apiCalls,
      total_cost: this.#costUsd,
      rate_limit: this.#rateLimit,
    }
    this.#context = { ...this.#context, machine: runtime }
  }

  #snapshot(state: LoadedState, output?: unknown): SnapshotBody {
    return {
      current_state: state.name,
      context: this.#context,
      step: this.#step,
      ...(output === undefined ? {} : { output }),
      total_api_calls: this.#apiCalls,
      total_cost: this.#costUsd,
    }
  }

  #result(finalState: string, output: JsonObject): MachineResult {
    return {
      output,
      context: this.#context,
      finalState,
      step: this.#step,
      ...this.spent(),
      resumed: this.#resumed,
      reused: false,
    }
  }

  #scope(output: unknown): Scope {
    return { context: this.#context, input: this.#setup.input, output }
  }

  #stateNamed(name: string): LoadedState {
    const state = this.#machine.states.get(name)
    if (state === undefined)
      throw new MachineError('unknown_state', `${this.#machine.name} has no state "${name}"`)
    return state
  }

  #where(state: LoadedState): string {
    return `${this.#machine.name}, state "${state.name}"`
  }

  #endsRun(error: unknown): boolean {
    return endsEverything(error) || isStoreFailure(error) || this.#setup.services.mustStop?.(error) === true
  }

  #stopIfAborted(state: LoadedState): void {
    const { signal } = this.#setup.services
    if (signal?.aborted === true) throw this.#asAbort(signal.reason, state)
  }

  /** What is thrown when the run was told to stop: the lost lease if that is why, else that it was stopped. */
  #asAbort(error: unknown, state: LoadedState): unknown {
    const reason: unknown = this.#setup.services.signal?.reason
    if (isStoreFailure(error) || endsEverything(error)) return error
    return endsEverything(reason) ? reason : new AbortedError(`${this.#where(state)}: the run was stopped`)
  }
}
