import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import { closeDead, deadCalls } from '../calls/dead-calls.js'
import { newestMachineOf } from '../checkpoints/runs.js'
import { abandonedAt, holdPaper } from '../leases/leases.js'
import { blameSteps } from '../leases/attempts.js'
import type { Db } from '../engine/prepared.js'
import type { PhaseName, Status } from '../engine/schema.js'
import { inTransaction, perform, transact } from '../engine/steps.js'

export interface ReapPhase {
  name: PhaseName
  from: Status
  busy: Status
  /** Age at which a busy execution without a lease counts as abandoned, milliseconds. */
  staleMs: number
  /** Names under which its machine writes checkpoints. */
  machines: readonly string[]
}

export interface ReapOptions {
  now: number
  /** Busy executions that hold no lease and were never checkpointed in their phase go at once, whatever their age. */
  orphans: boolean
  dryRun: boolean
}

interface BusyRow {
  execution_id: string
  updated_at: string
  owner_id: string | null
  lease_until: number | null
  acquired_at: string | null
  own_work: number | null
  deaths: number | null
  /** Of its newest checkpoint. */
  machine_name: string | null
}

/**
 * Puts abandoned executions of one phase back to the status before it: those whose lease has run out or whose owner has
 * ended, and those without a lease that are too old. Each is looked at again inside its own transaction, so live work is never touched.
 *
 * @returns how many were put back (or would be, with `dryRun`).
 */
export async function reapPhase(db: Db, phase: ReapPhase, options: ReapOptions): Promise<number> {
  const rows = await busyRows(db, phase).execute()
  const stale = rows.filter((row) => isStale(row, phase, options))
  if (options.dryRun) return stale.length
  let released = 0
  for (const { execution_id } of stale) {
    if (await putBack(db, phase, execution_id, options)) released += 1
  }
  return released
}

function busyRows(db: Db, phase: ReapPhase) {
  return db
    .selectFrom('executions as e')
    .leftJoin('execution_leases as l', 'l.execution_id', 'e.execution_id')
    .leftJoin('machine_latest as m', 'm.execution_id', 'e.execution_id')
    .leftJoin('machine_checkpoints as c', 'c.checkpoint_key', 'm.latest_key')
    .select([
      'e.execution_id',
      'e.updated_at',
      'l.owner_id',
      'l.lease_until',
      'l.acquired_at',
      'l.own_work',
      'l.deaths',
      sql<string | null>`coalesce(${newestMachineOf('e.execution_id')}, c.machine_name)`.as('machine_name'),
    ])
    .where('e.status', '=', phase.busy)
}

function isStale(row: BusyRow, phase: ReapPhase, { now, orphans }: ReapOptions): boolean {
  const leased = row.lease_until !== null && row.lease_until > 0
  if (leased) return abandonedAt(now)({ owner_id: row.owner_id ?? '', lease_until: row.lease_until ?? 0 })
  if (orphans && !isOfPhase(row, phase)) return true
  return Date.parse(row.updated_at) <= now - phase.staleMs
}

function isOfPhase(row: BusyRow, phase: ReapPhase): boolean {
  return row.machine_name !== null && phase.machines.includes(row.machine_name)
}

async function putBack(
  db: Db,
  phase: ReapPhase,
  executionId: string,
  options: ReapOptions,
): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    await perform(trx, holdPaper(executionId))
    const row = await busyRows(trx, phase).where('e.execution_id', '=', executionId).executeTakeFirst()
    if (row === undefined || !isStale(row, phase, options)) return false
    const now = isoTime(options.now)
    const { acquired_at, own_work, deaths } = row
    const died = { execution_id: executionId, own_work: own_work ?? 0, deaths: deaths ?? 0 }
    // Without a lease nobody is known to have died.
    const blame = acquired_at === null ? 'counts' : await perform(trx, blameSteps({ ...died, acquired_at }))
    await trx
      .updateTable('execution_leases')
      .set({ lease_until: 0, updated_at: now })
      .where('execution_id', '=', executionId)
      .execute()
    await trx
      .updateTable('executions')
      .set({ status: phase.from, updated_at: now, interrupted_at: isOfPhase(row, phase) ? now : null })
      .$if(blame === 'progressed', (query) => query.set({ attempts: 0 }))
      .$if(blame === 'none', (query) =>
        query.set({ attempts: sql`case when attempts > 0 then attempts - 1 else 0 end` }),
      )
      .where('execution_id', '=', executionId)
      .execute()
    return true
  })
}

/**
 * Closes requests that are open in the ledger although nobody waits for them any more. Those that were sent stay counted,
 * for the provider has most likely counted them; those that were only booked are given back.
 *
 * @returns how many were closed (or would be).
 */
export async function settleDeadCalls(db: Db, now: number, dryRun: boolean): Promise<number> {
  if (dryRun) return (await perform(db, deadCalls(now))).length
  return transact(db, function* () {
    return yield* closeDead(yield* deadCalls(now), now)
  })
}
