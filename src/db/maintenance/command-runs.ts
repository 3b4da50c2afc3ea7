import { isoTime } from '../../core/clock.js'
import type { CommandRunsTable } from '../engine/schema.js'
import type { Db } from '../engine/prepared.js'

/** Who runs a command, and since when: names one run. */
export type CommandRun = Pick<CommandRunsTable, 'command' | 'owner_id' | 'started_at'>

/** Notes that a command begins: it takes the place of the run before. */
export async function noteBegin(db: Db, command: string, ownerId: string, now: number): Promise<CommandRun> {
  const run = { command, owner_id: ownerId, started_at: isoTime(now) }
  const ended = { ended_at: null, exit_code: null, result: null }
  await db
    .insertInto('command_runs')
    .values({ ...run, ...ended })
    .onConflict((conflict) => conflict.column('command').doUpdateSet({ ...run, ...ended }))
    .execute()
  return run
}

/**
 * Notes how a run ended; nothing where another one of the same command was begun meanwhile.
 *
 * @param result JSON.
 */
export async function noteEnd(
  db: Db,
  { command, owner_id, started_at }: CommandRun,
  end: { exitCode: number; result: string },
  now: number,
): Promise<void> {
  await db
    .updateTable('command_runs')
    .set({ ended_at: isoTime(now), exit_code: end.exitCode, result: end.result })
    .where('command', '=', command)
    .where('owner_id', '=', owner_id)
    .where('started_at', '=', started_at)
    .execute()
}

/** Returns the last run of each command, the newest first. */
export async function lastRuns(db: Db): Promise<CommandRunsTable[]> {
  return db.selectFrom('command_runs').selectAll().orderBy('started_at', 'desc').execute()
}
