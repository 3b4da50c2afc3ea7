import { nextUtcMidnight } from '../../core/clock.js'
import type { Availability, Closed, OpenCircuit } from '../../db/calls/circuit-states.js'
import { circuitAvailability } from '../../db/calls/circuit-states.js'
import { ruleOfClass } from '../failures/rules.js'
import type { ModelProfile } from '../../llm/provider.js'
import { circuitList } from './circuit-names.js'
import type { GroupOf } from './limit-groups.js'

export type { Availability, Closed }

/** What a UTC day allows, what of it is used, and what is kept for others. */
export interface LimitDay {
  used: number
  limit: number
  /** Requests that papers further on still need. */
  kept: number
  /** The limit group whose day it is; null: RPA_BUDGET. */
  group: string | null
}

/** All that decides whether something may be sent at a moment (epoch milliseconds). */
export interface Situation {
  now: number
  circuits: readonly OpenCircuit[]
  days: readonly LimitDay[]
}

/** Whom the agents of a phase ask: the profiles of each, in order. */
export interface Asking {
  chains: readonly (readonly ModelProfile[])[]
  limitGroup: GroupOf
  /** Pauses up to this time are waited for when a request is sent, milliseconds. */
  patienceMs: number
}

/**
 * Returns whether a phase's requests may be sent. Of several reasons against it, the one that lasts.
 *
 * What ends within the patience is `soon`: who sends a request waits for it; who has other work does that.
 */
export function phaseAvailability(asking: Asking, situation: Situation): Availability {
  const asked = asking.chains.filter((chain) => chain[0]?.provider !== 'offline')
  if (asked.length === 0) return { state: 'open' }
  const budget = situation.days.find(({ group }) => group === null)
  const spent = budget === undefined ? null : dayClosed(budget, situation.now)
  if (spent !== null) return spent
  const found = asked.map((chain) => chainAvailability(chain, asking, situation))
  return (
    found.find((one) => one.state === 'closed' && !one.soon) ??
    found.find(({ state }) => state === 'closed') ??
    found.find(({ state }) => state === 'probe') ?? { state: 'open' }
  )
}

/** Returns the same of one agent: of its profiles the first counts that is not closed for long. It is the one that is asked. */
export function chainAvailability(
  chain: readonly ModelProfile[],
  asking: Asking,
  situation: Situation,
): Availability {
  const closed: Closed[] = []
  for (const profile of chain) {
    const found = profileAvailability(profile, asking, situation)
    if (found.state !== 'closed' || found.soon) return found
    closed.push(found)
  }
  const back = closed.filter((one) => !isForPeople(one))
  const candidates = back.length > 0 ? back : closed
  return candidates.sort((a, b) => a.until - b.until)[0] ?? { state: 'open' }
}

/** Returns whether waiting is no use: what is configured has to be changed. */
export function isForPeople({ errorClass }: Closed): boolean {
  return errorClass !== null && ruleOfClass(errorClass).exit !== null
}

function profileAvailability(profile: ModelProfile, asking: Asking, situation: Situation): Availability {
  if (profile.provider === 'offline') return { state: 'open' }
  const { now, circuits, days } = situation
  const group = asking.limitGroup(profile)
  const found = circuitAvailability(circuits, circuitList(profile, group), now, asking.patienceMs)
  if (found.state === 'closed') return found
  const day = group === null ? undefined : days.find((one) => one.group === group.name)
  return (day === undefined ? null : dayClosed(day, now)) ?? found
}

function dayClosed({ limit, used, kept, group }: LimitDay, now: number): Closed | null {
  const left = Math.max(0, limit - used)
  if (left - kept >= 1) return null
  const until = nextUtcMidnight(now)
  const whose = group === null ? '' : `${group}: `
  return {
    state: 'closed',
    name: group,
    errorClass: null,
    cause: null,
    until,
    lookAt: until,
    soon: false,
    kept: left > 0,
    message:
      left > 0 ? keptMessage(left, limit, group) : `${whose}the ${limit} requests of this UTC day are spent`,
  }
}

/** Returns one line on why the rest of a day is left alone. */
export function keptMessage(left: number, limit: number, group: string | null): string {
  const whose = group === null ? '' : `${group}: `
  return `${whose}${left} of ${limit} requests are left today, and kept for papers further on (--no-reserve takes them)`
}

/** Returns one line on why the rest of a day, of which nothing is kept, begins no paper. */
export function shortMessage(left: number, limit: number, requests: number, group: string | null): string {
  const whose = group === null ? '' : `${group}: `
  return `${whose}${left} of ${limit} requests are left today, and a paper needs ${Math.ceil(requests)}`
}

/** Returns the limit that leaves the fewest requests, or null where there is none. */
export function tightest(days: readonly LimitDay[]): LimitDay | null {
  return [...days].sort((a, b) => a.limit - a.used - (b.limit - b.used))[0] ?? null
}
