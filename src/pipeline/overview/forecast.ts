import { utcDay } from '../../core/clock.js'
import type { PipelineName, ReadyStatus } from '../../core/phases.js'
import { forPhases, FURTHEST_FIRST, PHASE_NAMES, PHASES, PIPELINE_NAMES } from '../../core/phases.js'
import type { PaperCosts } from '../../db/usage/requests-per-paper.js'
import type { PhaseName } from '../../db/engine/schema.js'
import type { PipelineCounts } from '../../db/executions/pipelines.js'
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
  /** The same of each pipeline, with its papers in the queue: `requests_per_phase` is their mean. */
  pipelines: Record<PipelineName, { papers: number; requests_per_phase: Record<PhaseName, number> }>
}

const DAY_MS = 86_400_000

/** Returns what the requests that are left mean in papers today and in days. Papers that are furthest go first. */
export function forecast(
  counts: PipelineCounts,
  costs: PaperCosts,
  { left, perDay }: Capacity,
  now: number,
): Forecast {
  const parts = PIPELINE_NAMES.map((name) => {
    const queue = queueOf(counts, [name])
    const papers = Object.values(queue).reduce((sum, one) => sum + one, 0)
    const each = phaseCosts(name, costs.byPipeline[name])
    return { name, queue, papers, each, measured: costs.byPipeline[name] !== undefined }
  })
  const busy = parts.filter(({ papers }) => papers > 0)
  // Of an empty queue, what was measured last says more than a plan.
  const [known = parts[0]] = parts.filter(({ measured }) => measured)
  const used = busy.length > 0 ? busy : known === undefined ? [] : [known]
  const lots = FURTHEST_FIRST.flatMap((phase) =>
    parts.map(({ queue, each }) => ({
      papers: queue[PHASES[phase].from],
      each: fromHere(phase, each, new Set()),
    })),
  )
  const needed = lots.reduce((sum, { papers, each }) => sum + papers * each, 0)
  const isEmpty = lots.every(({ papers }) => papers === 0)
  const days = isEmpty ? 0 : daysFor(needed, left, perDay)
  return {
    papers_today: left === null ? null : papersFor(lots, left),
    queue: queueOf(counts, PIPELINE_NAMES),
    requests_needed: Math.ceil(needed),
    days_until_empty: days,
    empty_on: days === null ? null : utcDay(now + Math.max(0, days - 1) * DAY_MS),
    basis: used.every(({ measured }) => measured) ? 'measured' : 'planned',
    requests_per_phase: forPhases((phase) => meanOf(used, phase)),
    pipelines: Object.fromEntries(
      parts.map(({ name, papers, each }) => [name, { papers, requests_per_phase: each }]),
    ) as Forecast['pipelines'],
  }
}

function queueOf(counts: PipelineCounts, pipelines: readonly PipelineName[]): Forecast['queue'] {
  const of = (name: PhaseName): number =>
    pipelines.reduce((sum, one) => sum + counts[one][PHASES[name].from] + counts[one][PHASES[name].busy], 0)
  return Object.fromEntries(PHASE_NAMES.map((name) => [PHASES[name].from, of(name)])) as Forecast['queue']
}

function meanOf(
  parts: readonly { papers: number; each: Record<PhaseName, number> }[],
  phase: PhaseName,
): number {
  const weights = parts.map(({ papers }) => (parts.length === 1 ? 1 : papers))
  const sum = parts.reduce((all, { each }, n) => all + each[phase] * (weights[n] ?? 0), 0)
  return Math.round((sum / weights.reduce((all, one) => all + one, 0)) * 100) / 100
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
  if (left === null || perDay === null) return null
  if (needed <= left) return 1
  return perDay === 0 ? null : 1 + Math.ceil((needed - left) / perDay)
}
