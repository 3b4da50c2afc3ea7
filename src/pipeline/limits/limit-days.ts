import { utcDay } from '../../core/clock.js'
import { groupDay, usedRequests } from '../../db/calls/day-counts.js'
import type { Resources } from '../resources/resources.js'
import type { Asking, LimitDay } from './may-send.js'

/** A limit of the day, and how many requests its group is said to have; null: nobody said. */
export type CountedDay = LimitDay & { perDay: number | null }

/** Returns whether some agent asks a model first whose requests count against a group; null: any group. */
export function asksThere(asking: Asking | undefined, group: string | null): boolean {
  const firsts = (asking?.chains ?? []).flatMap((chain) => chain.slice(0, 1))
  return firsts.some(
    (profile) =>
      profile.provider !== 'offline' && (group === null || asking?.limitGroup(profile)?.name === group),
  )
}

/** Returns whether every agent may ask a model of another account instead. */
export function hasWayRound(asking: Asking | undefined, group: string): boolean {
  const chains = asking?.chains ?? []
  return chains.every((chain) => chain.some((profile) => asking?.limitGroup(profile)?.name !== group))
}

/** Returns the limits of the day that some requests count against; without anybody who is asked, the budget alone. */
export async function limitDays(
  { db, clock, settings: { budget } }: Pick<Resources, 'db' | 'clock' | 'settings'>,
  asking: Asking | undefined,
): Promise<CountedDay[]> {
  const date = utcDay(clock.now())
  const days: CountedDay[] = []
  if (budget > 0) {
    days.push({ used: await usedRequests(db, date), limit: budget, kept: 0, group: null, perDay: null })
  }
  const groups = new Map<string, number | null>()
  for (const profile of asking?.chains.flat() ?? []) {
    const group = asking?.limitGroup(profile) ?? null
    if (group !== null) groups.set(group.name, group.requestsPerDay)
  }
  for (const [group, perDay] of groups) {
    const { used, limit } = await groupDay(db, group, perDay, date)
    if (limit !== null) days.push({ used, limit, kept: 0, group, perDay })
  }
  return days
}
