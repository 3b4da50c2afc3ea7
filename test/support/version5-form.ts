import BetterSqlite3 from 'better-sqlite3'
import { idsWithRuns, snapshotsOf } from '../../src/db/checkpoints/runs.js'
import { openDatabase } from '../../src/db/engine/open.js'
import { checkpointKey } from '../../src/machines/backends/keys.js'
import type { Snapshot } from '../../src/machines/types.js'

/** Brings a DB back to the form of before there were transitions: a whole document for each checkpoint, and a pointer. */
export async function toVersion5(path: string): Promise<void> {
  const { db, close } = await openDatabase(path)
  const snapshots: Snapshot[] = []
  for (const id of await idsWithRuns(db, '')) {
    snapshots.push(...((await snapshotsOf(db, id)) as unknown as Snapshot[]))
  }
  await close()
  const handle = new BetterSqlite3(path)
  const insert = handle.prepare(
    'insert into machine_checkpoints values (@key, @execution_id, @machine_name, @event, @current_state, null, @json, @created_at)',
  )
  const point = handle.prepare('insert or replace into machine_latest values (?, ?, ?)')
  for (const snapshot of snapshots) {
    const { execution_id, machine_name, event, current_state, created_at, step } = snapshot
    const key = checkpointKey(execution_id, step, event)
    const columns = { key, execution_id, machine_name, event, current_state, created_at }
    insert.run({ ...columns, json: JSON.stringify(snapshot) })
    point.run(execution_id, key, created_at)
  }
  handle.exec(`drop table machine_transitions; drop table machine_runs;
    delete from schema_migrations where version > 5`)
  handle.close()
}
