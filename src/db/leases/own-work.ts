import type { Db } from '../engine/prepared.js'
import { preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'
import type { Lease } from './leases.js'
import { LeaseLostError } from './leases.js'

const markLease = preparedWrite<{ on: number; executionId: string; ownerId: string; token: number }>(
  (db, p) =>
    db
      .updateTable('execution_leases')
      .set({ own_work: p.on })
      .where('execution_id', '=', p.executionId)
      .where('owner_id', '=', p.ownerId)
      .where('fencing_token', '=', p.token),
)

/** Told when work of its own begins and ends. */
export interface WorkNotes {
  begin(): Promise<void>
  end(): Promise<void>
}

/**
 * Notes on the lease while this process does work of its own on the paper (reading its PDF, assembling its report).
 * What takes the process down in that time may be the paper; what does so while it waits for others is not.
 */
export class OwnWork implements WorkNotes {
  #underWay = false

  readonly #db: Db
  readonly #lease: Lease

  constructor(db: Db, lease: Lease) {
    this.#db = db
    this.#lease = lease
  }

  /** @throws LeaseLostError if the execution was taken over. */
  async begin(): Promise<void> {
    await this.#mark(true)
  }

  /** Whoever fails need not call it: the lease ends with the work then. */
  async end(): Promise<void> {
    await this.#mark(false)
  }

  async #mark(on: boolean): Promise<void> {
    if (this.#underWay === on) return
    const { executionId, ownerId, fencingToken: token } = this.#lease
    await transact(this.#db, function* (): Steps<void> {
      const held = yield* markLease.step({ on: on ? 1 : 0, executionId, ownerId, token })
      if (held === 0) throw new LeaseLostError(executionId)
    })
    this.#underWay = on
  }
}
