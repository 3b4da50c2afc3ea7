import { isoTime } from '../../core/clock.js'
import { loadJson, storeSteps } from './blobs.js'
import { DamageError, damagedPaper } from './damage.js'
import type { Lease } from '../leases/leases.js'
import { fence, fenceSteps } from '../leases/leases.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { MachineCheckpointsTable } from '../engine/schema.js'
import type { LedgerSettlement } from '../calls/settlement.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'

/** The columns that stand beside the document, for queries. */
export interface CheckpointDocument {
  execution_id: string
  machine_name: string
  event: string
  current_state: string
  created_at: string
}

type Row = {
  key: string
  execution_id: string
  machine_name: string
  event: string
  current_state: string
  created_at: string
  snapshot: string
}

const upsertCheckpoint = preparedWrite<Row>((db, p) =>
  db
    .insertInto('machine_checkpoints')
    .values({
      checkpoint_key: p.key,
      execution_id: p.execution_id,
      machine_name: p.machine_name,
      event: p.event,
      current_state: p.current_state,
      created_at: p.created_at,
      snapshot_json: p.snapshot,
    })
    .onConflict((conflict) =>
      conflict.column('checkpoint_key').doUpdateSet((eb) => ({
        machine_name: eb.ref('excluded.machine_name'),
        event: eb.ref('excluded.event'),
        current_state: eb.ref('excluded.current_state'),
        snapshot_json: eb.ref('excluded.snapshot_json'),
        created_at: eb.ref('excluded.created_at'),
      })),
    ),
)

const moveLatest = preparedWrite<{ execution_id: string; key: string; now: string }>((db, p) =>
  db
    .insertInto('machine_latest')
    .values({ execution_id: p.execution_id, latest_key: p.key, updated_at: p.now })
    .onConflict((conflict) =>
      conflict.column('execution_id').doUpdateSet((eb) => ({
        latest_key: eb.ref('excluded.latest_key'),
        updated_at: eb.ref('excluded.updated_at'),
      })),
    ),
)

/**
 * Writes one checkpoint in one transaction: fence, blobs, document, newest pointer, and the settlement of the
 * request whose answer it holds.
 *
 * @throws LeaseLostError if the lease was taken over: nothing is written then.
 */
export async function saveCheckpoint(
  db: Db,
  lease: Lease,
  key: string,
  document: CheckpointDocument,
  now: number,
  settlement?: LedgerSettlement,
): Promise<void> {
  await transact(db, function* (): Steps<void> {
    yield* saveSteps(lease, key, document, now)
    if (settlement !== undefined) yield* settlement.steps()
  })
}

function* saveSteps(lease: Lease, key: string, document: CheckpointDocument, now: number): Steps<void> {
  yield* fenceSteps(lease, now)
  const { execution_id, machine_name, event, current_state, created_at } = document
  const snapshot = yield* storeSteps(document)
  yield* upsertCheckpoint.step({
    key,
    execution_id,
    machine_name,
    event,
    current_state,
    created_at,
    snapshot,
  })
  yield* moveLatest.step({ execution_id, key, now: isoTime(now) })
}

const selectCheckpoint = prepared<
  { key: string },
  Pick<MachineCheckpointsTable, 'execution_id' | 'machine_name' | 'snapshot_json'>
>((db, p) =>
  db
    .selectFrom('machine_checkpoints')
    .select(['execution_id', 'machine_name', 'snapshot_json'])
    .where('checkpoint_key', '=', p.key),
)
const selectLatest = prepared<{ execution_id: string }, { latest_key: string }>((db, p) =>
  db.selectFrom('machine_latest').select('latest_key').where('execution_id', '=', p.execution_id),
)

/** Names under which the earlier tool's machines wrote end so; ours do not. */
const EARLIER_MACHINE = /-pipeline$/

/**
 * Returns the document under a checkpoint key, or null.
 *
 * @throws RpaError `db_corrupt` if it is damaged; SyntaxError if the earlier tool wrote it so.
 */
export async function loadCheckpoint(db: Db, key: string): Promise<unknown> {
  const [row] = await selectCheckpoint(db, { key })
  if (row === undefined) return null
  const { execution_id, machine_name, snapshot_json } = row
  try {
    return await loadJson(db, snapshot_json, execution_id)
  } catch (error) {
    if (!(error instanceof SyntaxError) || EARLIER_MACHINE.test(machine_name ?? '')) throw error
    throw await damagedPaper(db, execution_id, new DamageError('a checkpoint is no JSON', error))
  }
}

/**
 * Returns an execution's newest checkpoint, or null.
 *
 * @throws as {@link loadCheckpoint}.
 */
export async function loadLatestCheckpoint(db: Db, executionId: string): Promise<unknown> {
  const [row] = await selectLatest(db, { execution_id: executionId })
  if (row === undefined) return null
  const document = await loadCheckpoint(db, row.latest_key)
  if (document !== null) return document
  // Whoever deletes checkpoints deletes all of an execution's. Beginning anew would ask again what was answered.
  const left = await listCheckpointKeys(db, `${executionId}/`)
  if (left.length === 0) return null
  throw await damagedPaper(db, executionId, new DamageError('its newest checkpoint is gone'))
}

/** Removes one checkpoint; the newest pointer goes with it if it pointed there. */
export async function deleteCheckpoint(db: Db, lease: Lease, key: string, now: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await fence(trx, lease, now)
    await trx.deleteFrom('machine_checkpoints').where('checkpoint_key', '=', key).execute()
    await trx.deleteFrom('machine_latest').where('latest_key', '=', key).execute()
  })
}

/** Returns the checkpoint keys that begin with the prefix, sorted. */
export async function listCheckpointKeys(db: Db, prefix: string): Promise<string[]> {
  const rows = await db
    .selectFrom('machine_checkpoints')
    .select('checkpoint_key')
    .where('checkpoint_key', '>=', prefix)
    // The last code point sorts after every key that begins with the prefix.
    .where('checkpoint_key', '<', `${prefix}\u{10ffff}`)
    .orderBy('checkpoint_key')
    .execute()
  return rows.map((row) => row.checkpoint_key)
}
