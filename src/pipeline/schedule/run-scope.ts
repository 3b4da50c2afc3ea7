import type { PhaseName } from '../../db/engine/schema.js'
import type { Outlook } from '../../db/executions/outlook.js'
import { readOutlook, readOutlookOf } from '../../db/executions/outlook.js'
import { tightest } from '../limits/may-send.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import { isInWindow } from '../limits/day-window.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import { countAhead, countNearlyDone } from './work-ahead.js'
import type { RunRests } from './phase-rests.js'
import type { RunTally } from './tally.js'

export interface RunScopeOptions {
  /** Never ends by itself. */
  daemon: boolean
  /** Papers prepped or being prepped from which on nothing more is prepped without a reason. */
  lowWater: number
  /** Length of the window before the end of the UTC day, milliseconds. */
  windowMs: number
  prepOnly: boolean
  /** Most papers in all; undefined: no limit. */
  limit?: number | undefined
  /** Most papers of a phase. */
  caps: Partial<Record<PhaseName, number | undefined>>
  /** Only these executions (execution_id); empty: whatever is best. */
  ids: readonly string[]
  /** Adds pending papers when few are left, and returns how many; null: nobody does. */
  refill: (() => Promise<number>) | null
}

/** An empty corpus is asked again after this time. */
const REFILL_MS = 60_000

/** Which papers and phases a run may take at all, and how many papers it wants to have prepped. */
export class RunScope {
  #refillAt = 0

  readonly #resources: Pick<Resources, 'db' | 'clock'>
  readonly #phases: ReadonlyMap<PhaseName, PhaseMachine>
  readonly #keeper: Pick<DayKeeper, 'days'>
  readonly #tally: RunTally
  readonly #rests: RunRests
  readonly #options: RunScopeOptions

  constructor(
    resources: Pick<Resources, 'db' | 'clock'>,
    phases: ReadonlyMap<PhaseName, PhaseMachine>,
    keeper: Pick<DayKeeper, 'days'>,
    soFar: { tally: RunTally; rests: RunRests },
    options: RunScopeOptions,
  ) {
    this.#resources = resources
    this.#phases = phases
    this.#keeper = keeper
    this.#tally = soFar.tally
    this.#rests = soFar.rests
    this.#options = options
  }

  /** Returns the work there is, after papers were added where few were left. */
  async outlook(): Promise<Outlook> {
    const outlook = await this.#look()
    const { refill, lowWater, daemon } = this.#options
    const now = this.#now()
    const enough = outlook.work.prep.papers >= lowWater || this.onlyIds() !== null || !this.hasRoom('prep')
    if (refill === null || enough || now < this.#refillAt) return outlook
    if ((await refill()) > 0) return this.#look()
    this.#refillAt = daemon ? now + REFILL_MS : Infinity
    return outlook
  }

  /** The execution ids that may be taken; null: any. Once the limit is reached, those that were taken are the only ones. */
  onlyIds(): readonly string[] | null {
    const { ids, limit } = this.#options
    const { papers } = this.#tally
    if (limit !== undefined && papers.size >= limit) return [...papers]
    return ids.length > 0 ? ids : null
  }

  /** Whether the run has this phase, and its cap leaves one more paper. */
  hasRoom(phase: PhaseName): boolean {
    const cap = this.#options.caps[phase]
    return this.#phases.has(phase) && (cap === undefined || this.#tally.used(phase) < cap)
  }

  /** Enough is prepped for the analysis not to wait; more only where the requests could do nothing better. */
  async wantsPrep(outlook: Outlook): Promise<boolean> {
    const { prepOnly, lowWater, windowMs } = this.#options
    if (prepOnly || countAhead(outlook) < lowWater) return true
    if ((await this.#rests.of('analyze')).state !== 'open') return true
    return isInWindow(this.#now(), windowMs) && (await this.#isLeft(outlook))
  }

  /** Whether the day has more requests left than the papers need that are nearly finished. */
  async #isLeft(outlook: Outlook): Promise<boolean> {
    const prep = this.#phases.get('prep')
    if (prep === undefined || !prep.billable) return false
    const day = tightest(await this.#keeper.days('prep'))
    if (day === null) return false
    return day.limit - day.used > countNearlyDone(outlook) + this.#tally.inHand('prep')
  }

  async #look(): Promise<Outlook> {
    const { db } = this.#resources
    const ids = this.onlyIds()
    return ids === null ? readOutlook(db, this.#now()) : readOutlookOf(db, ids, this.#now())
  }

  #now(): number {
    return this.#resources.clock.now()
  }
}
