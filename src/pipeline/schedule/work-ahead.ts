import type { Outlook } from '../../db/executions/outlook.js'
import { abandonedAt } from '../../db/leases/leases.js'
import type { PhaseName } from '../../db/engine/schema.js'
import { PHASES, phasesAfter, phasesBefore } from '../../core/phases.js'

/** Returns whether a phase has a paper that can be taken now, or only continued. */
export function hasWork(outlook: Outlook, phase: PhaseName, interruptedOnly: boolean, now: number): boolean {
  const { ready, interrupted } = outlook.work[phase]
  if (interruptedOnly ? interrupted : ready) return true
  const { busy } = PHASES[phase]
  return outlook.busy.filter(({ status }) => status === busy).some(abandonedAt(now))
}

/** Returns how many papers are in work in a phase, in all processes. */
export function countBusy(outlook: Outlook, phase: PhaseName): number {
  return outlook.busy.filter(({ status }) => status === PHASES[phase].busy).length
}

/** Returns how many papers are ahead of the analysis: those that wait for it, and those on their way there. */
export function countAhead(outlook: Outlook): number {
  const on = phasesBefore('analyze')
  const [, ...between] = on
  return sum([
    ...on.map((phase) => countBusy(outlook, phase)),
    ...[...between, 'analyze' as const].map((phase) => outlook.work[phase].papers),
  ])
}

/** Returns how many papers are nearly finished: in analysis, or further on. */
export function countNearlyDone(outlook: Outlook): number {
  const later = phasesAfter('analyze')
  return sum([
    countBusy(outlook, 'analyze'),
    ...later.map((phase) => outlook.work[phase].papers + countBusy(outlook, phase)),
  ])
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0)
}
