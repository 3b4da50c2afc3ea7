import type { Clock } from '../../core/clock.js'
import type { JsonObject } from '../../core/json.js'
import {
  deleteCheckpoint,
  listCheckpointKeys,
  loadCheckpoint,
  loadLatestCheckpoint,
} from '../../db/checkpoints/checkpoints.js'
import { idsWithRuns, snapshotsOf, withTexts } from '../../db/checkpoints/runs.js'
import { TransitionLog } from '../../db/checkpoints/transition-log.js'
import type { Logger } from '../../core/logging.js'
import type { Lease } from '../../db/leases/leases.js'
import type { Db } from '../../db/engine/prepared.js'
import type { LedgerSettlement } from '../../db/calls/settlement.js'
import { checkpointKey, latestOwner } from '../../machines/backends/keys.js'
import type { CheckpointBackend, Settlement, Snapshot } from '../../machines/types.js'

/**
 * Checkpoints in the executions DB. Every write proves the lease first; a stale holder's is refused whole. What was
 * written in an older form is read where there is nothing newer.
 */
export class DbCheckpointBackend implements CheckpointBackend {
  readonly #db: Db
  readonly #lease: Lease
  readonly #clock: Clock
  readonly #log: TransitionLog
  readonly #told: Pick<Logger, 'debug'> | null
  /** When the last transition was stored, epoch milliseconds. */
  #savedAt: number

  /**
   * @param configHash of the machine file that is run.
   * @param told hears of each transition.
   */
  constructor(
    db: Db,
    lease: Lease,
    clock: Clock,
    configHash: string | null = null,
    told: Pick<Logger, 'debug'> | null = null,
  ) {
    this.#told = told
    this.#savedAt = clock.now()
    this.#db = db
    this.#lease = lease
    this.#clock = clock
    this.#log = new TransitionLog(db, lease, configHash)
  }

  /** @throws LeaseLostError if the execution was taken over. */
  async save(_key: string, snapshot: Snapshot, settlement?: Settlement): Promise<void> {
    await this.#log.save(snapshot, this.#clock.now(), ofLedger(settlement))
    this.#tell(snapshot)
  }

  /** @throws RpaError `db_corrupt` if what is stored is damaged. */
  async load(key: string): Promise<Snapshot | null> {
    const owner = latestOwner(key)
    const found =
      owner === null
        ? ((await this.#find(key)) ?? (await loadCheckpoint(this.#db, key)))
        : ((await this.#log.latest(owner)) ?? (await loadLatestCheckpoint(this.#db, owner)))
    return found as Snapshot | null
  }

  /** @throws LeaseLostError if the execution was taken over. */
  async delete(key: string): Promise<void> {
    const now = this.#clock.now()
    const id = executionOf(key)
    const snapshots = await snapshotsOf(this.#db, id)
    const kept = snapshots.filter((snapshot) => keyOf(snapshot) !== key)
    if (kept.length === snapshots.length) return deleteCheckpoint(this.#db, this.#lease, key, now)
    const whole = await Promise.all(kept.map((snapshot) => withTexts(this.#db, id, snapshot)))
    await this.#log.replace(id, whole as unknown as Snapshot[], now)
  }

  async list(prefix: string): Promise<string[]> {
    const keys = new Set(await listCheckpointKeys(this.#db, prefix))
    for (const id of await idsWithRuns(this.#db, executionOf(prefix))) {
      for (const snapshot of await snapshotsOf(this.#db, id)) keys.add(keyOf(snapshot))
    }
    return [...keys].filter((key) => key.startsWith(prefix)).sort()
  }

  #tell({ machine_name, current_state, event }: Snapshot): void {
    const now = this.#clock.now()
    this.#told?.debug(`${machine_name}/${current_state}: ${event}, after ${now - this.#savedAt} ms`)
    this.#savedAt = now
  }

  /** Returns the newest snapshot under a key, or null. */
  async #find(key: string): Promise<JsonObject | null> {
    const id = executionOf(key)
    const found = (await snapshotsOf(this.#db, id)).findLast((snapshot) => keyOf(snapshot) === key)
    return found === undefined ? null : withTexts(this.#db, id, found)
  }
}

function keyOf(snapshot: JsonObject): string {
  const { execution_id, step, event } = snapshot as unknown as Snapshot
  return checkpointKey(execution_id, step, event)
}

/** Returns the part of a key before its last `/`; of a text without one, all of it. */
function executionOf(key: string): string {
  const end = key.lastIndexOf('/')
  return end < 0 ? key : key.slice(0, end)
}

/** Returns a settlement that the runtime hands back as what the ledger gave it. */
export function ofLedger(settlement: Settlement | undefined): LedgerSettlement | undefined {
  if (settlement === undefined || 'steps' in settlement) return settlement as LedgerSettlement | undefined
  throw new TypeError('a settlement that is not of the ledger')
}
