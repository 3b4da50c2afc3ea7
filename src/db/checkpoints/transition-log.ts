import { sql } from 'kysely'
import type { JsonObject } from '../../core/json.js'
import type { LedgerSettlement } from '../calls/settlement.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { MachineTransitionsTable } from '../engine/schema.js'
import { TRANSITIONS_A_RUN } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'
import type { Lease } from '../leases/leases.js'
import { fenceSteps, isDue, LeaseLostError } from '../leases/leases.js'
import type { Blob } from './packed-texts.js'
import { detachTexts, storeTexts } from './blobs.js'
import { documentDelta } from './delta.js'
import type { Run, Tail } from './runs.js'
import { checksumOf, deleteRuns, newestTail, nextChecksum } from './runs.js'

/** A snapshot: whatever else is in it, it says whose it is, of which machine, and of when. Plain JSON, never changed again. */
export interface SnapshotDocument {
  execution_id: string
  machine_name: string
  created_at: string
}

const insertRun = prepared<Omit<Run, 'run_id'>, { run_id: number }>((db, p) =>
  db
    .insertInto('machine_runs')
    .values({
      execution_id: p.execution_id,
      machine_name: p.machine_name,
      config_hash: p.config_hash,
      created_at: p.created_at,
    })
    .returning('run_id'),
)
const insertTransition = preparedWrite<MachineTransitionsTable>((db, p) =>
  db.insertInto('machine_transitions').values({
    transition_id: p.transition_id,
    created_at: p.created_at,
    checksum: p.checksum,
    delta: p.delta,
  }),
)

/** The same only while the lease is held: the fence and the row in one statement. */
const insertFenced = preparedWrite<
  MachineTransitionsTable & { executionId: string; ownerId: string; token: number }
>((db, p) =>
  db
    .insertInto('machine_transitions')
    .columns(['transition_id', 'created_at', 'checksum', 'delta'])
    .expression((eb) =>
      eb
        .selectFrom('execution_leases')
        .select([
          eb.val(p.transition_id).as('transition_id'),
          eb.val(p.created_at).as('created_at'),
          eb.val(p.checksum).as('checksum'),
          eb.val(p.delta).as('delta'),
        ])
        .where('execution_id', '=', p.executionId)
        .where('owner_id', '=', p.ownerId)
        .where('fencing_token', '=', p.token)
        .where('lease_until', '>', sql.lit(0)),
    ),
)

/**
 * Writes the transitions of one paper, and of the machines below it, for as long as a lease is held: of each snapshot
 * only what differs from the one before. It knows what it wrote last, for nobody else may write meanwhile.
 */
export class TransitionLog {
  readonly #db: Db
  readonly #lease: Lease
  readonly #configHash: string | null
  readonly #tails = new Map<string, Tail>()
  /** As the last fence has read it; who renews the lease besides, makes it later. Epoch seconds. */
  #heldUntil = 0

  /** @param configHash of the machine file that is run; null: not known. */
  constructor(db: Db, lease: Lease, configHash: string | null = null) {
    this.#db = db
    this.#lease = lease
    this.#configHash = configHash
  }

