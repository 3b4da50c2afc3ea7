import { isObject } from '../../core/json.js'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import { TRANSITIONS_A_RUN } from '../engine/schema.js'
import type { Delta } from './delta.js'

/** A state is entered, its work is done, and it may wait or fail: it was entered in one of so many transitions. */
const LOOKED_AT = 4

const newestRun = prepared<{ id: string }, { run_id: number; machine_name: string }>((db, p) =>
  db
    .selectFrom('machine_runs')
    .select(['run_id', 'machine_name'])
    .where('execution_id', '=', p.id)
    .orderBy('run_id', 'desc')
    .limit((eb) => eb.lit(1)),
)
const newestTransitions = prepared<{ from: number; below: number; limit: number }, { delta: string }>(
  (db, p) =>
    db
      .selectFrom('machine_transitions')
      .select('delta')
      .where('transition_id', '>=', p.from)
      .where('transition_id', '<', p.below)
      .orderBy('transition_id', 'desc')
      .limit(p.limit),
)

/**
 * Returns the state that an execution's machine entered last, `MACHINE/STATE`; null where nobody can tell. A look at the
 * newest transitions alone, without a check of the others: only for what is shown.
 */
export async function currentState(db: Db, executionId: string): Promise<string | null> {
  const [run] = await newestRun(db, { id: executionId })
  if (run === undefined) return null
  const from = run.run_id * TRANSITIONS_A_RUN
  const rows = await newestTransitions(db, { from, below: from + TRANSITIONS_A_RUN, limit: LOOKED_AT })
  for (const { delta } of rows) {
    const state = stateIn(delta)
    if (state !== null) return `${run.machine_name}/${state}`
  }
  return null
}

function stateIn(json: string): string | null {
  try {
    const delta: unknown = JSON.parse(json)
    const set = isObject(delta) ? (delta as Delta)['+'] : undefined
    const state = set?.['current_state']
    return typeof state === 'string' ? state : null
  } catch {
    return null
  }
}
