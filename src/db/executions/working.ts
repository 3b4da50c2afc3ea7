import { BUSY_STATUSES } from '../../core/phases.js'
import { abandonedAt } from '../leases/leases.js'
import type { Db } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'

export interface LeasedExecution {
  arxiv_id: string
  execution_id: string
  status: Status
  owner_id: string | null
  /** Epoch seconds; null where there is no lease. */
  lease_until: number | null
  updated_at: string
  /** Nobody else may take it. */
  live: boolean
}

/** Returns the executions in a busy status with whoever holds their lease, oldest first. */
export async function leasedExecutions(db: Db, now: number): Promise<LeasedExecution[]> {
  const rows = await db
    .selectFrom('executions as e')
    .leftJoin('execution_leases as l', 'l.execution_id', 'e.execution_id')
    .select(['e.arxiv_id', 'e.execution_id', 'e.status', 'l.owner_id', 'l.lease_until', 'e.updated_at'])
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
