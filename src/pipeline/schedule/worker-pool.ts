import { isoTime } from '../../core/clock.js'
import { machineFault } from '../../core/files/disk-error.js'
import { RpaError, messageOf } from '../../core/errors.js'
import { abortableSleep } from '../../core/sleep.js'
import { telemetry } from '../../core/telemetry.js'
import type { AgentRunnerFactory } from '../requests/ask-agent.js'
import { agentRunners } from '../requests/ask-agent.js'
import type { Verdict } from '../failures/judge.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import { emptyResult, notePutBack, noteResult } from '../result.js'
import type { EndedWork, PhaseResult } from '../result.js'
import { AlikeStreak } from './alike-streak.js'
import { HostStreak } from './host-streak.js'
import type { Next, Stop, Task, WorkSource } from './task-source.js'
import { noteIdle } from './idle.js'
import { noteRefusal } from './refused.js'
import type { WorkDone } from '../paper/process-paper.js'
import { work } from '../paper/process-paper.js'

export interface RunnerOptions {
  workers: number
  /** Knows what requests have to leave to papers further on. */
  keeper: DayKeeper
  maxTimeMs?: number | undefined
  /** After that time requests in flight are waited for no longer than this, milliseconds. */
  drainMs: number
  /** Aborted when no new work is to be taken; work in hand ends at its next transition. */
  stopTaking: AbortSignal
  /** Aborted when requests in flight are not waited for any longer. */
  abortInFlight: AbortSignal
  onDone?(done: WorkDone, soFar: PhaseResult): void
}

/** Works off what a source gives with several workers, until it is done or there is a reason to stop. */
export class Runner {
  readonly #resources: Resources
  readonly #phases: readonly PhaseMachine[]
  readonly #source: WorkSource
  readonly #options: RunnerOptions
  readonly #agents: ReadonlyMap<PhaseMachine, AgentRunnerFactory>
  readonly #started: number
  readonly #result: PhaseResult
  /** How the work on each paper ended so far. */
  readonly #outcomes = new Map<string, EndedWork['outcome']>()
  /** Aborted when no paper is taken and no request begun any more. */
  readonly #stopWork = new AbortController()
  /** Aborted with it, unless what was booked may be sent all the same. */
  readonly #dropBooked = new AbortController()
  /** Aborted when the time is up, and requests in flight were waited for. */
  readonly #timeIsUp = new AbortController()
  readonly #hosts: HostStreak
  readonly #alike: AlikeStreak
  #fatal: RpaError | null = null

