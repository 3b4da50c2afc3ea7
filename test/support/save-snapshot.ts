import type { SnapshotDocument } from '../../src/db/checkpoints/transition-log.js'
import { TransitionLog } from '../../src/db/checkpoints/transition-log.js'
import type { Db } from '../../src/db/engine/prepared.js'
import type { Lease } from '../../src/db/leases/leases.js'

/** Saves one snapshot as a process would that has just begun: in a run of its own, whole. */
export async function saveSnapshot<D extends SnapshotDocument>(
  db: Db,
  lease: Lease,
  document: D,
  now: number,
): Promise<void> {
  await new TransitionLog(db, lease).save(document, now)
}
