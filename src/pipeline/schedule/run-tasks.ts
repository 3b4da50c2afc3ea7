import { nextUtcMidnight } from '../../core/clock.js'
import type { RpaError } from '../../core/errors.js'
import { EXIT } from '../../core/errors.js'
import { BEGUN, FURTHEST_FIRST, PHASES } from '../../core/phases.js'
import type { Outlook } from '../../db/executions/outlook.js'
import { readOutlook, readOutlookOf } from '../../db/executions/outlook.js'
import { readyExecutions } from '../../db/executions/ready.js'
import { waitingPapers } from '../../db/executions/waiting.js'
import type { PhaseName, Status } from '../../db/engine/schema.js'
import type { Verdict } from '../failures/judge.js'
import { tightest } from '../limits/availability.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import { isInWindow } from '../limits/day-window.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import { claimFor } from './claim-paper.js'
import { countAhead, countNearlyDone, hasWork } from './outlook.js'
import { HostStreak } from './host-streak.js'
import { PaperWaits, waitReasons } from './paper-waits.js'
import { PassingTrouble } from './passing-trouble.js'
import type { Wait } from './run-end.js'
import { RunEnd } from './run-end.js'
import { RunRests } from './phase-rests.js'
import { RunTally } from './tally.js'
import type { Next, Stop, Task, WorkSource } from './task-source.js'

export interface RunSourceOptions {
  /** How long at most until what other processes did is looked at, milliseconds. */
  pollMs: number
  /** Never ends by itself. */
  daemon: boolean
  /** Papers prepped or being prepped from which on nothing more is prepped without a reason. */
  lowWater: number
  /** Length of the window before the end of the UTC day, milliseconds. */
  windowMs: number
  prepOnly: boolean
  resumeOnly: boolean
  /** Most papers in all; undefined: no limit. */
  limit?: number | undefined
  /** Most papers of a phase. */
  caps: Partial<Record<PhaseName, number | undefined>>
  /** Only these executions (execution_id); empty: whatever is best. */
  ids: readonly string[]
  /** Adds pending papers when few are left, and returns how many; null: nobody does. */
  refill: (() => Promise<number>) | null
  /** Called when a paper ended, or a phase begins or ends to rest. */
  onChange(): void
}

/** An empty corpus is asked again after this time. */
const REFILL_MS = 60_000
/** A service that is away is asked again after this time. */
const AWAY_MS = 60_000
const PDF_SOURCE_AWAY_MS = 600_000
/** Whatever ends a request without a reason that can be seen is no reason to do so without a pause. */
const PAUSE_MS = 1000
/** Another process was faster. */
const MISSED_MS = 100

type Needs = Pick<Resources, 'db' | 'requireRoom' | 'clock' | 'settings' | 'log' | 'ownerId'>

/** The work of `run`: whatever is best at the moment, over all phases. */
export class RunSource implements WorkSource {
  readonly tally = new RunTally()
  readonly rests: RunRests
  readonly waits: PaperWaits
  readonly #trouble: PassingTrouble
  #turn: Promise<unknown> = Promise.resolve()
  #wake = new AbortController()
  /** Nothing can change before, unless something ends here. */
  #quietUntil = 0
  #refillAt = 0
  /** As it was last looked at. */
  #seen: Outlook | null = null

  readonly #hosts: HostStreak
  readonly #end: RunEnd
  readonly #resources: Needs
  readonly #phases: ReadonlyMap<PhaseName, PhaseMachine>
  readonly #keeper: Pick<DayKeeper, 'availabilities' | 'days' | 'mayBegin' | 'whyNotBegin'>
  readonly #options: RunSourceOptions

  constructor(
    resources: Needs,
    phases: ReadonlyMap<PhaseName, PhaseMachine>,
    keeper: Pick<DayKeeper, 'availabilities' | 'days' | 'mayBegin' | 'whyNotBegin'>,
    options: RunSourceOptions,
  ) {
    this.#hosts = new HostStreak(resources.settings)
    const patienceMs = Math.max(...[...phases.values()].map(({ limits }) => limits.patienceMs))
    this.#end = new RunEnd(this.#hosts, patienceMs)
    this.#resources = resources
    this.#phases = phases
    this.#keeper = keeper
    this.#options = options
    this.#trouble = new PassingTrouble(resources, options.daemon)
    this.rests = new RunRests(
      resources,
      keeper,
      [...phases.keys()],
      (phase) => this.#goesOn(phase),
      () => options.onChange(),
    )
    this.waits = new PaperWaits(resources, () => options.onChange())
  }

