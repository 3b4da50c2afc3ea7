import { isoTime, nextUtcMidnight, utcDay } from '../core/clock.js'
import { EXIT, RpaError, UsageError } from '../core/errors.js'
import { findExecution } from '../db/executions.js'
import type { Claim } from '../db/leases.js'
import { claim } from '../db/leases.js'
import { usedRequests } from '../db/ledger.js'
import { countReady, readyExecutions } from '../db/ready.js'
import { agentRunners } from './agents.js'
import type { StopReason } from './failure-policy.js'
import type { PhaseMachine } from './phase-machine.js'
import { preparePhase } from './phase-machine.js'
import type { Phase } from './phases.js'
import type { Resources } from './resources.js'
import type { PhaseResult } from './result.js'
import type { WorkDone } from './work.js'
import { work } from './work.js'

export interface PhaseOptions {
  limit?: number | undefined
  workers: number
  /** arXiv ids or execution ids; empty: whatever is best. */
  ids: readonly string[]
  maxTimeMs?: number | undefined
  dryRun: boolean
  /** Aborted by the first SIGINT or SIGTERM. */
  stop: AbortSignal
  onDone?(done: WorkDone, soFar: PhaseResult): void
}

/** So many papers in a row that cannot reach a service are no chance. */
const UNREACHABLE_STRIKES = 3

/**
 * Takes papers through one phase until none is ready, a limit is reached, or there is a reason to stop.
 *
 * @returns what happened; failed papers are in it.
 * @throws RpaError where the command itself cannot go on; the papers in work have been put back then.
 */
export async function runPhase(resources: Resources, phase: Phase, options: PhaseOptions): Promise<PhaseResult> {
  const prepared = await preparePhase(resources, phase)
  const run = new PhaseRun(resources, phase, options, prepared)
  return options.dryRun ? run.describe() : run.run()
}

class PhaseRun {
  readonly #resources: Resources
  readonly #phase: Phase
  readonly #options: PhaseOptions
  readonly #prepared: PhaseMachine
  readonly #started: number
  readonly #result: PhaseResult
  readonly #halt = new AbortController()
  #ids: string[] = []
  #strikes = 0
  #fatal: RpaError | null = null
  #away: RpaError | null = null

