import { existsSync } from 'node:fs'
import { isoTime } from '../../core/clock.js'
import { EXIT, RpaError, messageOf } from '../../core/errors.js'
import { abortableSleep } from '../../core/sleep.js'
import { waitingExecutions } from '../../db/executions/ready.js'
import type { AgentRunnerFactory } from '../requests/ask-agent.js'
import { agentRunners } from '../requests/ask-agent.js'
import type { Verdict } from '../failures/verdict.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import { emptyResult, noteResult } from '../result.js'
import type { EndedWork, PhaseResult } from '../result.js'
import type { Next, Stop, Task, WorkSource } from './task-source.js'
import type { WorkDone } from '../paper/process-paper.js'
import { work } from '../paper/process-paper.js'

export interface RunnerOptions {
  workers: number
  maxTimeMs?: number | undefined
  /** Aborted by the first SIGINT or SIGTERM: no new work, and work in hand ends at its next transition. */
  stop: AbortSignal
  /** Aborted when requests in flight are not waited for any longer. */
  cut: AbortSignal
  onDone?(done: WorkDone, soFar: PhaseResult): void
}

/** So many papers in a row that cannot reach a service are no chance. */
const UNREACHABLE_STRIKES = 3

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
  readonly #halt = new AbortController()
  /** Aborted with it, unless only the budget is spent: what was booked is within it, and is sent. */
  readonly #drop = new AbortController()
  #strikes = 0
  #fatal: RpaError | null = null
  #away: RpaError | null = null

  constructor(
    resources: Resources,
    phases: readonly PhaseMachine[],
    source: WorkSource,
    options: RunnerOptions,
    name: PhaseResult['phase'],
  ) {
    this.#resources = resources
    this.#phases = phases
    this.#source = source
    this.#options = options
    this.#started = resources.clock.now()
    this.#result = emptyResult(name)
    const { requests } = this.#result
    const { db, clock, log, settings, provider, inFlight } = resources
    const told = new Map<string, number>()
    this.#agents = new Map(
      phases.map((prepared) => [
        prepared,
        agentRunners(
          {
            db,
            clock,
            budget: settings.budget,
            limits: prepared.limits,
            limitGroup: prepared.limitGroup,
            provider,
            inFlight,
            log,
            told,
            halt: this.#halt.signal,
            cut: options.cut,
            drop: this.#drop.signal,
            onRequest: (role) => (requests[role] += 1),
          },
          prepared.profiles,
        ),
      ]),
    )
  }

  /** @throws RpaError where the command itself cannot go on. */
  async run(): Promise<PhaseResult> {
    const { stop, maxTimeMs, workers } = this.#options
    const onStop = (): void => this.#stop({ reason: 'signal', retryAt: null, message: null })
    if (stop.aborted) onStop()
    stop.addEventListener('abort', onStop, { once: true })
    const timer =
      maxTimeMs === undefined
        ? undefined
        : setTimeout(() => this.#stop({ reason: 'time', retryAt: null, message: null }), maxTimeMs)
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#worker()))
    } finally {
      clearTimeout(timer)
      stop.removeEventListener('abort', onStop)
    }
    await this.#noteWaiting()
    this.#noteRefusal()
    this.#result.duration_ms = this.#resources.clock.now() - this.#started
    if (this.#fatal !== null) throw this.#fatal
    const nothingReached = this.#strikes > 0 && this.#strikes === this.#result.claimed
    if (this.#away !== null && nothingReached) throw this.#away
    return this.#result
  }

  /** "Nothing to do" while papers wait for their time would be half the truth. */
  async #noteWaiting(): Promise<void> {
    const { db, clock } = this.#resources
    for (const { phase } of this.#phases) {
      const waiting = await waitingExecutions(db, phase.from, clock.now())
      if (waiting === null) continue
      const papers = (this.#result.waiting?.papers ?? 0) + waiting.papers
      const until = [this.#result.waiting?.until ?? waiting.until, waiting.until].sort()[0] ?? waiting.until
      this.#result.waiting = { papers, until }
    }
  }

  /** The host of the PDFs asks all papers for patience: the work is not done. */
  #noteRefusal(): void {
    const { stopped, waiting, succeeded, failed, released, executions } = this.#result
    if (stopped !== null || waiting === undefined || released === 0 || succeeded + failed > 0) return
    if (!executions.every(({ error_class: why }) => why === 'pdf_rate_limited')) return
    this.#result.stopped = 'circuit'
    this.#result.retry_at = waiting.until
    const reason = executions.at(-1)?.error
    if (reason !== undefined) this.#result.reason = reason
  }

  async #worker(): Promise<void> {
    try {
      while (!this.#halt.signal.aborted) {
        const next = await this.#source.next()
        if (next === 'done') return
        if ('stop' in next) this.#stop(next.stop)
        else if ('task' in next) await this.#work(next.task)
        else await this.#rest(next)
      }
    } catch (error) {
      this.#fail(
        error instanceof RpaError ? error : new RpaError('internal', messageOf(error), { cause: error }),
      )
    }
  }

  async #work(task: Task): Promise<void> {
    const agents = this.#agents.get(task.prepared)
    if (agents === undefined) throw new Error(`no agents for phase ${task.prepared.phase.name}`)
    this.#result.claimed += 1
    const done = await work(this.#resources, task.prepared, agents, task.claim, this.#halt.signal)
    noteResult(this.#result, done, this.#outcomes)
    const stop = await this.#source.ended(task, done.verdict)
    if (done.verdict === null) this.#strikes = 0
    else if (this.#source.outlives?.(done.verdict) !== true) this.#heed(done.verdict)
    // A paper that was put back because of a stop is no reason for another: what is booked would not be sent.
    const echo = stop?.reason === 'signal' && this.#halt.signal.aborted
    if (stop !== null && !echo) this.#stop(stop)
    this.#options.onDone?.(done, this.#result)
  }

  async #rest({ lookAgainAt, wake }: Extract<Next, { lookAgainAt: number }>): Promise<void> {
    const waitMs = Math.max(1, lookAgainAt - this.#resources.clock.now())
    const halt = this.#halt.signal
    const early = wake === undefined ? halt : AbortSignal.any([halt, wake])
    await abortableSleep(waitMs, early).catch((error: unknown) => {
      if (!early.aborted) throw error
    })
  }

  #heed(verdict: Verdict): void {
    this.#strikes = verdict.unreachable ? this.#strikes + 1 : 0
    if (verdict.fatal !== null) this.#fail(verdict.fatal)
    if (verdict.unreachable) {
      const { errorClass, message, hint } = verdict
      this.#away = new RpaError(errorClass, message, {
        exitCode: EXIT.unavailable,
        ...(hint === null ? {} : { hint }),
      })
      // With a folder of PDFs, papers further on may need no source at all.
      const last = !this.#hasLocalPdfs() && this.#strikes >= UNREACHABLE_STRIKES
      if (last) this.#fail(this.#away)
    }
  }

  #hasLocalPdfs(): boolean {
    const { pdfDir } = this.#resources.settings
    return pdfDir !== null && existsSync(pdfDir)
  }

  #stop({ reason, retryAt, message }: Stop): void {
    if (this.#result.stopped === null) {
      this.#result.stopped = reason
      if (retryAt !== null) this.#result.retry_at = isoTime(retryAt)
      if (message !== null) this.#result.reason = message
    }
    this.#halt.abort()
    if (reason !== 'budget') this.#drop.abort()
  }

  #fail(error: RpaError): void {
    this.#fatal ??= error
    this.#halt.abort()
    this.#drop.abort()
  }
}