  /** One worker decides at a time, so that together they keep caps and mark. */
  next(): Promise<Next> {
    const turn = this.#turn
      .then(() => this.#decide())
      .catch((error: unknown) => this.#sleep(this.#trouble.waitOut(error)))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  ended({ prepared, claim }: Task, verdict: Verdict | null): Stop | null {
    const { name } = prepared.phase
    this.tally.ended(name, claim.execution.execution_id, verdict)
    if (verdict === null) {
      this.#end.progressed()
      this.waits.progressed()
    }
    if (name === 'prep') this.#hosts.ended(verdict)
    if (verdict !== null) this.#heed(name, verdict)
    this.#quietUntil = 0
    this.#wake.abort()
    this.#wake = new AbortController()
    this.#options.onChange()
    return null
  }

  putBack(phase: PhaseName, ids: readonly string[]): void {
    this.tally.putBack(phase, ids)
    this.rests.lookAgain()
    this.#options.onChange()
  }

  outlives({ host, fatal }: Verdict): boolean {
    return host === 'away' || (this.#options.daemon && isAway(fatal)) || this.#trouble.isOutlived(fatal)
  }

  async #decide(): Promise<Next> {
    const now = this.#now()
    const quietUntil = Math.max(this.#quietUntil, this.#trouble.until)
    if (now < quietUntil) return this.#sleep(quietUntil)
    const outlook = await this.#refilled(await this.#outlook())
    this.#seen = outlook
    const missed: PhaseName[] = []
    const task =
      (await this.#best(outlook, FURTHEST_FIRST, true, missed)) ??
      (this.#options.resumeOnly ? null : await this.#best(outlook, BEGUN, false, missed))
    if (task !== null) {
      this.waits.ended()
      return { task }
    }
    return missed.length > 0 ? this.#sleep(this.#now() + MISSED_MS) : this.#nothing(outlook)
  }

  /** @param missed takes the phases whose papers another process took first. */
  async #best(
    outlook: Outlook,
    phases: readonly PhaseName[],
    interruptedOnly: boolean,
    missed: PhaseName[],
  ): Promise<Task | null> {
    for (const phase of phases) {
      if (!hasWork(outlook, phase, interruptedOnly, this.#now())) continue
      if (!(await this.#mayTake(phase))) continue
      if (!interruptedOnly && phase === 'prep' && !(await this.#wantsPrep(outlook))) continue
      if (!interruptedOnly && (await this.#keeper.whyNotBegin(phase)) !== null) continue
      const task = await this.#take(phase, interruptedOnly)
      if (task !== null) return task
      missed.push(phase)
    }
    return null
  }

  async #take(phase: PhaseName, interruptedOnly: boolean): Promise<Task | null> {
    const prepared = this.#phases.get(phase)
    if (prepared === undefined) return null
    const ids = this.#onlyIds()
    let executionId: string | undefined
    if (ids !== null) {
      const { db } = this.#resources
      const wanted = { ids, limit: 1, now: this.#now(), interruptedOnly }
      executionId = (await readyExecutions(db, prepared.phase, wanted))[0]?.execution_id
      if (executionId === undefined) return null
    }
    const options = {
      interruptedOnly,
      now: this.#now(),
      ...(executionId === undefined ? {} : { executionId }),
    }
    const task = await claimFor(this.#resources, prepared, this.#keeper, options)
    if (task !== null) this.tally.took(phase, task.claim.execution.execution_id)
    return task
  }

  /** While a model is probed, one paper is enough: the others would wait for the probe with a worker each. */
  async #mayTake(phase: PhaseName): Promise<boolean> {
    if (!this.#hasRoom(phase)) return false
    const { state } = await this.rests.of(phase)
    return state === 'open' || (state === 'probe' && this.tally.inHand(phase) === 0)
  }

  #goesOn(phase: PhaseName): boolean {
    return (
      this.tally.inHand(phase) > 0 || (this.#seen !== null && hasWork(this.#seen, phase, false, this.#now()))
    )
  }

  #hasRoom(phase: PhaseName): boolean {
    const cap = this.#options.caps[phase]
    return this.#phases.has(phase) && (cap === undefined || this.tally.used(phase) < cap)
  }

  /** Enough is prepped for the analysis not to wait; more only where the requests could do nothing better. */
  async #wantsPrep(outlook: Outlook): Promise<boolean> {
    const { prepOnly, lowWater, windowMs } = this.#options
    if (prepOnly || countAhead(outlook) < lowWater) return true
    if ((await this.rests.of('analyze')).state !== 'open') return true
    return isInWindow(this.#now(), windowMs) && (await this.#isLeft(outlook))
  }

  /** Whether the day has more requests left than the papers need that are nearly finished. */
  async #isLeft(outlook: Outlook): Promise<boolean> {
    const prep = this.#phases.get('prep')
    if (prep === undefined || !prep.billable) return false
    const day = tightest(await this.#keeper.days('prep'))
    if (day === null) return false
    return day.limit - day.used > countNearlyDone(outlook) + this.tally.inHand('prep')
  }

  /** Nothing can be taken now: waits for what will come back by itself, or ends. */
  async #nothing(outlook: Outlook): Promise<Next> {
    const now = this.#now()
    const waits: Wait[] = []
    const later: Status[] = []
    let spent: Stop | null = null
    for (const phase of BEGUN) {
      if (!this.#hasRoom(phase)) continue
      const { interruptedOnly, at: comesAt } = this.#comesBack(outlook, phase)
      if (comesAt !== null) later.push(PHASES[phase].from)
      const has = hasWork(outlook, phase, interruptedOnly, now)
      if (!has && comesAt === null) continue
      const standing = await this.rests.of(phase)
      const stop =
        standing.state === 'closed'
          ? standing.stop
          : has && !interruptedOnly
            ? await this.#keptFrom(phase)
            : null
      if (stop?.kept === true && phase === 'prep' && !(await this.#wantsPrep(outlook))) continue
      if (stop?.reason === 'budget') {
        spent ??= { ...stop, kept: false }
        continue
      }
      const opensAt = stop === null ? now : (stop.retryAt ?? now + this.#options.pollMs)
      if (has && stop !== null) waits.push({ phase, at: opensAt, stop })
      else if (has && standing.state === 'probe') waits.push({ phase, at: now + PAUSE_MS, stop: null })
      if (comesAt !== null) waits.push({ phase, at: Math.max(comesAt, opensAt), stop })
    }
    const soonest = Math.min(now + this.#options.pollMs, ...waits.map(({ at }) => at))
    if (this.tally.inHand() > 0) return this.#sleep(soonest)
    const waiting = later.length === 0 ? [] : await waitingPapers(this.#resources.db, later, now)
    this.waits.began(waiting)
    if (this.#options.daemon) return this.#sleep(soonest)
    const nothingDone = Object.values(this.tally.counts).every(({ succeeded }) => succeeded === 0)
    const end = this.#end.endsWith(waits, nothingDone, now)
    if (end === null) return this.#sleep(soonest)
    if (end !== 'done') return { stop: { ...end, message: end.message ?? waitReasons(waiting) } }
    return spent === null ? 'done' : { stop: spent }
  }

  /** What is left of the day may be needed for papers further on, which others have or which wait for their time. */
  async #keptFrom(phase: PhaseName): Promise<Stop | null> {
    const message = await this.#keeper.whyNotBegin(phase)
    const retryAt = nextUtcMidnight(this.#now())
    return message === null ? null : { reason: 'budget', retryAt, message, kept: true }
  }

  #comesBack(outlook: Outlook, phase: PhaseName): { interruptedOnly: boolean; at: number | null } {
    const { readyAt, interruptedAt } = outlook.work[phase]
    const interruptedOnly = this.#options.resumeOnly
    return { interruptedOnly, at: interruptedOnly ? interruptedAt : readyAt }
  }

  #heed(phase: PhaseName, verdict: Verdict): void {
    const now = this.#now()
    const { stop, retryAt, message, host, fatal } = verdict
    this.rests.lookAgain()
    if (host === 'away') {
      const until = retryAt ?? now + PDF_SOURCE_AWAY_MS
      if (this.#hosts.areGone()) this.rests.rest(phase, { reason: 'circuit', retryAt: until, message })
    } else if (this.#trouble.isOutlived(fatal)) {
      this.#trouble.waitOut(fatal)
    } else if (isAway(fatal)) {
      this.rests.rest(phase, { reason: 'circuit', retryAt: now + AWAY_MS, message })
    } else if (stop === 'circuit' || stop === 'budget') {
      const until = Math.min(retryAt ?? Infinity, now + PAUSE_MS)
      this.rests.pause(phase, { reason: stop, retryAt, message }, until)
    }
  }

  async #outlook(): Promise<Outlook> {
    const { db } = this.#resources
    const ids = this.#onlyIds()
    return ids === null ? readOutlook(db, this.#now()) : readOutlookOf(db, ids, this.#now())
  }

  /** Once the limit is reached, those papers that were taken are the only ones. */
  #onlyIds(): readonly string[] | null {
    const { ids, limit } = this.#options
    const { papers } = this.tally
    if (limit !== undefined && papers.size >= limit) return [...papers]
    return ids.length > 0 ? ids : null
  }

  async #refilled(outlook: Outlook): Promise<Outlook> {
    const { refill, lowWater, daemon } = this.#options
    const now = this.#now()
    const enough = outlook.work.prep.papers >= lowWater || this.#onlyIds() !== null || !this.#hasRoom('prep')
    if (refill === null || enough || now < this.#refillAt) return outlook
    if ((await refill()) > 0) return this.#outlook()
    this.#refillAt = daemon ? now + REFILL_MS : Infinity
    return outlook
  }

  #sleep(until: number): Next {
    this.#quietUntil = until
    return { lookAgainAt: until, wake: this.#wake.signal }
  }

  #now(): number {
    return this.#resources.clock.now()
  }
}

/** The service may be there again in a while. */
function isAway(fatal: RpaError | null): boolean {
  return fatal?.exitCode === EXIT.unavailable
}