  constructor(resources: Resources, phase: Phase, options: PhaseOptions, prepared: PhaseMachine) {
    this.#resources = resources
    this.#phase = phase
    this.#options = options
    this.#prepared = prepared
    this.#started = resources.clock.now()
    this.#result = {
      phase: phase.name,
      claimed: 0,
      succeeded: 0,
      failed: 0,
      released: 0,
      resumed: 0,
      requests: { cheap: 0, expensive: 0 },
      stopped: null,
      duration_ms: 0,
      executions: [],
    }
  }

  async run(): Promise<PhaseResult> {
    const options = this.#options
    this.#ids = await this.#executionIds()
    const onStop = (): void => this.#stop('signal')
    if (options.stop.aborted) onStop()
    options.stop.addEventListener('abort', onStop, { once: true })
    const timer =
      options.maxTimeMs === undefined ? undefined : setTimeout(() => this.#stop('time'), options.maxTimeMs)
    try {
      await Promise.all(Array.from({ length: options.workers }, () => this.#worker()))
    } finally {
      clearTimeout(timer)
      options.stop.removeEventListener('abort', onStop)
    }
    this.#result.duration_ms = this.#resources.clock.now() - this.#started
    const nothingReached = this.#strikes > 0 && this.#strikes === this.#result.claimed
    if (this.#fatal !== null) throw this.#fatal
    if (this.#away !== null && nothingReached) throw this.#away
    return this.#result
  }

  /** Returns what a run would take, without taking it. */
  async describe(): Promise<PhaseResult> {
    const ids = await this.#executionIds()
    const limit = Math.min(this.#options.limit ?? Number.MAX_SAFE_INTEGER, 1000)
    const ready = await readyExecutions(this.#resources.db, this.#phase, ids, limit, this.#resources.clock.now())
    this.#result.executions = ready.map((row) => ({
      arxiv_id: row.arxiv_id,
      execution_id: row.execution_id,
      status: row.status,
      duration_ms: 0,
    }))
    return this.#result
  }

  async #executionIds(): Promise<string[]> {
    const found: string[] = []
    for (const id of this.#options.ids) {
      const execution = await findExecution(this.#resources.db, id)
      if (execution === null) {
        throw new UsageError('unknown_paper', `There is no execution of "${id}".`, {
          hint: `Seed it first: rpa seed --id ${id}`,
        })
      }
      found.push(execution.execution_id)
    }
    return found
  }

  async #worker(): Promise<void> {
    try {
      for (;;) {
        const taken = await this.#next()
        if (taken === null) return
        const done = await work(
          this.#resources,
          this.#phase,
          this.#prepared,
          this.#agents,
          taken,
          this.#halt.signal,
        )
        this.#record(done)
      }
    } catch (error) {
      this.#fail(error instanceof RpaError ? error : new RpaError('internal', String(error), { cause: error }))
      if (!(error instanceof RpaError)) throw error
    }
  }

  get #agents(): ReturnType<typeof agentRunners> {
    const { db, clock, settings, provider } = this.#resources
    const { requests } = this.#result
    return agentRunners(
      { db, clock, budget: settings.budget, provider, onRequest: (role) => (requests[role] += 1) },
      this.#prepared.profiles,
    )
  }

  async #next(): Promise<Claim | null> {
    const { limit } = this.#options
    if (this.#halt.signal.aborted) return null
    if (limit !== undefined && this.#result.claimed >= limit) return null
    // Counted before the claim, so that several workers together keep the limit.
    this.#result.claimed += 1
    const taken = (await this.#withinBudget()) ? await this.#claim() : null
    if (taken === null) this.#result.claimed -= 1
    return taken
  }

  async #claim(): Promise<Claim | null> {
    const { db, clock, settings, ownerId } = this.#resources
    const { name, from, busy } = this.#phase
    const request = { phase: name, from, busy, ownerId, ttl: settings.leaseTtl }
    if (this.#options.ids.length === 0) return claim(db, { ...request, now: clock.now() })
    for (let executionId = this.#ids.shift(); executionId !== undefined; executionId = this.#ids.shift()) {
      const taken = await claim(db, { ...request, now: clock.now(), executionId })
      if (taken !== null) return taken
    }
    return null
  }

  /** A paper is not begun when the day's requests are spent: the work before the first request would wait anyway. */
  async #withinBudget(): Promise<boolean> {
    const { db, clock, settings } = this.#resources
    if (!this.#prepared.billable || settings.budget === 0) return true
    const now = clock.now()
    if ((await usedRequests(db, utcDay(now))) < settings.budget) return true
    if ((await countReady(db, this.#phase, now)) > 0) {
      this.#result.retry_at = isoTime(nextUtcMidnight(now))
      this.#stop('budget')
    }
    return false
  }

  #record(done: WorkDone): void {
    const { verdict } = done
    this.#result[done.outcome] += 1
    if (done.resumed) this.#result.resumed += 1
    this.#result.executions.push(done.result)
    this.#strikes = verdict?.unreachable === true ? this.#strikes + 1 : 0
    if (verdict?.fatal != null) this.#fail(verdict.fatal)
    if (verdict?.unreachable === true) {
      const { errorClass, message, hint } = verdict
      const away = new RpaError(errorClass, message, { exitCode: EXIT.unavailable, ...(hint === null ? {} : { hint }) })
      if (this.#strikes >= UNREACHABLE_STRIKES) this.#fail(away)
      else this.#away = away
    }
    if (verdict?.stop != null) {
      if (verdict.retryAt !== null) this.#result.retry_at ??= isoTime(verdict.retryAt)
      this.#stop(verdict.stop)
    }
    this.#options.onDone?.(done, this.#result)
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
