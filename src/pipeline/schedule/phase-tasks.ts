import { momentText, nextUtcMidnight } from '../../core/clock.js'
import type { PhaseName } from '../../db/engine/schema.js'
import { countReady } from '../../db/executions/ready.js'
import type { Verdict } from '../failures/judge.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import { stopOf } from './stops.js'
import type { Next, Stop, Task, WorkSource } from './task-source.js'

export interface PhaseSourceOptions {
  limit?: number | undefined
  /** Claims the next paper that is ready at the moment (epoch milliseconds); null: there is none. */
  claim: (now: number) => Promise<Task | null>
  /** Called when a paper that went back may be taken again: `claim` gives it first. */
  comeBack(executionId: string): void
}

/** So often one looks whether papers in hand have left something to begin others with. */
const LOOK_AGAIN_MS = 500

/** The work of one command over one phase, or over interrupted papers of several: ends at the first reason to stop. */
export class PhaseSource implements WorkSource {
  readonly #comebacks = new Map<string, number>()
  #taken = 0
  #inHand = 0

  readonly #resources: Resources
  readonly #phases: readonly PhaseMachine[]
  readonly #keeper: Pick<DayKeeper, 'availabilities' | 'whyNotBegin'>
  readonly #options: PhaseSourceOptions

  constructor(
    resources: Resources,
    phases: readonly PhaseMachine[],
    keeper: Pick<DayKeeper, 'availabilities' | 'whyNotBegin'>,
    options: PhaseSourceOptions,
  ) {
    this.#resources = resources
    this.#phases = phases
    this.#keeper = keeper
    this.#options = options
  }

  async next(): Promise<Next> {
    const { limit, claim } = this.#options
    if (limit !== undefined && this.#taken >= limit) return this.#later()
    // Counted before the claim, so that several workers together keep the limit.
    this.#taken += 1
    // One moment for both: a paper whose wait ends between them would be taken although there is a reason to stop.
    const now = this.#resources.clock.now()
    const stop = await this.#reasonToStop(now)
    const task = stop === null ? await claim(now) : null
    if (task !== null) {
      // A moment later it may be claimed like any other: it was counted before.
      if (this.#comebacks.delete(task.claim.execution.execution_id)) this.#taken -= 1
      this.#inHand += 1
      return { task }
    }
    this.#taken -= 1
    const reason = stop ?? (await this.#keptBack(now))
    if (reason === null) return this.#later()
    // What the papers in hand do not use is free again.
    return reason.kept === true && this.#inHand > 0 ? { lookAgainAt: now + LOOK_AGAIN_MS } : { stop: reason }
  }

  /** A paper that waits for a moment only is waited for: the command would end with work undone that it could do. */
  async ended({ claim, prepared }: Task, verdict: Verdict | null): Promise<Stop | null> {
    const { execution_id: id } = claim.execution
    this.#inHand -= 1
    if (verdict === null) return null
    if (verdict.stop !== null) {
      const { name } = prepared.phase
      const found =
        verdict.retryAt === null ? (await this.#keeper.availabilities([name])).get(name) : undefined
      const retryAt = verdict.retryAt ?? (found?.state === 'closed' ? found.until : null)
      return { reason: verdict.stop, retryAt, message: verdict.message }
    }
    const { notBefore } = verdict
    const soon = notBefore !== null && notBefore - this.#resources.clock.now() <= prepared.limits.patienceMs
    // A host that was in trouble a minute ago is a matter for the next command.
    // It stays one of those taken, so that no other comes in its place.
    if (verdict.paper === 'release' && soon && verdict.host === null) this.#comebacks.set(id, notBefore)
    return null
  }

  #later(): Next {
    const now = this.#resources.clock.now()
    const [next] = [...this.#comebacks].sort(([, a], [, b]) => a - b)
    if (next === undefined) return 'done'
    const [id, at] = next
    if (at > now) return { lookAgainAt: at }
    this.#comebacks.delete(id)
    this.#taken -= 1
    this.#options.comeBack(id)
    return { lookAgainAt: now }
  }

  /** A paper is not begun when its requests could not be sent: the work before the first of them would wait anyway. */
  async #reasonToStop(now: number): Promise<Stop | null> {
    const { db } = this.#resources
    const found = await this.#keeper.availabilities(this.#phases.map(({ phase }) => phase.name))
    const stops = new Map<PhaseName, Stop>()
    for (const [phase, availability] of found) {
      if (availability.state === 'closed' && !availability.soon) stops.set(phase, stopOf(availability))
    }
    if (stops.size < this.#phases.length) return null
    for (const { phase } of this.#phases) {
      if ((await countReady(db, phase, now)) > 0) return stops.get(phase.name) ?? null
    }
    return null
  }

  /** Papers are there, but what is left of the day is needed for those that are further on. */
  async #keptBack(now: number): Promise<Stop | null> {
    for (const { phase } of this.#phases) {
      const message = await this.#keeper.whyNotBegin(phase.name)
      if (message === null || (await countReady(this.#resources.db, phase, now)) === 0) continue
      const retryAt = nextUtcMidnight(now)
      const until = `${message}; it goes on after ${momentText(retryAt)}`
      return { reason: 'budget', retryAt, message: until, kept: true }
    }
    return null
  }
}
