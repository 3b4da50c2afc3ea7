import { hostOfOwner } from '../../core/processes/owner.js'
import { BUSY_STATUSES } from '../../core/phases.js'
import { abandonedAt } from '../leases/leases.js'
import type { Db } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'

export interface LeasedExecution {
  arxiv_id: string
  execution_id: string
  title: string
  status: Status
  owner_id: string | null
  /** Epoch seconds; null where there is no lease. */
  lease_until: number | null
  updated_at: string
  /** When its owner was last heard of; null where there is no lease. */
  heartbeat: string | null
  /** When it was taken, by whoever has it or had it last; null where there is no lease. */
  acquired_at: string | null
  /** Nobody else may take it. */
  live: boolean
}

/** Returns the executions in a busy status with whoever holds their lease, oldest first. */
export async function leasedExecutions(db: Db, now: number): Promise<LeasedExecution[]> {
  const rows = await db
    .selectFrom('executions as e')
    .leftJoin('execution_leases as l', 'l.execution_id', 'e.execution_id')
    .select([
      'e.arxiv_id',
      'e.execution_id',
      'e.title',
      'e.status',
      'l.owner_id',
      'l.lease_until',
      'l.updated_at as heartbeat',
      'l.acquired_at',
      'e.updated_at',
    ])
    .where('e.status', 'in', BUSY_STATUSES)
    .orderBy('e.updated_at')
    .execute()
  const abandoned = abandonedAt(now)
  return rows.map((row) => {
    const { owner_id, lease_until } = row
    const held = owner_id !== null && (lease_until ?? 0) > 0
    return { ...row, live: held && !abandoned({ owner_id, lease_until: lease_until ?? 0 }) }
  })
}

/** A process that has papers in hand. */
export interface OwnerAtWork {
  owner_id: string
  host: string
  /** When it was last heard of, ISO time: leases are renewed once in a while. */
  heartbeat: string
  papers: number
}

/** Returns who works on these, by host and process. */
export function ownersAtWork(working: readonly LeasedExecution[]): OwnerAtWork[] {
  const owners = new Map<string, OwnerAtWork>()
  for (const { owner_id, heartbeat } of working) {
    if (owner_id === null) continue
    const known = owners.get(owner_id) ?? { owner_id, host: hostOfOwner(owner_id), heartbeat: '', papers: 0 }
    const newest = heartbeat !== null && heartbeat > known.heartbeat ? heartbeat : known.heartbeat
    owners.set(owner_id, { ...known, heartbeat: newest, papers: known.papers + 1 })
  }
  return [...owners.values()].sort((a, b) => (a.owner_id < b.owner_id ? -1 : 1))
}
