import { sql } from 'kysely'
import type { Db, Later } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { Lease } from '../leases/leases.js'
import { LeaseLostError } from '../leases/leases.js'

type NewLease = { executionId: string; ownerId: string; phase: string; until: number; now: string }

function leaseQuery(db: Db, p: NewLease) {
  return db
    .insertInto('execution_leases')
    .values({
      execution_id: p.executionId,
      owner_id: p.ownerId,
      phase: p.phase,
      lease_until: p.until,
      fencing_token: 1,
      acquired_at: p.now,
      updated_at: p.now,
      own_work: sql.lit(0),
    })
    .onConflict((conflict) =>
      conflict.column('execution_id').doUpdateSet((eb) => ({
        owner_id: eb.ref('excluded.owner_id'),
        phase: eb.ref('excluded.phase'),
        lease_until: eb.ref('excluded.lease_until'),
        fencing_token: eb('execution_leases.fencing_token', '+', sql.lit(1)),
        acquired_at: eb.ref('excluded.acquired_at'),
        updated_at: eb.ref('excluded.updated_at'),
        own_work: sql.lit(0),
      })),
    )
}

/** Writes the lease of a paper that is taken, with the next token. */
export const takeLease = prepared<NewLease, { fencing_token: number }>((db, p) =>
  leaseQuery(db, p).returning('fencing_token'),
)
/** As {@link takeLease}, where the token is known before. */
export const takeLeaseUntold = preparedWrite<NewLease>(leaseQuery)

const tokenOf = prepared<{ executionId: string; ownerId: string }, { fencing_token: number }>((db, p) =>
  db
    .selectFrom('execution_leases')
    .select('fencing_token')
    .where('execution_id', '=', p.executionId)
    .where('owner_id', '=', p.ownerId),
)

/**
 * Returns the fencing token of a lease that was written with the claim.
 *
 * @throws LeaseLostError where the owner has it no more.
 */
export async function toldToken(
  db: Db,
  told: Later<{ fencing_token: number }>,
  lease: Pick<Lease, 'executionId' | 'ownerId'>,
): Promise<number> {
  // Nobody else changes a lease whose owner lives.
  const [row] = told.isKnown() ? told.rows() : await tokenOf(db, lease)
  if (row === undefined) throw new LeaseLostError(lease.executionId)
  return row.fencing_token
}
