import { utcDay } from '../../core/clock.js'
import type { ReadyStatus, StatusCounts } from '../../core/phases.js'
import { FURTHEST_FIRST, PHASE_NAMES, PHASES } from '../../core/phases.js'
import type { PaperCost } from '../../db/calls/requests-per-paper.js'
import type { PhaseName } from '../../db/engine/schema.js'
import { fromHere, phaseCosts } from '../limits/needs-further-on.js'

/** What is left of today, and what a day brings. Null: no limit. */
export interface Capacity {
  left: number | null
  perDay: number | null
}

export interface Forecast {
  /** Papers that can be finished with what is left today; null: no limit. */
  papers_today: number | null
  /** Papers not yet done; those in work count for the status they came from. */
  queue: Record<ReadyStatus, number>
  /** To finish the whole queue. */
  requests_needed: number
  /** UTC days with requests until the queue is empty, today included; 0 = it is empty, null: no limit. */
  days_until_empty: number | null
  /** UTC day on which the last paper is finished; null as above. */
  empty_on: string | null
  /** Where requests_per_phase comes from: finished papers, or the pipeline's plan before the first. */
  basis: 'measured' | 'planned'
  requests_per_phase: Record<PhaseName, number>
}

const DAY_MS = 86_400_000

/** Returns what the requests that are left mean in papers today and in days. Papers that are furthest go first. */
export function forecast(
  counts: StatusCounts,
  cost: PaperCost | null,
  { left, perDay }: Capacity,
  now: number,
): Forecast {
  const perPhase = phaseCosts(cost)
  const queue = Object.fromEntries(
    PHASE_NAMES.map((name) => [PHASES[name].from, counts[PHASES[name].from] + counts[PHASES[name].busy]]),
  ) as Forecast['queue']
  const lots = FURTHEST_FIRST.map((name) => ({
    papers: queue[PHASES[name].from],
    each: fromHere(name, perPhase, new Set()),
  }))
  const needed = lots.reduce((sum, { papers, each }) => sum + papers * each, 0)
  const days = daysFor(needed, left, perDay)
  return {
    papers_today: left === null ? null : papersFor(lots, left),
    queue,
    requests_needed: Math.ceil(needed),
    days_until_empty: days,
    empty_on: days === null ? null : utcDay(now + Math.max(0, days - 1) * DAY_MS),
    basis: cost === null ? 'planned' : 'measured',
    requests_per_phase: perPhase,
  }
}

function papersFor(lots: readonly { papers: number; each: number }[], left: number): number {
  let rest = left
  let papers = 0
  for (const lot of lots) {
    const possible = lot.each === 0 ? lot.papers : Math.min(lot.papers, Math.floor(rest / lot.each + 1e-9))
    papers += possible
    rest -= possible * lot.each
    if (possible < lot.papers) break
  }
  return papers
}

function daysFor(needed: number, left: number | null, perDay: number | null): number | null {
  if (needed === 0) return 0
  if (left === null || perDay === null) return null
  if (needed <= left) return 1
  return perDay === 0 ? null : 1 + Math.ceil((needed - left) / perDay)
}
