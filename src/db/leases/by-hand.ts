import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import { preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'
import type { Lease } from './leases.js'

/** Phase under which requests of machines that are run by hand stand in the ledger. */
export const BY_HAND = 'by-hand'

const takeLease = preparedWrite<{ id: string; ownerId: string; until: number; now: string }>((db, p) =>
  db.insertInto('execution_leases').values({
    execution_id: p.id,
    owner_id: p.ownerId,
    phase: sql.lit(BY_HAND),
    lease_until: p.until,
    fencing_token: sql.lit(1),
    acquired_at: p.now,
    updated_at: p.now,
    own_work: sql.lit(0),
  }),
)

const dropLease = preparedWrite<{ id: string }>((db, p) =>
  db.deleteFrom('execution_leases').where('execution_id', '=', p.id),
)

/**
 * Returns a lease for work that belongs to no paper: the ledger books requests for whoever holds one.
 *
 * @param ttl seconds.
 * @param now epoch milliseconds.
 */
export async function holdByHand(db: Db, ownerId: string, ttl: number, now: number): Promise<Lease> {
  const lease = { executionId: `${BY_HAND}-${randomUUID()}`, ownerId, fencingToken: 1, ttl }
  const until = Math.floor(now / 1000) + ttl
  await transact(db, function* (): Steps<void> {
    yield* takeLease.unread({ id: lease.executionId, ownerId, until, now: isoTime(now) })
  })
  return lease
}

/** Forgets it; the requests stay in the ledger. */
export async function dropByHand(db: Db, { executionId }: Lease): Promise<void> {
  await transact(db, function* (): Steps<void> {
    yield* dropLease.unread({ id: executionId })
  })
}
