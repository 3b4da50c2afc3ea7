import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import { RpaError } from '../../core/errors.js'
import { hasEnded, isRunningHere, remembered } from '../../core/processes/owner.js'
import { dialectOf } from '../engine/dialect.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'
import { perform, transact } from '../engine/steps.js'

/** The execution was taken over by somebody else: whoever gets this stops working on the paper and writes nothing. */
export class LeaseLostError extends RpaError {
  readonly retryable = false

  constructor(executionId: string) {
    super('lease_lost', `The lease of execution ${executionId} was taken over by another process.`, {
      hint: 'Nothing was written. If this happens often, raise RPA_LEASE_TTL.',
    })
  }
}

/** The right to work on one execution. Every write repeats owner and token, so a stale holder changes nothing. */
export interface Lease {
  executionId: string
  ownerId: string
  fencingToken: number
  /** Seconds added to now at each renewal. */
  ttl: number
}

const renewLease = preparedWrite<{
  until: number
  now: string
  executionId: string
  ownerId: string
  token: number
}>((db, p) =>
  db
    .updateTable('execution_leases')
    .set({ lease_until: p.until, updated_at: p.now })
    .where('execution_id', '=', p.executionId)
    .where('owner_id', '=', p.ownerId)
    .where('fencing_token', '=', p.token)
    .where('lease_until', '>', sql.lit(0)),
)

const heldUntil = prepared<{ executionId: string; ownerId: string; token: number }, { lease_until: number }>(
  (db, p) =>
    dialectOf(db).locked(
      db
        .selectFrom('execution_leases')
        .select('lease_until')
        .where('execution_id', '=', p.executionId)
        .where('owner_id', '=', p.ownerId)
        .where('fencing_token', '=', p.token)
        .where('lease_until', '>', sql.lit(0)),
    ),
)

/**
 * Returns a test whether a lease keeps nobody any more: its owner has ended, or it has run out and its owner is not seen
 * running here. One that ends this very second is still live.
 *
 * @param now epoch milliseconds.
 */
export function abandonedAt(now: number): (lease: { owner_id: string; lease_until: number }) => boolean {
  const [ended, runs] = [remembered(hasEnded), remembered(isRunningHere)]
  const nowSeconds = Math.floor(now / 1000)
  return ({ owner_id: owner, lease_until }) => ended(owner) || (lease_until < nowSeconds && !runs(owner))
}

const nextHolder = prepared<{ after: string }, { owner_id: string | null }>((db, p) =>
  db
    .selectFrom('execution_leases')
    .select((eb) => eb.fn.min('owner_id').as('owner_id'))
    .where('lease_until', '>', sql.lit(0))
    .where('owner_id', '>', p.after),
)

/** Long over, by any clock. */
const RAN_OUT = 1

const endLeasesOf = preparedWrite<{ ownerId: string }>((db, p) =>
  db
    .updateTable('execution_leases')
    .set({ lease_until: sql.lit(RAN_OUT) })
    .where('owner_id', '=', p.ownerId)
    .where('lease_until', '>', sql.lit(0)),
)

/**
 * Lets the leases of owners run out that are known to have ended, whatever their time says: a clock that jumped may have
 * put it into tomorrow. `self` is not looked at.
 *
 * @param atOnce whether all holders are read together, instead of one after the other.
 * @returns when the first of the leases ends that are left, in epoch seconds, where that is known then; else null.
 */
export function* endLeasesOfDead(self: string, atOnce: boolean): Steps<number | null> {
  if (atOnce) {
    let first = Infinity
    for (const { owner_id: owner, first_end } of yield* allHolders.step({})) {
      first = Math.min(first, (yield* endIfDead(owner, self)) ? RAN_OUT : first_end)
    }
    return first
  }
  for (let after = ''; ;) {
    const [row] = yield* nextHolder.step({ after })
    if (row?.owner_id == null) return null
    after = row.owner_id
    yield* endIfDead(after, self)
  }
}

const allHolders = prepared<Record<never, never>, { owner_id: string; first_end: number }>((db) =>
  db
    .selectFrom('execution_leases')
    .select((eb) => ['owner_id', eb.fn.min('lease_until').as('first_end')])
    .where('lease_until', '>', sql.lit(0))
    .groupBy('owner_id'),
)

function* endIfDead(owner: string, self: string): Steps<boolean> {
  if (owner === self || !hasEnded(owner)) return false
  yield* endLeasesOf.unread({ ownerId: owner })
  return true
}

/** A lease is written anew when this share of its life is gone; until then it is enough to read it. */
const RENEWAL_SHARE = 0.1

/**
 * Proves that the lease is still ours and renews it where that is due: the first step of every transaction that writes
 * for an execution, and the heartbeat by itself.
 *
 * @throws LeaseLostError if another process has claimed or released the execution meanwhile, DatabaseGoneError if the
 * DB is gone.
 */
export async function fence(db: Db, lease: Lease, now: number): Promise<void> {
  const steps = (): Steps<number> => fenceSteps(lease, now)
  await (db.isTransaction ? perform(db, steps()) : transact(db, steps))
}

/** The same as a step of a transaction. Returns until when the lease is held, in epoch seconds. */
export function* fenceSteps(lease: Lease, now: number): Steps<number> {
  const { executionId, ownerId, fencingToken: token } = lease
  return yield* proveSteps(lease, yield* heldUntil.step({ executionId, ownerId, token }), now)
}

/** The same with its question asked ahead. Returns the steps to be done once a later one is answered. */
export function* fenceAhead(lease: Lease, now: number): Steps<() => Steps<number>> {
  const { executionId, ownerId, fencingToken: token } = lease
  const held = yield* heldUntil.ahead({ executionId, ownerId, token })
  return () => proveSteps(lease, held.rows(), now)
}

function* proveSteps(lease: Lease, [held]: readonly { lease_until: number }[], now: number): Steps<number> {
  if (held === undefined) throw new LeaseLostError(lease.executionId)
  if (!isDue(lease, held.lease_until, now)) return held.lease_until
  const until = Math.floor(now / 1000) + lease.ttl
  yield* holdSteps(lease, until, now)
  return until
}

/** Returns whether a lease that is held until then has to be renewed. */
export function isDue({ ttl }: Lease, heldUntil: number, now: number): boolean {
  return Math.floor(now / 1000) + ttl - heldUntil > ttl * RENEWAL_SHARE
}

/**
 * Holds a lease until a moment, in epoch seconds; 0 gives it back.
 *
 * @throws LeaseLostError if it was taken over.
 */
export function* holdSteps(lease: Lease, until: number, now: number): Steps<void> {
  const { executionId, ownerId, fencingToken: token } = lease
  const held = yield* renewLease.step({ until, now: isoTime(now), executionId, ownerId, token })
  if (held === 0) throw new LeaseLostError(executionId)
}

const holdLease = prepared<{ id: string }, { execution_id: string }>((db, p) =>
  dialectOf(db).locked(
    db.selectFrom('execution_leases').select('execution_id').where('execution_id', '=', p.id),
  ),
)
const holdExecution = prepared<{ id: string }, { execution_id: string }>((db, p) =>
  dialectOf(db).locked(db.selectFrom('executions').select('execution_id').where('execution_id', '=', p.id)),
)

/** Keeps lease and status of a paper as they are until the transaction ends; in the order in which whoever finishes it takes them. */
export function* holdPaper(executionId: string): Steps<void> {
  yield* holdLease.step({ id: executionId })
  yield* holdExecution.step({ id: executionId })
}
