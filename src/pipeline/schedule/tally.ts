import type { PhaseName } from '../../core/phases.js'
import { forPhases } from '../../core/phases.js'
import type { Verdict } from '../failures/judge.js'

/** How often a phase was done, and how that ended. A paper that was put back and taken again counts once. */
export interface PhaseCounts {
  claimed: number
  succeeded: number
  failed: number
  released: number
}

type CountName = Exclude<keyof PhaseCounts, 'claimed'>

/** Counts, phase by phase, what was taken and what came of it. */
export class RunTally {
  readonly counts: Record<PhaseName, PhaseCounts> = forPhases(none)
  readonly #inHand: Record<PhaseName, number> = forPhases(() => 0)
  readonly #released: Record<PhaseName, Set<string>> = forPhases(() => new Set())
  readonly #papers = new Set<string>()

  took(phase: PhaseName, executionId: string): void {
    this.#papers.add(executionId)
    this.#inHand[phase] += 1
    const counts = this.counts[phase]
    if (this.#released[phase].delete(executionId)) counts.released -= 1
    else counts.claimed += 1
  }

  ended(phase: PhaseName, executionId: string, verdict: Verdict | null): void {
    this.#inHand[phase] -= 1
    const outcome: CountName =
      verdict === null ? 'succeeded' : verdict.paper === 'fail' ? 'failed' : 'released'
    this.counts[phase][outcome] += 1
    if (outcome === 'released') this.#released[phase].add(executionId)
  }

  /** Papers that had failed in a phase went back to it. */
  putBack(phase: PhaseName, executionIds: readonly string[]): void {
    this.counts[phase].failed -= executionIds.length
    this.counts[phase].released += executionIds.length
    for (const id of executionIds) this.#released[phase].add(id)
  }

  /** Papers in work in a phase, or in all. */
  inHand(phase?: PhaseName): number {
    if (phase !== undefined) return this.#inHand[phase]
    return Object.values(this.#inHand).reduce((sum, papers) => sum + papers, 0)
  }

  /** Papers that use up a cap: those that were put back do not. */
  used(phase: PhaseName): number {
    return this.counts[phase].claimed - this.counts[phase].released
  }

  /** execution_ids of all papers that were taken. */
  get papers(): ReadonlySet<string> {
    return this.#papers
  }
}

function none(): PhaseCounts {
  return { claimed: 0, succeeded: 0, failed: 0, released: 0 }
}
