import type { PhaseName, PipelineName } from '../../core/phases.js'
import { forPhases, PHASES, phasesAfter, PIPELINE_NAMES } from '../../core/phases.js'
import type { PaperCost, PaperCosts } from '../../db/usage/requests-per-paper.js'
import type { Need } from '../../db/calls/kept-requests.js'

/** Requests of a paper in each phase. */
export type PhaseCosts = Readonly<Record<PhaseName, number>>

/** The same of papers in each pipeline that is in use. */
export type MixedCosts = Readonly<Partial<Record<PipelineName, PhaseCosts>>>

/** Returns what a paper of one pipeline costs in each phase: as measured, else as planned. */
export function phaseCosts(pipeline: PipelineName, cost: PaperCost | null | undefined): PhaseCosts {
  return { ...forPhases((name) => PHASES[name].pipelines[pipeline].requests), ...cost?.byPhase }
}

/** Returns the same of each of these pipelines. */
export function mixedCosts(pipelines: readonly PipelineName[], { byPipeline }: PaperCosts): MixedCosts {
  return Object.fromEntries(pipelines.map((name) => [name, phaseCosts(name, byPipeline[name])]))
}

/**
 * Returns what the papers that are further on than a phase still need, so that requests which finish papers come before
 * those which begin others.
 *
 * @param away phases that can do nothing more today: nothing is kept for them, nor for what comes behind them.
 */
export function furtherOn(phase: PhaseName, costs: MixedCosts, away: ReadonlySet<PhaseName>): Need[] {
  return needsOf(costs, (each) =>
    phasesAfter(phase).flatMap((later) => [
      { status: PHASES[later].from, requests: fromHere(later, each, away) },
      // A paper in work got through: it is what comes next that counts.
      {
        status: PHASES[later].busy,
        requests: fromHere(later, each, new Set([...away].filter((one) => one !== later))),
      },
    ]),
  )
}

/** Returns the needs of each pipeline; where all papers go through one, nobody has to ask which. */
export function needsOf(costs: MixedCosts, of: (costs: PhaseCosts) => Need[]): Need[] {
  const used = inUse(costs)
  return used
    .flatMap(([pipeline, each]) => of(each).map((need) => (used.length === 1 ? need : { ...need, pipeline })))
    .filter(({ requests }) => requests > 0)
}

/** Returns what one more paper needs at most from the beginning of a phase to its report: which is next, only the claim tells. */
export function mostFromHere(phase: PhaseName, costs: MixedCosts, away: ReadonlySet<PhaseName>): number {
  return Math.max(0, ...inUse(costs).map(([, each]) => fromHere(phase, each, away)))
}

/** Returns what one more paper needs from the beginning of a phase to its report. */
export function fromHere(phase: PhaseName, costs: PhaseCosts, away: ReadonlySet<PhaseName>): number {
  const way = [phase, ...phasesAfter(phase)]
  const end = way.findIndex((name) => away.has(name))
  return way.slice(0, end === -1 ? undefined : end).reduce((sum, name) => sum + costs[name], 0)
}

/** Returns the costs that count against one day: those of the phases that ask there. */
export function costsThere(costs: MixedCosts, asks: (phase: PhaseName) => boolean): MixedCosts {
  return Object.fromEntries(
    inUse(costs).map(([name, each]) => [name, forPhases((phase) => (asks(phase) ? each[phase] : 0))]),
  )
}

function inUse(costs: MixedCosts): [PipelineName, PhaseCosts][] {
  return PIPELINE_NAMES.flatMap((name): [PipelineName, PhaseCosts][] => {
    const each = costs[name]
    return each === undefined ? [] : [[name, each]]
  })
}
