import { loadJson } from './blobs.js'
import { DamageError, damagedPaper } from './damage.js'
import type { Lease } from '../leases/leases.js'
import { fence } from '../leases/leases.js'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { MachineCheckpointsTable } from '../engine/schema.js'
import { inTransaction } from '../engine/steps.js'

// Checkpoints in the form of before there were transitions, and of the earlier tool. None is written any more; papers that have
// them go on from them.

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
  await inTransaction(db, async (trx) => {
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
