import { setTimeout as delay } from 'node:timers/promises'
import { EXIT } from '../../../core/errors.js'
import type { Connections } from './connections.js'
import { endsConnection, explainPostgresError, sqlState, unreachable } from './errors.js'

/** Between two looks at a transaction that the server has not ended yet: it will, as soon as it finds that nobody listens. */
const LOOK_AGAIN_MS = 100
const LONGEST_MS = 90_000

/** invalid_parameter_value: an id that was never given, after a crash or a failover that lost it. */
const UNKNOWN_ID = '22023'

/** A transaction that wrote, as it was known when it began. */
export interface Begun {
  /** Of `pg_current_xact_id()`. */
  id: string
  /** By the server's clock, epoch milliseconds. */
  began: number
}

type Outcome = 'committed' | 'aborted' | 'in progress' | 'connection lost' | 'unknown'

/**
 * Returns what became of a transaction whose COMMIT was never answered.
 *
 * @throws RpaError `db_unreachable` if the server does not come back, or cannot tell: then nothing is known, as after
 * the death of a process in that moment.
 */
export async function outcomeOf(connections: Connections, begun: Begun): Promise<'committed' | 'aborted'> {
  const start = performance.now()
  for (;;) {
    const outcome = await lookUp(connections, begun)
    switch (outcome) {
      case 'committed':
      case 'aborted':
        return outcome
      case 'unknown':
        throw unreachable(
          new Error('it began anew and may have lost a commit'),
          connections.place,
          EXIT.tempfail,
        )
      case 'in progress':
      case 'connection lost':
        if (performance.now() - start > LONGEST_MS)
          throw unreachable(new Error('a transaction does not end'), connections.place, EXIT.tempfail)
        await delay(LOOK_AGAIN_MS)
    }
  }
}

async function lookUp(connections: Connections, begun: Begun): Promise<Outcome> {
  const client = await connections.take()
  try {
    const { rows } = await client.query<Status>(
      `select pg_xact_status($1::xid8) as status, checkpoint_lsn = redo_lsn as "endsRecovery", next_xid as "nextId",
         extract(epoch from checkpoint_time) * 1000 as "checkpointAt",
         timeline_id = ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int as "isOfTimeline"
       from pg_control_checkpoint()`,
      [begun.id],
    )
    client.release()
    return rows[0] === undefined ? 'unknown' : judge(rows[0], begun)
  } catch (error) {
    client.release(endsConnection(error))
    if (endsConnection(error)) return 'connection lost'
    if (sqlState(error) === UNKNOWN_ID) return 'aborted'
    throw explainPostgresError(error, connections.place)
  }
}

interface Status {
  status: 'committed' | 'aborted' | 'in progress' | null
  checkpointAt: string
  /** Checkpoints while the server runs begin before they are written down; that at the end of a recovery, or of a shutdown, does not. */
  endsRecovery: boolean
  /** `epoch:id` of the first id that was not given yet when the checkpoint began. */
  nextId: string
  isOfTimeline: boolean
}

/**
 * A server that crashed gives the ids again whose transactions left nothing on its disk, so that "committed" may be
 * said of somebody else's. Each recovery ends with a checkpoint, which holds the first id that was not known by then:
 * https://www.postgresql.org/docs/current/wal-internals.html, functions-info.html (pg_control_checkpoint).
 */
function judge({ status, checkpointAt, endsRecovery, nextId, isOfTimeline }: Status, begun: Begun): Outcome {
  // Null: so long ago that the server has forgotten it, which no transaction of ours ever is.
  if (status === null) return 'aborted'
  if (status !== 'committed') return status
  // Its time is in whole seconds.
  const isOlder = Number(checkpointAt) < Math.floor(begun.began / 1000) * 1000
  if (isOlder && isOfTimeline) return status
  if (!endsRecovery || !isOfTimeline) return 'unknown'
  return BigInt(begun.id) < fullId(nextId) ? status : 'aborted'
}

function fullId(text: string): bigint {
  const [epoch = '0', id = '0'] = text.split(':')
  return (BigInt(epoch) << 32n) | BigInt(id)
}
