import { nextUtcMidnight, utcDay } from '../../core/clock.js'
import type { PhaseName } from '../../core/phases.js'
import { PHASE_NAMES } from '../../core/phases.js'
import { openCircuits } from '../../db/calls/circuit-states.js'
import { groupDaySteps, usedSteps } from '../../db/calls/day-counts.js'
import type { Need } from '../../db/calls/kept-requests.js'
import { keptSteps } from '../../db/calls/kept-requests.js'
import { costPerPaper } from '../../db/usage/requests-per-paper.js'
import { countByPipeline, pipelinesInUse } from '../../db/executions/pipelines.js'
import type { Db } from '../../db/engine/prepared.js'
import type { Steps } from '../../db/engine/steps.js'
import { perform, takeLocks } from '../../db/engine/steps.js'
import { PHASES } from '../../core/phases.js'
import type { Resources } from '../resources/resources.js'
import type { Asking, Availability, LimitDay } from './may-send.js'
import { phaseRest } from './phase-rest.js'
import { keptMessage, phaseAvailability, shortMessage } from './may-send.js'
import { isInWindow } from './day-window.js'
import { asksThere, hasWayRound, limitDays } from './limit-days.js'
import type { MixedCosts } from './needs-further-on.js'
import { costsThere, furtherOn, mixedCosts, mostFromHere, needsOf, fromHere } from './needs-further-on.js'

export interface KeeperOptions {
  /** Whether the papers further on come first. */
  keeps: boolean
  /** Requests of a paper in each phase; by default measured. */
  costs?: MixedCosts
  /** Length of the window before the end of the UTC day in which nothing is kept for what was not begun, milliseconds. */
  windowMs: number
  /** Whether papers are tried even where a phase rests because others failed alike. */
  insists?: boolean
}

type Needs = Pick<Resources, 'db' | 'clock' | 'settings'>
type Asked = Partial<Record<PhaseName, Asking>>

/** What a request leaves to others, of the budget and of its group's day. */
export interface CallKeep {
  budget: readonly Need[]
  group: readonly Need[]
}

/** Returns what a paper costs now, in each pipeline that papers have still to go through. */
export async function costsOfNow(db: Db): Promise<MixedCosts> {
  return mixedCosts(pipelinesInUse(await countByPipeline(db)), await costPerPaper(db))
}

/** Measured costs, and what is away, change slowly. */
const COSTS_FRESH_MS = 600_000
const AWAY_FRESH_MS = 10_000

/** Knows what the days have left for each phase, and what papers further on need of it. */
export class DayKeeper {
  #costs: { value: Promise<MixedCosts>; until: number } | null = null
  #away: { value: Promise<ReadonlySet<PhaseName>>; until: number } | null = null

  readonly #resources: Needs
  readonly #asked: Asked
  readonly #options: KeeperOptions

  constructor(
    resources: Needs,
    /** Whom each phase asks. One that is missing asks nobody. */
    asked: Asked,
    options: KeeperOptions,
  ) {
    this.#resources = resources
    this.#asked = asked
    this.#options = options
  }

