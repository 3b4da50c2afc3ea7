import { isGone, isRunningHere } from '../../core/processes/owner.js'
import type { Db } from '../../db/engine/prepared.js'
import type { Status } from '../../db/engine/schema.js'
import type { WaitingPapers } from '../../db/executions/waiting.js'
import { waitingPapers } from '../../db/executions/waiting.js'
import { leasedExecutions } from '../../db/executions/working.js'
import type { Phase } from '../../core/phases.js'
import type { HeldPapers, PhaseResult } from '../result.js'

export interface IdleWork {
  waiting: WaitingPapers[]
  held: HeldPapers[]
}

/** Returns what phases cannot take now: papers that wait for their time, and those that somebody holds. */
export async function idleWork(db: Db, phases: readonly Phase[], now: number): Promise<IdleWork> {
  const busy = new Set<Status>(phases.map((phase) => phase.busy))
  const held = new Map<string, HeldPapers>()
  for (const { status, owner_id, lease_until, live } of await leasedExecutions(db, now)) {
    if (!live || owner_id === null || lease_until === null || !busy.has(status)) continue
    const until = new Date(lease_until * 1000).toISOString()
    const known = held.get(owner_id)
    const papers = (known?.papers ?? 0) + 1
    held.set(owner_id, {
      owner_id,
      owner: stateOf(owner_id),
      papers,
      until: known === undefined || until > known.until ? until : known.until,
    })
  }
  const waiting = await waitingPapers(
    db,
    phases.map((phase) => phase.from),
    now,
  )
  return { waiting, held: [...held.values()] }
}

/** Notes in a result what could not be taken: "nothing to do" would be half the truth. */
export async function noteIdle(
  result: PhaseResult,
  db: Db,
  phases: readonly Phase[],
  now: number,
): Promise<void> {
  const { waiting, held } = await idleWork(db, phases, now)
  const [first] = waiting
  if (first !== undefined) {
    const papers = waiting.reduce((sum, one) => sum + one.papers, 0)
    result.waiting = { papers, until: first.until, classes: waiting }
  }
  if (held.length > 0) result.held = held
}

function stateOf(ownerId: string): HeldPapers['owner'] {
  if (isRunningHere(ownerId)) return 'running'
  return isGone(ownerId) ? 'gone' : 'unknown'
}
