import { isOver } from './circuit-states.js'
import type { Db } from '../engine/prepared.js'
import type { CircuitState } from '../engine/schema.js'

export interface Circuit {
  name: string
  state: CircuitState
  opened_at: string | null
  /** open: nothing is sent before; half_open: until when the probe is waited for. */
  retry_at: string | null
  reason: string | null
  error_class: string | null
  /** True: it closes only when the one request that is let through after `retry_at` succeeds. */
  needs_probe: boolean
  /** How often it opened since it was last closed. */
  openings: number
}

/** Returns all circuits by name. A pause that has passed is over, whether somebody noted it or not. */
export async function circuitsAt(db: Db, now: number): Promise<Circuit[]> {
  const rows = await db
    .selectFrom('circuits')
    .select(['name', 'state', 'opened_at', 'retry_at', 'reason', 'error_class', 'needs_probe', 'openings'])
    .orderBy('name')
    .execute()
  return rows.map((row) => ({
    ...row,
    state: isOver(row, now) ? 'closed' : row.state,
    needs_probe: row.needs_probe === 1,
  }))
}
