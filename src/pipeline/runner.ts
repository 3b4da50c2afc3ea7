import { existsSync } from 'node:fs'
import { isoTime, nextUtcMidnight, utcDay } from '../core/clock.js'
import { EXIT, RpaError, messageOf } from '../core/errors.js'
import type { Claim } from '../db/claims.js'
import type { MinuteWindow } from '../db/ledger.js'
import { usedRequests } from '../db/ledger.js'
import { countReady, waitingExecutions } from '../db/ready.js'
import type { LimitGroup } from '../llm/limits.js'
import { limitGroupOf } from '../llm/limits.js'
import type { AgentRunnerFactory } from './agents.js'
import { agentRunners } from './agents.js'
import type { StopReason, Verdict } from './failure-policy.js'
import type { PhaseMachine } from './phase-machine.js'
import type { Resources } from './resources.js'
import { emptyResult } from './result.js'
import type { PhaseResult } from './result.js'
import type { WorkDone } from './work.js'
import { work } from './work.js'

export interface RunnerOptions {
  limit?: number | undefined
  workers: number
  maxTimeMs?: number | undefined
  /** Aborted by the first SIGINT or SIGTERM: no new work, and work in hand ends at its next transition. */
  stop: AbortSignal
  /** Aborted when requests in flight are not waited for any longer. */
  cut: AbortSignal
  onDone?(done: WorkDone, soFar: PhaseResult): void
}

export interface Task {
  prepared: PhaseMachine
  claim: Claim
}

/** So many papers in a row that cannot reach a service are no chance. */
const UNREACHABLE_STRIKES = 3

/** Works off tasks with several workers until there are none, a limit is reached, or there is a reason to stop. */
export class Runner {
  readonly #resources: Resources
  readonly #phases: readonly PhaseMachine[]
  readonly #next: () => Promise<Task | null>
  readonly #options: RunnerOptions
  readonly #agents: ReadonlyMap<PhaseMachine, AgentRunnerFactory>
  readonly #started: number
  readonly #result: PhaseResult
  readonly #halt = new AbortController()
  #strikes = 0
  #fatal: RpaError | null = null
  #away: RpaError | null = null

  constructor(
    resources: Resources,
    phases: readonly PhaseMachine[],
    next: () => Promise<Task | null>,
    options: RunnerOptions,
    name: PhaseResult['phase'],
  ) {
    this.#resources = resources
    this.#phases = phases
    this.#next = next
    this.#options = options
    this.#started = resources.clock.now()
    this.#result = emptyResult(name)
    const { requests } = this.#result
    const { db, clock, log, settings, provider, inFlight } = resources
    this.#agents = new Map(
      phases.map((prepared) => [
        prepared,
        agentRunners(
          {
            db,
            clock,
            budget: settings.budget,
            provider,
            inFlight,
            log,
            window: (profile) => windowOf(limitGroupOf(prepared.limits, profile)),
            cut: options.cut,
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
    const onStop = (): void => this.#stop('signal')
    if (stop.aborted) onStop()
    stop.addEventListener('abort', onStop, { once: true })
    const timer = maxTimeMs === undefined ? undefined : setTimeout(() => this.#stop('time'), maxTimeMs)
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#worker()))
    } finally {
      clearTimeout(timer)
      stop.removeEventListener('abort', onStop)
    }
    await this.#noteWaiting()
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

  async #worker(): Promise<void> {
    try {
      for (;;) {
        const task = await this.#take()
        if (task === null) return
        const agents = this.#agents.get(task.prepared)
        if (agents === undefined) throw new Error(`no agents for phase ${task.prepared.phase.name}`)
        this.#record(await work(this.#resources, task.prepared, agents, task.claim, this.#halt.signal))
      }
    } catch (error) {
      this.#fail(
        error instanceof RpaError ? error : new RpaError('internal', messageOf(error), { cause: error }),
      )
    }
  }

  async #take(): Promise<Task | null> {
    const { limit } = this.#options
    if (this.#halt.signal.aborted) return null
    if (limit !== undefined && this.#result.claimed >= limit) return null
    // Counted before the claim, so that several workers together keep the limit.
    this.#result.claimed += 1
    const task = (await this.#withinBudget()) ? await this.#next() : null
    if (task === null) this.#result.claimed -= 1
    return task
  }

  /** A paper is not begun when the day's requests are spent: the work before the first request would wait anyway. */
  async #withinBudget(): Promise<boolean> {
    const { db, clock, settings } = this.#resources
    const billable = this.#phases.filter((prepared) => prepared.billable)
    if (billable.length === 0 || settings.budget === 0) return true
    const now = clock.now()
    if ((await usedRequests(db, utcDay(now))) < settings.budget) return true
    for (const { phase } of billable) {
      if ((await countReady(db, phase, now)) === 0) continue
      this.#result.retry_at = isoTime(nextUtcMidnight(now))
      this.#stop('budget')
      break
    }
    return false
  }

  #record(done: WorkDone): void {
    const { verdict } = done
    this.#result[done.outcome] += 1
    if (done.resumed) this.#result.resumed += 1
    this.#result.executions.push(done.result)
    if (verdict === null) this.#strikes = 0
    else this.#heed(verdict)
    this.#options.onDone?.(done, this.#result)
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
    if (verdict.stop === null) return
    if (verdict.retryAt !== null) this.#result.retry_at ??= isoTime(verdict.retryAt)
    this.#stop(verdict.stop)
  }

  #hasLocalPdfs(): boolean {
    const { pdfDir } = this.#resources.settings
    return pdfDir !== null && existsSync(pdfDir)
  }

  #stop(reason: StopReason): void {
    this.#result.stopped ??= reason
    this.#halt.abort()
  }

  #fail(error: RpaError): void {
    this.#fatal ??= error
    this.#halt.abort()
  }
}

function windowOf(group: LimitGroup | null): MinuteWindow | null {
  return group === null ? null : { group: group.name, perMinute: group.requestsPerMinute }
}
