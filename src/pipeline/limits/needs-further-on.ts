import type { PhaseName } from '../../core/phases.js'
import { forPhases, PHASES, phasesAfter } from '../../core/phases.js'
import type { PaperCost } from '../../db/calls/requests-per-paper.js'
import type { Need } from '../../db/calls/kept-requests.js'

/** Requests of a paper in each phase. */
export type PhaseCosts = Readonly<Record<PhaseName, number>>

/** Returns what a paper costs in each phase: as measured, else as planned. */
export function phaseCosts(cost: PaperCost | null): PhaseCosts {
  return { ...forPhases((name) => PHASES[name].requests), ...cost?.byPhase }
}

/**
 * Returns what the papers that are further on than a phase still need, so that requests which finish papers come before
 * those which begin others.
 *
 * @param away phases that can do nothing more today: nothing is kept for them, nor for what comes behind them.
 */
export function furtherOn(phase: PhaseName, costs: PhaseCosts, away: ReadonlySet<PhaseName>): Need[] {
  return phasesAfter(phase)
    .flatMap((later) => [
      { status: PHASES[later].from, requests: fromHere(later, costs, away) },
      // A paper in work got through: it is what comes next that counts.
      {
        status: PHASES[later].busy,
        requests: fromHere(later, costs, new Set([...away].filter((one) => one !== later))),
      },
    ])
    .filter(({ requests }) => requests > 0)
}

/** Returns what one more paper needs from the beginning of a phase to its report. */
export function fromHere(phase: PhaseName, costs: PhaseCosts, away: ReadonlySet<PhaseName>): number {
  const way = [phase, ...phasesAfter(phase)]
  const end = way.findIndex((name) => away.has(name))
  return way.slice(0, end === -1 ? undefined : end).reduce((sum, name) => sum + costs[name], 0)
}

/** Returns the costs that count against one day: those of the phases that ask there. */
export function costsThere(costs: PhaseCosts, asks: (phase: PhaseName) => boolean): PhaseCosts {
  return forPhases((name) => (asks(name) ? costs[name] : 0))
}
