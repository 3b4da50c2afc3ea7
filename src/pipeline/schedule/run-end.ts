import type { PhaseName } from '../../db/engine/schema.js'
import type { HostStreak } from './host-streak.js'
import type { Stop } from './task-source.js'

/** What is waited for: until when (epoch milliseconds), and who is closed to us if that is why. */
export interface Wait {
  phase: PhaseName
  at: number
  stop: Stop | null
}

/** Decides when a run ends though something is left: where waiting on is a matter for people, or for the next command. */
export class RunEnd {
  readonly #hosts: HostStreak
  readonly #patienceMs: number
  /** Since when nothing could be done because models are closed to us; null: something could. */
  #closedSince: number | null = null

  /** @param patienceMs how long closed models, and papers that wait for their time, are waited for. */
  constructor(hosts: HostStreak, patienceMs: number) {
    this.#hosts = hosts
    this.#patienceMs = patienceMs
  }

  /** A paper ended well. */
  progressed(): void {
    this.#closedSince = null
  }

  /**
   * Returns why the run ends with these waits, `done` where there is nothing to say of it, or null: it waits on.
   *
   * @param nothingDone whether no paper has ended well in this run.
   * @throws RpaError where no PDF could be had.
   */
  endsWith(waits: readonly Wait[], nothingDone: boolean, now: number): Stop | 'done' | null {
    if (waits.length === 0) return 'done'
    const isPrepAlone = waits.every(({ phase }) => phase === 'prep')
    const { resting, away, unreached } = this.#hosts
    // Waiting on for a host that is left alone is a matter for the next command.
    if (resting !== null && isPrepAlone) return resting
    if (away !== null && unreached > 0 && isPrepAlone) {
      if (nothingDone || this.#hosts.areGone()) throw away
      return 'done'
    }
    return this.#afterPatience(waits, now)
  }

  /**
   * Where nothing can be done for longer than limits.yml has patience, or all that is left has waited so long for models
   * that are closed to us, the run ends and says what for, instead of sitting there or probing on and on. Null while there is
   * a reason to wait.
   */
  #afterPatience(waits: readonly Wait[], now: number): Stop | null {
    const [first] = [...waits].sort((a, b) => a.at - b.at)
    if (first === undefined) return null
    this.#closedSince = waits.every(({ stop }) => stop !== null) ? (this.#closedSince ?? now) : null
    const hasWaited = now - (this.#closedSince ?? now) > this.#patienceMs
    if (first.at - now <= this.#patienceMs && !hasWaited) return null
    return first.stop ?? { reason: 'circuit', retryAt: first.at, message: null }
  }
}