  /** Returns whether papers of these phases may be taken and their requests sent now, with one look at the circuits. */
  async availabilities(phases: readonly PhaseName[]): Promise<Map<PhaseName, Availability>> {
    const now = this.#now()
    const circuits = await openCircuits(this.#db, {})
    const found = new Map<PhaseName, Availability>()
    for (const phase of phases) {
      const asking = this.#asked[phase]
      const days = asking === undefined ? [] : await this.days(phase)
      const rest = this.#options.insists === true ? null : await phaseRest(this.#db, phase, now)
      const asks = (): Availability =>
        asking === undefined ? { state: 'open' } : phaseAvailability(asking, { now, circuits, days })
      found.set(phase, rest ?? asks())
    }
    return found
  }

  /** Returns whether the requests of a phase may be sent now. */
  async availability(phase: PhaseName): Promise<Availability> {
    return (await this.availabilities([phase])).get(phase) ?? { state: 'open' }
  }

  /** Returns the limits of the day that a phase's requests count against, with what is kept; empty: none. */
  async days(phase: PhaseName): Promise<LimitDay[]> {
    const days = await limitDays(this.#resources, this.#asked[phase])
    return Promise.all(
      days.map(async (day) => {
        const needs = await this.#furtherOn(phase, day.group)
        return { ...day, kept: await perform(this.#db, keptSteps(needs, day.limit - day.used)) }
      }),
    )
  }

  /** Returns whether a phase's papers wait for requests: some agent of it asks a model. */
  asks(phase: PhaseName): boolean {
    return asksThere(this.#asked[phase], null)
  }

  /** Returns the limit groups of all whom a phase may ask. */
  groups(phase: PhaseName): ReadonlySet<string> {
    const { chains = [], limitGroup } = this.#asked[phase] ?? {}
    return new Set(chains.flat().flatMap((profile) => limitGroup?.(profile)?.name ?? []))
  }

  /** Returns what a request of a phase leaves to others. */
  async callKeep(phase: PhaseName, group: string | null): Promise<CallKeep> {
    return {
      budget: await this.#furtherOn(phase, null),
      group: group === null ? [] : await this.#furtherOn(phase, group),
    }
  }

  /**
   * Returns whether one more paper may be begun in a phase, as steps of the transaction that claims it: what it needs up to
   * its report must be left, beside what those need that were begun before.
   */
  async mayBegin(phase: PhaseName): Promise<() => Steps<boolean>> {
    const date = utcDay(this.#now())
    const rules = await this.#beginRules(phase)
    return function* (): Steps<boolean> {
      // Each begun paper leaves less for the next: none may be begun beside another.
      if (rules.length > 0) yield* takeLocks({ name: 'begin' })
      for (const rule of rules) if ((yield* shortOf(rule, date)) !== null) return false
      return true
    }
  }

  /** Returns why no paper may be begun, in one line; null: one may. */
  async whyNotBegin(phase: PhaseName): Promise<string | null> {
    const date = utcDay(this.#now())
    for (const rule of await this.#beginRules(phase)) {
      const short = await perform(this.#db, shortOf(rule, date))
      if (short === null) continue
      const { left, kept } = short
      return kept > 0
        ? keptMessage(left, rule.limit, rule.group)
        : shortMessage(left, rule.limit, rule.requests, rule.group)
    }
    return null
  }

  async #beginRules(phase: PhaseName): Promise<BeginRule[]> {
    if (!this.#options.keeps) return []
    const { busy } = PHASES[phase]
    const away = await this.#awayNow()
    const rules: BeginRule[] = []
    for (const { group, limit, perDay } of await limitDays(this.#resources, this.#asked[phase])) {
      if (group !== null && hasWayRound(this.#asked[phase], group)) continue
      const costs = this.#costsOf(group, await this.#costsNow())
      const requests = mostFromHere(phase, costs, away)
      const begun = needsOf(costs, (each) => [{ status: busy, requests: fromHere(phase, each, away) }])
      const needs = [...furtherOn(phase, costs, away), ...begun]
      rules.push({ group, limit, perDay, needs, requests })
    }
    return rules
  }

  async #furtherOn(phase: PhaseName, group: string | null): Promise<readonly Need[]> {
    if (!this.#options.keeps) return []
    return furtherOn(phase, this.#costsOf(group, await this.#costsNow()), await this.#awayNow())
  }

  #costsOf(group: string | null, costs: MixedCosts): MixedCosts {
    return costsThere(costs, (phase) => asksThere(this.#asked[phase], group))
  }

  async #costsNow(): Promise<MixedCosts> {
    if (this.#options.costs !== undefined) return this.#options.costs
    const now = this.#now()
    let costs = this.#costs
    if (costs === null || now >= costs.until) {
      costs = { value: costsOfNow(this.#db), until: now + COSTS_FRESH_MS }
      this.#costs = costs
    }
    return costs.value
  }

  /** Returns the phases that can do nothing more today. */
  async #awayNow(): Promise<ReadonlySet<PhaseName>> {
    const now = this.#now()
    let away = this.#away
    if (away === null || now >= away.until) {
      away = { value: this.#findAway(now), until: now + AWAY_FRESH_MS }
      this.#away = away
    }
    return away.value
  }

  async #findAway(now: number): Promise<ReadonlySet<PhaseName>> {
    const circuits = await openCircuits(this.#db, {})
    const away = new Set<PhaseName>()
    for (const phase of PHASE_NAMES) {
      const asking = this.#asked[phase]
      if (asking === undefined) continue
      const days = await limitDays(this.#resources, asking)
      const found = phaseAvailability(asking, { now, circuits, days })
      if (found.state === 'closed' && !found.soon && found.until >= nextUtcMidnight(now)) away.add(phase)
      if (PHASES[phase].role === 'expensive' && isInWindow(now, this.#options.windowMs)) away.add(phase)
    }
    return away
  }

  get #db(): Db {
    return this.#resources.db
  }

  #now(): number {
    return this.#resources.clock.now()
  }
}

interface BeginRule {
  group: string | null
  limit: number
  perDay: number | null
  needs: readonly Need[]
  /** Of one paper, from here to its report. */
  requests: number
}

/**
 * Returns null where the day has enough for one more paper; else what it has. Where a whole day has not enough for a
 * paper, it takes more than one: then nothing but what is needed for others holds it back.
 */
function* shortOf(
  { group, limit, perDay, needs, requests }: BeginRule,
  date: string,
): Steps<{ left: number; kept: number } | null> {
  const used = group === null ? yield* usedSteps(date) : (yield* groupDaySteps(group, perDay, date)).used
  const left = Math.max(0, limit - used)
  const kept = yield* keptSteps(needs, left)
  return left - kept < Math.min(requests, limit) ? { left, kept } : null
}
