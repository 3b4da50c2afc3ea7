import { isoTime, nextUtcMidnight, utcDay } from '../../core/clock.js'
import type { CircuitOpenError } from '../../db/calls/circuits.js'
import { blockedBy } from '../../db/calls/circuits.js'
import { groupDay, usedRequests } from '../../db/calls/day-counts.js'
import type { ModelProfile } from '../../llm/provider.js'
import { circuitList } from '../limits/circuit-names.js'
import { ruleOfClass } from '../failures/rules.js'
import { commandError } from '../failures/verdict.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import type { Stop } from './task-source.js'

type Needs = Pick<Resources, 'db' | 'clock' | 'settings'>

/**
 * Returns why no request of a phase may be sent for now: the day is spent, or every model that one of its agents could ask
 * is closed to us; null: go on.
 *
 * @throws RpaError `model_gone` where waiting is no use.
 */
export async function blockade(resources: Needs, prepared: PhaseMachine): Promise<Stop | null> {
  const { db, clock, settings } = resources
  const now = clock.now()
  const date = utcDay(now)
  if (settings.budget > 0 && (await usedRequests(db, date)) >= settings.budget)
    return spent(now, settings.budget)
  for (const chain of prepared.chains) {
    const stops: (Stop & { gone?: CircuitOpenError })[] = []
    for (const profile of chain) {
      const stop = await closedProfile(resources, prepared, profile, now, date)
      if (stop === null) break
      stops.push(stop)
    }
    if (stops.length < chain.length) continue
    const gone = stops.every((stop) => stop.gone !== undefined) ? stops[0]?.gone : undefined
    if (gone !== undefined) throw commandError(gone)
    return soonest(stops)
  }
  return null
}

async function closedProfile(
  { db }: Needs,
  { limits, limitGroup }: PhaseMachine,
  profile: ModelProfile,
  now: number,
  date: string,
): Promise<(Stop & { gone?: CircuitOpenError }) | null> {
  if (profile.provider === 'offline') return null
  const group = limitGroup(profile)
  const closed = await blockedBy(db, circuitList(profile, group), now, limits.patienceMs)
  if (closed !== null) return circuitStop(closed)
  if (group === null) return null
  const { used, limit } = await groupDay(db, group.name, group.requestsPerDay, date)
  return limit !== null && used >= limit ? spent(now, limit) : null
}

function circuitStop(closed: CircuitOpenError): Stop & { gone?: CircuitOpenError } {
  const { errorClass, message, retryAt } = closed
  const { stop, exit } = ruleOfClass(errorClass)
  return { reason: stop ?? 'circuit', retryAt, message, ...(exit === null ? {} : { gone: closed }) }
}

function spent(now: number, limit: number): Stop {
  const retryAt = nextUtcMidnight(now)
  return {
    reason: 'budget',
    retryAt,
    message: `The ${limit} requests of this UTC day are spent until ${isoTime(retryAt)}.`,
  }
}

function soonest(stops: readonly Stop[]): Stop | null {
  return [...stops].sort((a, b) => (a.retryAt ?? Infinity) - (b.retryAt ?? Infinity))[0] ?? null
}
