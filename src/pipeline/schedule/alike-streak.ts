import type { Phase, PhaseName } from '../../core/phases.js'
import { putBackFailed } from '../../db/executions/put-back.js'
import type { Verdict } from '../failures/judge.js'
import { failsAlike } from '../failures/rules.js'
import { ALIKE_PAPERS, ALIKE_WAIT_MS, papersAlike } from '../limits/phase-rest.js'
import type { Resources } from '../resources/resources.js'

/** At the end of a command so many are enough, where none was done: no more will come to tell. */
const ALIKE_AT_END = 2

/** Papers of a phase that failed for the same cause, one after the other. */
interface Streak {
  errorClass: string
  ids: Set<string>
  /** No other of the command failed or was done before them. */
  isFirst: boolean
}

/** Puts papers back that failed one after the other for a cause that is not theirs; the phase rests then. */
export class AlikeStreak {
  readonly #streaks = new Map<PhaseName, Streak>()
  /** Phases in which a paper ended well: what others were put back for before is over. */
  readonly #passed = new Set<PhaseName>()
  readonly #resources: Pick<Resources, 'db' | 'clock' | 'settings'>

  constructor(resources: Pick<Resources, 'db' | 'clock' | 'settings'>) {
    this.#resources = resources
  }

  /** Takes note of how a paper ended. Returns the execution ids of failed papers that went back, it and others before it. */
  async ended(phase: Phase, executionId: string, verdict: Verdict | null): Promise<string[]> {
    if (verdict === null) {
      this.#streaks.delete(phase.name)
      this.#passed.add(phase.name)
      return []
    }
    const { paper, errorClass } = verdict
    if (paper !== 'fail' || !failsAlike(errorClass)) return []
    const { db, clock } = this.#resources
    const known = this.#streaks.get(phase.name)
    const isFirst = known === undefined && !this.#passed.has(phase.name)
    const streak = known?.errorClass === errorClass ? known : { errorClass, ids: new Set<string>(), isFirst }
    const { ids } = streak
    ids.add(executionId)
    this.#streaks.set(phase.name, streak)
    const now = clock.now()
    const before = this.#passed.has(phase.name) ? 0 : await papersAlike(db, phase.name, errorClass, now)
    if (ids.size + before < ALIKE_PAPERS) return []
    this.#passed.delete(phase.name)
    return this.#putBack(phase, streak)
  }

  /**
   * Puts back the papers of a phase that all failed alike, none done, though they were too few to say so before. Returns their
   * execution ids.
   */
  async atEnd(phase: Phase): Promise<string[]> {
    const streak = this.#streaks.get(phase.name)
    return streak?.isFirst === true && streak.ids.size >= ALIKE_AT_END ? this.#putBack(phase, streak) : []
  }

  async #putBack({ from }: Phase, { errorClass, ids }: Streak): Promise<string[]> {
    const { db, clock, settings } = this.#resources
    const now = clock.now()
    const to = { status: from, errorClass, until: now + ALIKE_WAIT_MS, maxAttempts: settings.maxAttempts }
    return putBackFailed(db, [...ids], to, now)
  }
}