  constructor(
    resources: Resources,
    phases: readonly PhaseMachine[],
    source: WorkSource,
    options: RunnerOptions,
    name: PhaseResult['phase'],
  ) {
    this.#resources = resources
    this.#hosts = new HostStreak(resources.settings)
    this.#alike = new AlikeStreak(resources)
    this.#phases = phases
    this.#source = source
    this.#options = options
    this.#started = resources.clock.now()
    const { maxTimeMs } = options
    this.#result = emptyResult(name)
    const { requests } = this.#result
    const { db, requireRoom, clock, log, settings, provider, inFlight } = resources
    const told = new Map<string, number>()
    const sizes = new Map<string, number>()
    this.#agents = new Map(
      phases.map((prepared) => [
        prepared,
        agentRunners({
          db,
          requireRoom,
          clock,
          budget: settings.budget,
          limits: prepared.limits,
          limitGroup: prepared.limitGroup,
          keep: (group) => options.keeper.callKeep(prepared.phase.name, group),
          provider,
          inFlight,
          log,
          told,
          sizes,
          deadline: maxTimeMs === undefined ? null : this.#started + maxTimeMs,
          stopRequests: this.#stopWork.signal,
          dropBooked: this.#dropBooked.signal,
          abortInFlight: AbortSignal.any([options.abortInFlight, this.#timeIsUp.signal]),
          onRequest: (role) => (requests[role] += 1),
        }),
      ]),
    )
  }

  /** @throws RpaError where the command itself cannot go on. */
  run(): Promise<PhaseResult> {
    const { phase } = this.#result
    return telemetry().span(`phase ${phase}`, { 'rpa.phase': phase }, async (span) => {
      const result = await this.#run()
      const { claimed, succeeded, failed, released, stopped } = result
      span.set({
        'rpa.papers.claimed': claimed,
        'rpa.papers.succeeded': succeeded,
        'rpa.papers.failed': failed,
        'rpa.papers.released': released,
        'rpa.stopped': stopped,
      })
      return result
    })
  }

  async #run(): Promise<PhaseResult> {
    const { stopTaking, workers } = this.#options
    const onStop = (): void => this.#stop({ reason: 'signal', retryAt: null, message: null })
    if (stopTaking.aborted) onStop()
    stopTaking.addEventListener('abort', onStop, { once: true })
    const timers = this.#endInTime()
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#worker()))
    } finally {
      for (const timer of timers) clearTimeout(timer)
      stopTaking.removeEventListener('abort', onStop)
    }
    for (const { phase } of this.#phases)
      notePutBack(this.#result, await this.#alike.atEnd(phase), phase.from, this.#outcomes)
    const { db, clock } = this.#resources
    await noteIdle(
      this.#result,
      db,
      this.#phases.map(({ phase }) => phase),
      clock.now(),
    )
    noteRefusal(this.#result)
    this.#result.duration_ms = this.#resources.clock.now() - this.#started
    if (this.#fatal !== null) throw this.#fatal
    const { away, unreached } = this.#hosts
    if (away !== null && unreached > 0 && unreached === this.#result.claimed) throw away
    return this.#result
  }

  /** Nothing is begun when the time is up, and requests in flight are not waited for much longer. */
  #endInTime(): NodeJS.Timeout[] {
    const { maxTimeMs, drainMs } = this.#options
    if (maxTimeMs === undefined) return []
    const stop = (): void => this.#stop({ reason: 'time', retryAt: null, message: null })
    return [setTimeout(stop, maxTimeMs), setTimeout(() => this.#timeIsUp.abort(), maxTimeMs + drainMs)]
  }

  async #worker(): Promise<void> {
    try {
      while (!this.#stopWork.signal.aborted) {
        const next = await this.#source.next()
        if (next === 'done') return
        if ('stop' in next) this.#stop(next.stop)
        else if ('task' in next) await this.#work(next.task)
        else await this.#rest(next)
      }
    } catch (error) {
      this.#fail(
        error instanceof RpaError
          ? error
          : (machineFault(error) ?? new RpaError('internal', messageOf(error), { cause: error })),
      )
    }
  }

  async #work(task: Task): Promise<void> {
    const agents = this.#agents.get(task.prepared)
    if (agents === undefined) throw new Error(`no agents for phase ${task.prepared.phase.name}`)
    this.#result.claimed += 1
    const done = await work(this.#resources, task.prepared, agents, task.claim, this.#stopWork.signal)
    noteResult(this.#result, done, this.#outcomes)
    const stop = await this.#source.ended(task, done.verdict)
    if (done.verdict === null) this.#hosts.ended(null)
    else if (this.#source.outlives?.(done.verdict) !== true) this.#heed(done.verdict)
    const { phase } = task.prepared
    const back = await this.#alike.ended(phase, task.claim.execution.execution_id, done.verdict)
    if (back.length > 0) {
      notePutBack(this.#result, back, phase.from, this.#outcomes)
      this.#source.putBack?.(phase.name, back)
    }
    // A paper that was put back because of a stop is no reason for another: what is booked would not be sent.
    const echo = stop?.reason === 'signal' && this.#stopWork.signal.aborted
    if (done.verdict?.stop === 'time') this.#endEarly(done.verdict)
    else if (stop !== null && !echo) this.#stop(stop)
    this.#options.onDone?.(done, this.#result)
  }

  async #rest({ lookAgainAt, wake }: Extract<Next, { lookAgainAt: number }>): Promise<void> {
    const waitMs = Math.max(1, lookAgainAt - this.#resources.clock.now())
    const stopWork = this.#stopWork.signal
    const early = wake === undefined ? stopWork : AbortSignal.any([stopWork, wake])
    await abortableSleep(waitMs, early).catch((error: unknown) => {
      if (!early.aborted) throw error
    })
  }

  #heed(verdict: Verdict): void {
    this.#hosts.ended(verdict)
    if (verdict.fatal !== null) this.#fail(verdict.fatal)
    const { away } = this.#hosts
    if (away !== null && this.#hosts.areGone()) this.#fail(away)
  }

  /** No request can be sent before the time is up: waiting for that would be in vain. What is booked is within it, and is sent. */
  #endEarly({ retryAt, message }: Verdict): void {
    this.#note({ reason: 'time', retryAt, message })
    this.#stopWork.abort()
  }

  #stop(stop: Stop): void {
    this.#note(stop)
    this.#stopWork.abort()
    // What was booked is within the budget.
    if (stop.reason !== 'budget') this.#dropBooked.abort()
  }

  #note({ reason, retryAt, message, kept }: Stop): void {
    if (this.#result.stopped === null) {
      if (kept !== true) this.#result.stopped = reason
      if (kept !== true && retryAt !== null) this.#result.retry_at = isoTime(retryAt)
      if (message !== null) this.#result.reason = message
    }
  }

  #fail(error: RpaError): void {
    this.#fatal ??= error
    this.#stopWork.abort()
    this.#dropBooked.abort()
  }
}
