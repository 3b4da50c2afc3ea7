import type { Db } from '../engine/prepared.js'

/** Returns where the machines of a paper were, oldest first, by checkpoints in the form of before and of the earlier tool. */
export async function earlierTransitions(
  db: Db,
  executionId: string,
): Promise<{ machine: string; state: string; at: string }[]> {
  const rows = await db
    .selectFrom('machine_checkpoints')
    .select(['machine_name', 'current_state', 'created_at'])
    .where('checkpoint_key', '>=', executionId)
    // The last code point sorts after every key that begins so.
    .where('checkpoint_key', '<', `${executionId}\u{10ffff}`)
    .orderBy('checkpoint_key')
    .execute()
  return rows.map((row) => ({
    machine: row.machine_name ?? '',
    state: row.current_state ?? '',
    at: row.created_at,
  }))
}
