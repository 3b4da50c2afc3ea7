import type { Clock } from '../../core/clock.js'
import {
  deleteCheckpoint,
  latestCheckpointKey,
  listCheckpointKeys,
  loadCheckpoint,
  saveCheckpoint,
} from '../../db/checkpoints.js'
import type { Lease } from '../../db/leases.js'
import type { Db } from '../../db/prepared.js'
import type { Settlement } from '../../db/settlement.js'
import type { CheckpointBackend, Snapshot } from '../types.js'

const LATEST = '/latest'

/** Checkpoints in the executions DB. Every write proves the lease first; a stale holder's is refused whole. */
export class DbCheckpointBackend implements CheckpointBackend {
  readonly #db: Db
  readonly #lease: Lease
  readonly #clock: Clock

  constructor(db: Db, lease: Lease, clock: Clock) {
    this.#db = db
    this.#lease = lease
    this.#clock = clock
  }

  /** @throws LeaseLostError if the execution was taken over. */
  async save(key: string, snapshot: Snapshot, settlement?: Settlement): Promise<void> {
    await saveCheckpoint(this.#db, this.#lease, key, snapshot, this.#clock.now(), settlement)
  }

  async load(key: string): Promise<Snapshot | null> {
    const own = key.endsWith(LATEST) ? await latestCheckpointKey(this.#db, key.slice(0, -LATEST.length)) : key
    return own === null ? null : ((await loadCheckpoint(this.#db, own)) as Snapshot | null)
  }

  /** @throws LeaseLostError if the execution was taken over. */
  async delete(key: string): Promise<void> {
    await deleteCheckpoint(this.#db, this.#lease, key, this.#clock.now())
  }

  async list(prefix: string): Promise<string[]> {
    return listCheckpointKeys(this.#db, prefix)
  }
}
