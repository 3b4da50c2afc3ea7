import { setTimeout as delay } from 'node:timers/promises'
import { EXIT } from '../../../core/errors.js'
import type { Connections } from './connections.js'
import { endsConnection, explainPostgresError, sqlState, unreachable } from './errors.js'

/** Between two looks at a transaction that the server has not ended yet: it will, as soon as it finds that nobody listens. */
const LOOK_AGAIN_MS = 100
const LONGEST_MS = 90_000

/** invalid_parameter_value: an id that was never given, after a failover that lost it. */
const UNKNOWN_ID = '22023'

/**
 * Returns what became of a transaction whose COMMIT was never answered.
 *
 * @param id of `pg_current_xact_id()`.
 * @throws RpaError `db_unreachable` if the server does not come back: then nothing is known.
 */
export async function outcomeOf(connections: Connections, id: string): Promise<'committed' | 'aborted'> {
  const began = performance.now()
  for (;;) {
    const status = await statusOf(connections, id)
    if (status === 'committed') return status
    // Null: so long ago that the server has forgotten it, which no transaction of ours ever is.
    if (status !== 'in progress' && status !== 'lost') return 'aborted'
    if (performance.now() - began > LONGEST_MS) {
      throw unreachable(new Error('a transaction does not end'), connections.place, EXIT.tempfail)
    }
    await delay(LOOK_AGAIN_MS)
  }
}

async function statusOf(connections: Connections, id: string): Promise<string | null> {
  const client = await connections.take()
  try {
    const { rows } = await client.query<{ status: string | null }>(
      'select pg_xact_status($1::xid8) as status',
      [id],
    )
    client.release()
    return rows[0]?.status ?? null
  } catch (error) {
    client.release(endsConnection(error))
    if (endsConnection(error)) return 'lost'
    if (sqlState(error) === UNKNOWN_ID) return 'aborted'
    throw explainPostgresError(error, connections.place)
  }
}
