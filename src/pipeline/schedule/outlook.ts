import { isRunningHere } from '../../core/owner.js'
import type { BusyPaper, Outlook } from '../../db/executions/outlook.js'
import type { PhaseName } from '../../db/engine/schema.js'
import { PHASES } from '../phases.js'

/** Returns whether a phase has a paper that can be taken now, or only continued. */
export function hasWork(outlook: Outlook, phase: PhaseName, interruptedOnly: boolean, now: number): boolean {
  const { ready, interrupted } = outlook.work[phase]
  if (interruptedOnly ? interrupted : ready) return true
  const { busy } = PHASES[phase]
  return outlook.busy.some((paper) => paper.status === busy && isExpired(paper, now))
}

function isExpired({ lease_until, owner_id }: BusyPaper, now: number): boolean {
  return lease_until < Math.floor(now / 1000) && !isRunningHere(owner_id)
}

/** Returns how many papers are in work in a phase, in all processes. */
export function countBusy(outlook: Outlook, phase: PhaseName): number {
  return outlook.busy.filter(({ status }) => status === PHASES[phase].busy).length
}