  /**
   * Returns the newest snapshot of an execution, or null. What is saved next is written as what differs from it.
   *
   * @throws RpaError `db_corrupt`, naming the paper, if what is stored is damaged.
   */
  async latest(executionId: string): Promise<JsonObject | null> {
    const known = this.#tails.get(executionId)
    if (known !== undefined) return known.document
    const tail = await newestTail(this.#db, executionId)
    if (tail === null) return null
    this.#tails.set(executionId, tail)
    return tail.document
  }

  /**
   * Writes one transition in one transaction: fence, texts, what differs, and the settlement of the request whose
   * answer it holds.
   *
   * @param now epoch milliseconds.
   * @throws LeaseLostError if the lease was taken over: nothing is written then.
   */
  async save(document: SnapshotDocument, now: number, settlement?: LedgerSettlement): Promise<void> {
    const id = document.execution_id
    const before = this.#tails.get(id)
    // Whether a commit that failed is there is not known: the next transition would begin a run of its own.
    this.#tails.delete(id)
    const saved = settlement === undefined ? this.#saveNow(before, document, now) : null
    const tail = saved ?? (await transact(this.#db, () => this.#saveSteps(before, document, now, settlement)))
    this.#tails.set(id, tail)
  }

  /**
   * Writes all snapshots of an execution anew, oldest first, in the place of those that are there.
   *
   * @throws LeaseLostError as {@link save}.
   */
  async replace(executionId: string, documents: readonly SnapshotDocument[], now: number): Promise<void> {
    this.#tails.delete(executionId)
    const tail = await transact(this.#db, () => this.#replaceSteps(executionId, documents, now))
    if (tail !== undefined) this.#tails.set(executionId, tail)
  }

  /** Most transitions bring nothing along, neither a text nor a settlement: then one statement does it. */
  #saveNow(before: Tail | undefined, document: SnapshotDocument, now: number): Tail | null {
    if (!goesOn(before, document) || isDue(this.#lease, this.#heldUntil, now)) return null
    const { tail, row, texts } = nextOf(before, document)
    if (texts.length > 0) return null
    const { executionId, ownerId, fencingToken: token } = this.#lease
    const written = insertFenced.now(this.#db, { ...row, executionId, ownerId, token })
    if (written === 0) throw new LeaseLostError(executionId)
    return written === null ? null : tail
  }

  *#saveSteps(
    before: Tail | undefined,
    document: SnapshotDocument,
    now: number,
    settlement: LedgerSettlement | undefined,
  ): Steps<Tail> {
    const heldUntil = yield* fenceSteps(this.#lease, now)
    const tail = yield* this.#append(before, document)
    if (settlement !== undefined) yield* settlement.steps()
    this.#heldUntil = heldUntil
    return tail
  }

  *#replaceSteps(
    executionId: string,
    documents: readonly SnapshotDocument[],
    now: number,
  ): Steps<Tail | undefined> {
    yield* fenceSteps(this.#lease, now)
    yield* deleteRuns(executionId)
    let tail: Tail | undefined
    for (const document of documents) tail = yield* this.#append(tail, document)
    return tail
  }

  *#append(before: Tail | undefined, document: SnapshotDocument): Steps<Tail> {
    const { tail, row, texts } = nextOf(
      goesOn(before, document) ? before : yield* this.#begin(document),
      document,
    )
    yield* storeTexts(texts)
    yield* insertTransition.unread(row)
    return tail
  }

  *#begin({ execution_id, machine_name, created_at }: SnapshotDocument): Steps<Tail> {
    const head = { execution_id, machine_name, config_hash: this.#configHash, created_at }
    const [row] = yield* insertRun.step(head)
    const run = { ...head, run_id: row?.run_id ?? 0 }
    return { run, count: 0, checksum: checksumOf(run), document: {} }
  }
}

function goesOn(tail: Tail | undefined, { machine_name }: SnapshotDocument): tail is Tail {
  return tail !== undefined && tail.run.machine_name === machine_name && tail.count < TRANSITIONS_A_RUN
}

/** Returns where the run stands after one more snapshot, the row of that transition, and the texts it refers to. */
function nextOf(
  { run, count, checksum, document }: Tail,
  next: SnapshotDocument,
): { tail: Tail; row: MachineTransitionsTable; texts: readonly Blob[] } {
  const snapshot = next as unknown as JsonObject
  const { text: delta, blobs } = detachTexts(documentDelta(document, snapshot, 'created_at'))
  const row = {
    transition_id: run.run_id * TRANSITIONS_A_RUN + count,
    created_at: next.created_at,
    checksum: nextChecksum(checksum, next.created_at, delta),
    delta,
  }
  return { tail: { run, count: count + 1, checksum: row.checksum, document: snapshot }, row, texts: blobs }
}
