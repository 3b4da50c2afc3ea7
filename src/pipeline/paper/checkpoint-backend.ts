import type { Clock } from '../../core/clock.js'
import {
  deleteCheckpoint,
  listCheckpointKeys,
  loadCheckpoint,
  loadLatestCheckpoint,
  saveCheckpoint,
} from '../../db/checkpoints/checkpoints.js'
import type { Lease } from '../../db/leases/leases.js'
import type { Db } from '../../db/engine/prepared.js'
import type { LedgerSettlement } from '../../db/calls/settlement.js'
import type { CheckpointBackend, Settlement, Snapshot } from '../../machines/types.js'

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
    await saveCheckpoint(this.#db, this.#lease, key, snapshot, this.#clock.now(), ofLedger(settlement))
  }

  /** @throws RpaError `db_corrupt` if what is stored is damaged. */
  async load(key: string): Promise<Snapshot | null> {
    const found = key.endsWith(LATEST)
      ? await loadLatestCheckpoint(this.#db, key.slice(0, -LATEST.length))
      : await loadCheckpoint(this.#db, key)
    return found as Snapshot | null
  }

  /** @throws LeaseLostError if the execution was taken over. */
  async delete(key: string): Promise<void> {
    await deleteCheckpoint(this.#db, this.#lease, key, this.#clock.now())
  }

  async list(prefix: string): Promise<string[]> {
    return listCheckpointKeys(this.#db, prefix)
  }
}

/** The runtime hands back what the ledger gave it. */
function ofLedger(settlement: Settlement | undefined): LedgerSettlement | undefined {
  if (settlement === undefined || 'steps' in settlement) return settlement as LedgerSettlement | undefined
  throw new TypeError('a settlement that is not of the ledger')
}
