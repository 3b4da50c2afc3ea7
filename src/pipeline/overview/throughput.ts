import { isoTime, utcDay } from '../../core/clock.js'
import type { StatusCounts } from '../../core/phases.js'
import { PHASE_NAMES, PHASES } from '../../core/phases.js'
import { usageByHour } from '../../db/usage/usage-by-hour.js'
import { doneSince, firstDone } from '../../db/executions/ended.js'
import type { Db } from '../../db/engine/prepared.js'
import type { Forecast } from './forecast.js'

/** How fast it goes. */
export interface Throughput {
  /** Requests that count in each of the last 24 hours, by the clock, the oldest first; the last one is not over. */
  requests_by_hour: number[]
  papers_last_hour: number
  papers_last_day: number
  /**
   * When the last paper is done at the pace of the last 24 hours, or since the first was done where that is less, ISO time;
   * null: the queue is empty, nothing was done that tells of a pace, or the days' requests do not allow it.
   */
  finish_at: string | null
}

const HOURS = 24
const HOUR_MS = 3_600_000
const DAY_MS = HOURS * HOUR_MS
/** Nobody can say what will be in a hundred years. */
const LONGEST_MS = 36_500 * DAY_MS

/** Returns how fast it went in the last day, and where that leads. */
export async function throughputOf(
  db: Db,
  counts: StatusCounts,
  forecast: Pick<Forecast, 'empty_on'> | null,
  now: number,
): Promise<Throughput> {
  const lastDay = (await doneSince(db, isoTime(now - DAY_MS))).count
  const queue = PHASE_NAMES.reduce(
    (sum, name) => sum + counts[PHASES[name].from] + counts[PHASES[name].busy],
    0,
  )
  const sinceMs = now - Date.parse((await firstDone(db)) ?? isoTime(now))
  // One paper that was just done tells of no pace.
  const isKnown = lastDay > 1 || (lastDay === 1 && sinceMs >= DAY_MS)
  const leftMs = isKnown ? (queue / lastDay) * Math.min(DAY_MS, sinceMs) : Infinity
  const isTooSoon =
    leftMs <= LONGEST_MS && forecast !== null && utcDay(now + leftMs) < (forecast.empty_on ?? '')
  return {
    requests_by_hour: await usageByHour(db, HOURS, now),
    papers_last_hour: (await doneSince(db, isoTime(now - HOUR_MS))).count,
    papers_last_day: lastDay,
    finish_at: queue === 0 || leftMs > LONGEST_MS || isTooSoon ? null : isoTime(now + leftMs),
  }
}
