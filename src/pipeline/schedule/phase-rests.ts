import { isoTime, momentText } from '../../core/clock.js'
import type { PhaseName } from '../../db/engine/schema.js'
import type { Resources } from '../resources/resources.js'
import type { Availability } from '../limits/may-send.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import { stopOf } from './stops.js'
import type { Stop } from './task-source.js'

/** A phase that sends nothing for now. */
export interface Rest {
  phase: PhaseName
  /** ISO time; null if nobody knows. */
  until: string | null
  reason: string
}

/** So long one look at circuits and budget is good, as long as nothing is heard of. */
const GOOD_FOR_MS = 1000

/** How a phase stands: whether its requests get through, or what keeps them. */
export type Standing = { state: 'open' } | { state: 'probe' } | { state: 'closed'; stop: Stop }

/** Knows which phases of a run rest, and says so when that changes. */
export class RunRests {
  #known: Promise<Map<PhaseName, Standing>> | null = null
  #knownUntil = 0
  readonly #own = new Map<PhaseName, { stop: Stop; until: number }>()
  /** Until when a phase rests, as it was told. */
  readonly #told = new Map<PhaseName, Rest>()

  readonly #resources: Pick<Resources, 'clock' | 'log'>
  readonly #keeper: Pick<DayKeeper, 'availabilities'>
  readonly #phases: readonly PhaseName[]
  readonly #goesOn: (phase: PhaseName) => boolean
  readonly #onChange: () => void

  /** @param goesOn whether a phase has something to do: of others it is not said that they go on. */
  constructor(
    resources: Pick<Resources, 'clock' | 'log'>,
    keeper: Pick<DayKeeper, 'availabilities'>,
    phases: readonly PhaseName[],
    goesOn: (phase: PhaseName) => boolean,
    onChange: () => void,
  ) {
    this.#resources = resources
    this.#keeper = keeper
    this.#phases = phases
    this.#goesOn = goesOn
    this.#onChange = onChange
  }

  /** Returns how a phase stands now. */
  async of(phase: PhaseName): Promise<Standing> {
    const now = this.#resources.clock.now()
    const own = this.#own.get(phase)
    if (own !== undefined && own.until > now) return { state: 'closed', stop: own.stop }
    // Held here: while one waits, another worker may say `lookAgain`.
    let known = this.#known
    if (known === null || now >= this.#knownUntil) {
      this.#knownUntil = now + GOOD_FOR_MS
      known = this.#look()
      this.#known = known
      this.#tell(await known)
    }
    return (await known).get(phase) ?? { state: 'open' }
  }

  /** Something was heard of a model or of the budget: what was known may be out of date. */
  lookAgain(): void {
    this.#known = null
  }

  /** Lets a phase rest for a reason that neither circuits nor budget know. */
  rest(phase: PhaseName, stop: Stop & { retryAt: number }): void {
    this.#own.set(phase, { stop, until: stop.retryAt })
    const others = this.#phases.filter((other) => other !== phase)
    this.#say(phase, stop, others)
  }

  /** Keeps a phase from what ended it for a moment; by then circuits and budget tell how it stands. */
  pause(phase: PhaseName, stop: Stop, until: number): void {
    this.#own.set(phase, { stop, until })
    this.lookAgain()
  }

  /** Phases that rest, as far as was told. */
  current(): Rest[] {
    const now = isoTime(this.#resources.clock.now())
    return [...this.#told.values()].filter(({ until }) => until === null || until > now)
  }

  /** There is other work for the time of a short pause, so it is a rest too. */
  async #look(): Promise<Map<PhaseName, Standing>> {
    const found = await this.#keeper.availabilities(this.#phases)
    return new Map([...found].map(([phase, availability]) => [phase, standingOf(availability)]))
  }

  #tell(found: ReadonlyMap<PhaseName, Standing>): void {
    const going = [...found].filter(([, { state }]) => state !== 'closed').map(([phase]) => phase)
    for (const [phase, standing] of found) {
      // What is kept for others comes and goes with every paper.
      if (standing.state === 'closed' && standing.stop.kept === true) continue
      if (standing.state === 'closed') this.#say(phase, standing.stop, going)
      else if (standing.state === 'open' && this.#told.delete(phase)) {
        this.#resources.log.info(`${phase} again`)
        this.#onChange()
      }
    }
  }

  #say(phase: PhaseName, { retryAt, message }: Stop, going: readonly PhaseName[]): void {
    const until = retryAt === null ? null : isoTime(retryAt)
    const before = this.#told.get(phase)
    const reason = message ?? 'asked to'
    // A probe is no end of the rest, and says nothing yet.
    if (before !== undefined && (before.until === until || reason.includes('is being probed'))) return
    this.#told.set(phase, { phase, until, reason })
    const busy = going.filter(this.#goesOn)
    const others = busy.length === 0 ? '' : `; ${busy.join(' and ')} ${busy.length === 1 ? 'goes' : 'go'} on`
    this.#resources.log.info(
      `${phase} rests until ${until === null ? 'further notice' : momentText(until)}: ${reason}${others}`,
    )
    this.#onChange()
  }
}

/**
 * Returns the same as a standing.
 *
 * @throws RpaError `model_gone` where waiting is no use.
 */
export function standingOf(availability: Availability): Standing {
  if (availability.state !== 'closed') return availability
  return { state: 'closed', stop: { ...stopOf(availability), retryAt: availability.lookAt } }
}
