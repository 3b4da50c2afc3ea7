import type { Clock } from '../core/clock.js'
import { messageOf } from '../core/errors.js'
import type { Logger } from '../core/logging.js'
import { processOwnerId, sharedOwnerId } from '../core/processes/owner.js'
import type { Db } from '../db/engine/prepared.js'
import { noteBegin, noteEnd } from '../db/maintenance/command-runs.js'
import { errorDocument, exitCodeOf } from './errors.js'

/** A DB that may be written, and who this process is there. */
export type NotedIn = { db: Db; clock: Clock } & ({ ownerId: string } | { shared: boolean })

/** Longer words are not noted. */
const LONGEST_NOTE = 100

/**
 * Does the work of a command, and notes in the DB that it began, and how it ended: `status` shows the last run of each
 * command, also one that was killed. That nothing can be noted is no failure.
 *
 * @returns what the work returns.
 */
export async function notedRun<R extends object>(
  command: string,
  database: NotedIn,
  log: Pick<Logger, 'debug'> | null,
  work: () => Promise<R>,
): Promise<R> {
  const { db, clock } = database
  const tellOnly = (error: unknown): null => {
    log?.debug(`the run cannot be noted: ${messageOf(error)}`)
    return null
  }
  const run = await noteBegin(db, command, ownerOf(database), clock.now()).catch(tellOnly)
  const end = async (exitCode: number, result: object): Promise<void> => {
    if (run === null) return
    await noteEnd(db, run, { exitCode, result: JSON.stringify(result) }, clock.now()).catch(tellOnly)
  }
  try {
    const result = await work()
    await end(Number(process.exitCode ?? 0), shortMembers(result))
    return result
  } catch (error) {
    await end(exitCodeOf(error), { error: errorDocument(error).code })
    throw error
  }
}

function ownerOf(database: NotedIn): string {
  if ('ownerId' in database) return database.ownerId
  return database.shared ? sharedOwnerId() : processOwnerId()
}

/** Counts, and words. */
function shortMembers(result: object): object {
  const isShort = (value: unknown): boolean =>
    typeof value === 'number' || (typeof value === 'string' && value.length <= LONGEST_NOTE)
  return Object.fromEntries(Object.entries(result).filter(([, value]) => isShort(value)))
}
