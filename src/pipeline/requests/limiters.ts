import Bottleneck from 'bottleneck'
import type { LimitGroup } from '../../llm/limits.js'
import type { ModelProfile } from '../../llm/provider.js'

/** Keeps this process to a group's concurrency and spacing, in the order in which requests come. */
export class Limiters {
  readonly #limiters = new Map<string, Bottleneck>()

  readonly #stopRequests: AbortSignal

  constructor(stopRequests: AbortSignal) {
    this.#stopRequests = stopRequests
  }

  /** @throws the reason of the signal where it comes before the work's turn. */
  async schedule<T>(group: LimitGroup | null, work: () => Promise<T>): Promise<T> {
    if (group === null) return work()
    this.#stopRequests.throwIfAborted()
    let limiter = this.#limiters.get(group.name)
    if (limiter === undefined) {
      limiter = new Bottleneck({ maxConcurrent: group.concurrency, minTime: group.spacingMs })
      this.#limiters.set(group.name, limiter)
      const stopped = limiter
      // One would else see them end one by one, a spacing apart.
      const giveUp = (): void => void stopped.stop({ dropWaitingJobs: true })
      this.#stopRequests.addEventListener('abort', giveUp, { once: true })
    }
    try {
      return await limiter.schedule(work)
    } catch (error) {
      if (error instanceof Bottleneck.BottleneckError) this.#stopRequests.throwIfAborted()
      throw error
    }
  }
}

/** Of one paper's requests to a model, holds the others back until the first is answered. */
export class Leads {
  readonly #first = new Map<string, Promise<unknown>>()

  /** Does the work: at once where it is the first for its model, or the profile wants no lead. */
  async follow<T>({ model, baseUrl, warmFirst }: ModelProfile, work: () => Promise<T>): Promise<T> {
    if (!warmFirst) return work()
    const key = `${model} ${baseUrl ?? ''}`
    const first = this.#first.get(key)
    if (first !== undefined) {
      await first
      return work()
    }
    const lead = work()
    // What became of it is told to whoever asked; the others only wait for its end.
    this.#first.set(key, lead.then(NOTHING, NOTHING))
    return lead
  }
}

const NOTHING = (): void => undefined
