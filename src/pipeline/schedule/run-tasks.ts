import type { RpaError } from '../../core/errors.js'
import { EXIT } from '../../core/errors.js'
import { BEGUN, FURTHEST_FIRST } from '../../core/phases.js'
import type { Outlook } from '../../db/executions/outlook.js'
import { readyExecutions } from '../../db/executions/ready.js'
import { waitingPapers } from '../../db/executions/waiting.js'
import type { PhaseName } from '../../db/engine/schema.js'
import type { Verdict } from '../failures/judge.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import { claimFor } from './claim-paper.js'
import { hasWork } from './work-ahead.js'
import { HostStreak } from './host-streak.js'
import { PaperWaits, waitReasons } from './paper-waits.js'
import { PassingTrouble } from './passing-trouble.js'
import { RunEnd } from './run-end.js'
import { RunRests } from './phase-rests.js'
import type { RunScopeOptions } from './run-scope.js'
import { RunScope } from './run-scope.js'
import { PAUSE_MS, waitsOf } from './run-waits.js'
import { RunTally } from './tally.js'
import type { Next, Stop, Task, WorkSource } from './task-source.js'

export interface RunSourceOptions extends RunScopeOptions {
  /** How long at most until what other processes did is looked at, milliseconds. */
  pollMs: number
  resumeOnly: boolean
  /** Called when a paper ended, or a phase begins or ends to rest. */
  onChange(): void
}

/** A service that is away is asked again after this time. */
const AWAY_MS = 60_000
const PDF_SOURCE_AWAY_MS = 600_000
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
  /** As it was last looked at. */
  #seen: Outlook | null = null

  readonly #hosts: HostStreak
  readonly #scope: RunScope
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
    this.#scope = new RunScope(resources, phases, keeper, { tally: this.tally, rests: this.rests }, options)
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
    const outlook = await this.#scope.outlook()
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
      if (!interruptedOnly && phase === 'prep' && !(await this.#scope.wantsPrep(outlook))) continue
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
    const ids = this.#scope.onlyIds()
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
    if (!this.#scope.hasRoom(phase)) return false
    const { state } = await this.rests.of(phase)
    return state === 'open' || (state === 'probe' && this.tally.inHand(phase) === 0)
  }

  #goesOn(phase: PhaseName): boolean {
    return (
      this.tally.inHand(phase) > 0 || (this.#seen !== null && hasWork(this.#seen, phase, false, this.#now()))
    )
  }

  /** Nothing can be taken now: waits for what will come back by itself, or ends. */
  async #nothing(outlook: Outlook): Promise<Next> {
    const now = this.#now()
    const { pollMs, resumeOnly, daemon } = this.#options
    const asked = { scope: this.#scope, rests: this.rests, keeper: this.#keeper, resumeOnly, pollMs, now }
    const { waits, later, spent } = await waitsOf(outlook, asked)
    const soonest = Math.min(now + pollMs, ...waits.map(({ at }) => at))
    if (this.tally.inHand() > 0) return this.#sleep(soonest)
    const waiting = later.length === 0 ? [] : await waitingPapers(this.#resources.db, later, now)
    this.waits.began(waiting)
    if (daemon) return this.#sleep(soonest)
    const nothingDone = Object.values(this.tally.counts).every(({ succeeded }) => succeeded === 0)
    const end = this.#end.endsWith(waits, nothingDone, now)
    if (end === null) return this.#sleep(soonest)
    if (end !== 'done') return { stop: { ...end, message: end.message ?? waitReasons(waiting) } }
    return spent === null ? 'done' : { stop: spent }
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
