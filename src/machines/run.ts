import type { JsonObject } from '../core/json.js'
import type { RateLimitState } from '../core/rate-limit-state.js'
import { isStoreFailure } from './checkpoints.js'
import type { Checkpoints } from './checkpoints.js'
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
import type { Effort } from './effort.js'
import { plainObject, requireSize } from './language/plain.js'
import { RunRecord } from './run-record.js'
import { doWork } from './state.js'
import type { WorkResult } from './state.js'
import { renderValue } from './language/template.js'
import { tracedState } from './traced-state.js'
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

/** One run of one machine: the loop over its states. */
export class MachineRun {
  #resumed = false

  readonly #record: RunRecord
  readonly #machine: LoadedMachine
  readonly #setup: RunSetup

  constructor(machine: LoadedMachine, setup: RunSetup) {
    this.#machine = machine
    this.#setup = setup
    this.#record = new RunRecord(machine, setup.executionId, setup.input)
  }

  /** Begins in the initial state. */
  async start(step: number): Promise<MachineResult> {
    const { checkpoints, input } = this.#setup
    const state = this.#stateNamed(this.#machine.initial)
    const context = renderValue(this.#machine.context, { input })
    this.#record.begin(step, plainObject(context, `${this.#machine.name}: context`))
    this.#record.describe(state)
    if (checkpoints.wants('machine_start'))
      await checkpoints.write('machine_start', this.#record.snapshot(state))
    else checkpoints.note('state_enter', this.#record.snapshot(state))
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
    this.#record.restore(latest)
    return this.#record.result(latest.current_state, {}, this.#resumed)
  }

  /** Takes note of the rate-limit state of an answer here or in a child. */
  noteRateLimit(state: RateLimitState): void {
    this.#record.rateLimit = state
    this.#setup.onRateLimit(state)
  }

  spent(): Spent {
    return this.#record.spent()
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

  #told(position: Position): Promise<Passed> {
    return tracedState(this.#machine.name, position.state, this.#record.step, () => this.#pass(position))
  }

  /** Passes through one state. Returns the state to enter next, or the result if it was a final one. */
  async #pass(position: Position): Promise<Passed> {
    const { state } = position
    const before = this.#record.context
    try {
      return await this.#passOrFail(position)
    } catch (error) {
      const thrown = this.#setup.services.signal?.aborted === true ? this.#asAbort(error, state) : error
      const target = this.#endsRun(thrown) ? null : handlerOf(state.onError, thrown)
      if (target === null) throw thrown
      this.#record.context = {
        ...before,
        last_error: errorMessage(thrown),
        last_error_type: errorType(thrown),
      }
      return { next: this.#stateNamed(target) }
    }
  }

  async #passOrFail({ state, done }: Position): Promise<Passed> {
    const worked: WorkResult = done === null ? await this.#work(state) : { output: done.output, whole: true }
    const { output } = worked
    if (done?.mapped !== true) this.#mapOutput(state, output)
    if (state.final) return { result: await this.#end(state, output) }
    const exit = this.#record.snapshot(state, output)
    if (worked.whole && state.work.kind !== 'none') this.#setup.checkpoints.note('state_exit', exit)
    const scope = this.#record.scope(output)
    const transition = state.transitions.find(({ condition }) => condition === null || condition.holds(scope))
    if (transition === undefined) {
      const hint = 'End the list with a transition that has no condition.'
      throw new MachineError(
        'no_transition',
        `${this.#where(state)}: no condition of its transitions holds`,
        { hint },
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
    const known = this.#record.rateLimit
    const worked = await doWork(state, {
      machine: this.#machine,
      executionId: this.#setup.executionId,
      step: this.#record.step,
      services,
      scope: this.#record.scope(null),
      rateLimit: known,
      onRateLimit: (state) => this.noteRateLimit(state),
      startChild: this.#setup.startChild,
      endsRun: (error) => this.#endsRun(error) || services.signal?.aborted === true,
      onSpent: (spent) => this.#record.spend(spent),
    })
    // Answers are reported as they come; what a child kept from before counts only if nothing newer came.
    if (worked.rateLimit && this.#record.rateLimit === known) this.noteRateLimit(worked.rateLimit)
    if (worked.context !== undefined) this.#record.context = worked.context
    this.#record.describe(state)
    if (worked.whole && (state.work.kind === 'agent' || checkpoints.wants('execute'))) {
      await checkpoints.write('execute', this.#record.snapshot(state, worked.output), worked.settlement)
    }
    return worked
  }

  /** Writes the output into the context, in the order of the file. */
  #mapOutput(state: LoadedState, output: unknown): void {
    if (state.work.kind === 'action') return
    for (const [key, value] of state.outputToContext) {
      this.#record.context = {
        ...this.#record.context,
        [key]: renderValue(value, this.#record.scope(output)),
      }
      requireSize(this.#record.context, `${this.#where(state)}: the context`)
    }
  }

  #enter(state: LoadedState): void {
    const steps = this.#record.nextStep()
    this.#setup.effort.step(this.#where(state))
    if (steps >= this.#machine.maxSteps) {
      const hint = 'Look for a loop that never ends, or raise settings.max_steps (10000 at most).'
      throw new MachineError(
        'max_steps',
        `${this.#where(state)}: more than ${this.#machine.maxSteps} steps`,
        { hint },
      )
    }
    this.#record.describe(state)
    if (state.work.kind !== 'none') this.#setup.checkpoints.note('state_enter', this.#record.snapshot(state))
  }

  async #end(state: LoadedState, output: unknown): Promise<MachineResult> {
    const { checkpoints } = this.#setup
    const rendered = state.output === null ? {} : renderValue(state.output, this.#record.scope(output))
    const final = plainObject(rendered, `${this.#where(state)}: output`)
    if (checkpoints.wants('machine_end'))
      await checkpoints.write('machine_end', this.#record.snapshot(state, final))
    else await checkpoints.flush()
    return this.#record.result(state.name, final, this.#resumed)
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
