import { isRunningHere } from '../../core/processes/owner.js'
import { newestMachineOf } from '../checkpoints/runs.js'
import { prepared } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'

export const KEEP_POLICIES = ['keep_wrap_failed', 'keep_failed', 'keep_all', 'purge_all'] as const
export type KeepPolicy = (typeof KEEP_POLICIES)[number]

export interface PruneRule {
  keep: KeepPolicy
  /** Papers that ended after this moment are left alone; epoch milliseconds. */
  endedBefore: number
  /** Epoch milliseconds. */
  now: number
}

/** The earlier tool's name for the machine comes second. */
const WRAP_MACHINES: readonly (string | null)[] = ['wrap', 'wrap-pipeline']

interface Owner {
  execution_id: string
  status: Status
  updated_at: string
  /** Of the newest run; null: it has none. */
  newest_machine: string | null
  /** Of the newest checkpoint in the form of before. */
  latest_machine: string | null
}

const findOwner = prepared<{ id: string }, Owner>((db, p) =>
  db
    .selectFrom('executions as e')
    .leftJoin('machine_latest as l', 'l.execution_id', 'e.execution_id')
    .leftJoin('machine_checkpoints as c', 'c.checkpoint_key', 'l.latest_key')
    .select([
      'e.execution_id',
      'e.status',
      'e.updated_at',
      newestMachineOf('e.execution_id').as('newest_machine'),
      'c.machine_name as latest_machine',
    ])
    .where('e.execution_id', '=', p.id),
)
const findLastKey = prepared<{ id: string }, { machine_name: string | null }>((db, p) =>
  db
    .selectFrom('machine_checkpoints')
    .select('machine_name')
    .where('execution_id', '=', p.id)
    .orderBy('checkpoint_key', 'desc')
    .limit(1),
)
const findLease = prepared<{ id: string }, { owner_id: string; lease_until: number }>((db, p) =>
  db.selectFrom('execution_leases').select(['owner_id', 'lease_until']).where('execution_id', '=', p.id),
)

/**
 * Finds the paper that a checkpoint belongs to: the execution itself, or the one that started it as a child
 * (`<execution_id>.<rest>`, at any depth).
 *
 * @param id `execution_id` of a checkpoint.
 * @returns the paper's execution_id; null where there is no such execution any more.
 */
export function* ownerOf(id: string): Steps<string | null> {
  for (const candidate of selfAndParents(id)) {
    const [owner] = yield* findOwner.step({ id: candidate })
    if (owner !== undefined) return owner.execution_id
  }
  return null
}

/**
 * Decides whether the checkpoints of an execution may go. The answer holds for as long as the transaction in which
 * it is asked.
 *
 * @param id the execution_id of a paper; or of checkpoints that are nobody's.
 */
export function* mayPrune(id: string, rule: PruneRule): Steps<boolean> {
  if (rule.keep === 'keep_all') return false
  if (yield* isLeased(id, rule.now)) return false
  const [owner] = yield* findOwner.step({ id })
  if (owner === undefined) return (yield* ownerOf(id)) === null
  if (epochOf(owner.updated_at) > rule.endedBefore) return false
  if (owner.status === 'done') return true
  if (owner.status !== 'failed' || rule.keep === 'keep_failed') return false
  return rule.keep === 'purge_all' || !WRAP_MACHINES.includes(yield* newestMachine(owner))
}

function* newestMachine(owner: Owner): Steps<string | null> {
  const newest = owner.newest_machine ?? owner.latest_machine
  if (newest !== null) return newest
  const [last] = yield* findLastKey.step({ id: owner.execution_id })
  return last?.machine_name ?? null
}

function* isLeased(id: string, now: number): Steps<boolean> {
  for (const candidate of selfAndParents(id)) {
    const [lease] = yield* findLease.step({ id: candidate })
    if (lease === undefined || lease.lease_until === 0) continue
    if (lease.lease_until >= Math.floor(now / 1000) || isRunningHere(lease.owner_id)) return true
  }
  return false
}

/** Returns `a.b.c`, `a.b`, `a` for `a.b.c`. */
function selfAndParents(id: string): string[] {
  const ids = [id]
  for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1)) ids.push(id.slice(0, dot))
  return ids
}

/** Returns epoch milliseconds; the earlier tool's times may lack a zone (they are UTC), and a row without a time is old. */
function epochOf(time: string): number {
  const epoch = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`)
  return Number.isNaN(epoch) ? 0 : epoch
}
