import { isoTime, utcDay } from '../core/clock.js'
import { countByStatus, countFailures } from '../db/executions.js'
import type { Db } from '../db/prepared.js'
import type { Status } from '../db/schema.js'
import type { Budget } from '../db/usage.js'
import { budgetOf, callsInFlight } from '../db/usage.js'
import type { LeasedExecution } from '../db/working.js'
import { leasedExecutions } from '../db/working.js'

export interface StatusReport {
  executions: Record<Status, number>
  total: number
  /** Who works on what now; `stuck` = busy, and nobody holds a live lease. */
  working: LeasedExecution[]
  stuck: LeasedExecution[]
  in_flight: { arxiv_id: string | null; phase: string | null; model: string; started_at: string }[]
  failures: { error_class: string; count: number }[]
  budget: Pick<Budget, 'date' | 'limit' | 'used' | 'remaining' | 'resets_at'>
  circuits: Budget['circuits']
  requests_per_paper: number | null
  now: string
}

/** Returns what there is, what runs, what is stuck and why. */
export async function statusReport(db: Db, limit: number, now: number): Promise<StatusReport> {
  const executions = await countByStatus(db)
  const { circuits, requests_per_paper, date, used, remaining, resets_at } = await budgetOf(
    db,
    utcDay(now),
    limit,
  )
  const busy = await leasedExecutions(db, now)
  return {
    executions,
    total: Object.values(executions).reduce((sum, count) => sum + count, 0),
    working: busy.filter((row) => row.live),
    stuck: busy.filter((row) => !row.live),
    in_flight: await callsInFlight(db),
    failures: await countFailures(db),
    budget: { date, limit, used, remaining, resets_at },
    circuits,
    requests_per_paper,
    now: isoTime(now),
  }
}
