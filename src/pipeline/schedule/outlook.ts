import type { Outlook } from '../../db/executions/outlook.js'
import { abandonedAt } from '../../db/leases/leases.js'
import type { PhaseName } from '../../db/engine/schema.js'
import { PHASES } from '../phase-table.js'

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
