import { isoTime, nextUtcMidnight, utcDay } from '../../core/clock.js'
import { retryMoment } from '../../db/calls/circuits.js'
import { groupDay, usedRequests } from '../../db/calls/day-counts.js'
import type { PhaseName } from '../../db/engine/schema.js'
import type { Circuit } from '../../db/calls/usage.js'
import { circuitsAt } from '../../db/calls/usage.js'
import type { ModelProfile } from '../../llm/provider.js'
import { ruleOfClass } from '../failures/rules.js'
import { blockade } from './blockade.js'
import { circuitList } from '../limits/circuit-names.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import type { Stop } from './task-source.js'

/**
 * Whether the requests of a phase get through:
 * - `open`: yes;
 * - `probe`: one of them, which finds out;
 * - `closed`: none, or none while somebody else's probe is under way.
 */
export type Standing = { state: 'open' } | { state: 'probe' } | { state: 'closed'; stop: Stop }

type Needs = Pick<Resources, 'db' | 'clock' | 'settings'>

/** How often one looks whether somebody else's probe has been answered. */
const PROBE_LOOK_MS = 1000

/**
 * Returns how the phases stand with their models. Unlike {@link blockade} it counts short pauses too: there is other
 * work for that time.
 *
 * @throws RpaError `model_gone` where waiting is no use.
 */
export async function standings(
  resources: Needs,
  phases: Iterable<PhaseMachine>,
): Promise<Map<PhaseName, Standing>> {
  const { db, clock } = resources
  const now = clock.now()
  const circuits = (await circuitsAt(db, now)).filter(({ state }) => state !== 'closed')
  const result = new Map<PhaseName, Standing>()
  for (const prepared of phases)
    result.set(prepared.phase.name, await standing(resources, prepared, circuits, now))
  return result
}

async function standing(
  resources: Needs,
  prepared: PhaseMachine,
  circuits: readonly Circuit[],
  now: number,
): Promise<Standing> {
  if (!prepared.billable) return { state: 'open' }
  const days = await dayLimits(resources, prepared)
  const budget = days.find(({ group, used, limit }) => group === null && used >= limit)
  if (budget !== undefined) return { state: 'closed', stop: spentStop(budget, now) }
  let worst: Standing = { state: 'open' }
  for (const chain of prepared.chains) {
    const found = chainStanding(chain, prepared, { circuits, days }, now)
    if (found.state === 'closed') {
      if (found.gone === true) await blockade(resources, prepared)
      return found
    }
    if (found.state === 'probe') worst = found
  }
  return worst
}

type ChainStanding = Standing & { gone?: boolean }

/** The first profile that is not closed is the one that is asked. */
function chainStanding(
  chain: readonly ModelProfile[],
  { limitGroup }: PhaseMachine,
  { circuits, days }: { circuits: readonly Circuit[]; days: readonly DayLimit[] },
  now: number,
): ChainStanding {
  const closed: (ChainStanding & { state: 'closed' })[] = []
  for (const profile of chain) {
    if (profile.provider === 'offline') return { state: 'open' }
    const group = limitGroup(profile)
    const names = circuitList(profile, group)
    const mine = circuits.filter(({ name }) => names.includes(name))
    const shut = mine.filter((circuit) => retryMoment(circuit) > now)
    const last = shut.sort((a, b) => retryMoment(b) - retryMoment(a))[0]
    if (last === undefined) {
      const day = days.find((one) => one.group !== null && one.group === group?.name && one.used >= one.limit)
      if (day !== undefined) return { state: 'closed', stop: spentStop(day, now) }
      return { state: mine.length > 0 ? 'probe' : 'open' }
    }
    const gone = ruleOfClass(last.error_class ?? '').exit !== null
    closed.push({ state: 'closed', stop: circuitStop(last, now), gone })
    // Whoever is being probed is waited for; only who is closed is passed over.
    if (last.state === 'half_open') break
  }
  return closed.sort((a, b) => (a.stop.retryAt ?? 0) - (b.stop.retryAt ?? 0))[0] ?? { state: 'open' }
}

function circuitStop(circuit: Circuit, now: number): Stop {
  const { name, state, reason, error_class } = circuit
  const probed = state === 'half_open'
  const retryAt = probed ? Math.min(retryMoment(circuit), now + PROBE_LOOK_MS) : retryMoment(circuit)
  return {
    reason: ruleOfClass(error_class ?? '').stop ?? 'circuit',
    retryAt,
    message: `${name} ${probed ? 'is being probed' : 'is closed to us'}: ${reason ?? 'no reason noted'}`,
  }
}

/** What a UTC day allows, and what of it is used. */
export interface DayLimit {
  used: number
  limit: number
  /** The limit group whose day it is; null: RPA_BUDGET. */
  group: string | null
}

/** Returns the limit that the budget is; empty: it has none. */
export async function budgetLimit({ db, clock, settings }: Needs): Promise<DayLimit[]> {
  const { budget } = settings
  if (budget === 0) return []
  return [{ used: await usedRequests(db, utcDay(clock.now())), limit: budget, group: null }]
}

/** Returns the limits of the day that a phase's requests count against; empty: none. */
export async function dayLimits(resources: Needs, { chains, limitGroup }: PhaseMachine): Promise<DayLimit[]> {
  const date = utcDay(resources.clock.now())
  const limits = await budgetLimit(resources)
  const groups = new Map<string, number | null>()
  for (const profile of chains.flat()) {
    const group = limitGroup(profile)
    if (group !== null) groups.set(group.name, group.requestsPerDay)
  }
  for (const [name, perDay] of groups) {
    const { used, limit } = await groupDay(resources.db, name, perDay, date)
    if (limit !== null) limits.push({ used, limit, group: name })
  }
  return limits
}

/** Returns the limit that leaves the fewest requests, or null where there is none. */
export function tightest(limits: readonly DayLimit[]): DayLimit | null {
  return [...limits].sort((a, b) => a.limit - a.used - (b.limit - b.used))[0] ?? null
}

function spentStop({ limit, group }: DayLimit, now: number): Stop {
  const retryAt = nextUtcMidnight(now)
  const whose = group === null ? '' : `${group}: `
  return {
    reason: 'budget',
    retryAt,
    message: `${whose}The ${limit} requests of this UTC day are spent until ${isoTime(retryAt)}.`,
  }
}
