import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { OutputColumn } from '../../core/phases.js'
import type { Db, PreparedWrite } from '../engine/prepared.js'
import { preparedWrite } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'
import { perform } from '../engine/steps.js'
import type { Lease } from './leases.js'
import { holdSteps } from './leases.js'

export interface ExecutionEnd extends Partial<Record<OutputColumn, string>> {
  status: Status
  result_path?: string
  report?: string
  error?: string | null
  error_class?: string | null
  not_before?: string | null
  interrupted_at?: string | null
  /** `keep` on failure (the try was used), `refund` when it was not the paper's fault, `reset` after success. */
  attempts: 'keep' | 'refund' | 'reset'
}

type EndColumns = Omit<ExecutionEnd, 'attempts'>
type EndValues = Record<keyof EndColumns, string | null> & { id: string; now: string }

const ends = new Map<string, PreparedWrite<EndValues>>()

/** Each end changes some of the same few columns. */
function endOf(
  names: readonly (keyof EndColumns)[],
  attempts: ExecutionEnd['attempts'],
): PreparedWrite<EndValues> {
  const key = `${attempts} ${names.join(' ')}`
  let end = ends.get(key)
  if (end === undefined) {
    end = preparedWrite<EndValues>((db, p) =>
      db
        .updateTable('executions')
        .set(Object.fromEntries(names.map((name) => [name, p[name]])))
        .set({ updated_at: p.now })
        .$if(attempts === 'reset', (query) => query.set({ attempts: sql.lit(0) }))
        .$if(attempts === 'refund', (query) =>
          query.set((eb) => ({ attempts: eb('attempts', '-', sql.lit(1)) })),
        )
        .where('execution_id', '=', p.id),
    )
    ends.set(key, end)
  }
  return end
}

/**
 * Ends the work on an execution, as steps of a transaction: fence, new status and outputs, and the release of the lease.
 *
 * @throws LeaseLostError if the lease was taken over: nothing is written then.
 */
export function* finishSteps(lease: Lease, { attempts, ...columns }: ExecutionEnd, now: number): Steps<void> {
  yield* holdSteps(lease, 0, now)
  const names = (Object.keys(columns) as (keyof EndColumns)[]).filter((name) => columns[name] !== undefined)
  const values = { ...columns, id: lease.executionId, now: isoTime(now) } as EndValues
  yield* endOf(names, attempts).unread(values)
}

/** The same inside the given transaction. */
export async function finishExecution(
  trx: Db,
  lease: Lease,
  outcome: ExecutionEnd,
  now: number,
): Promise<void> {
  await perform(trx, finishSteps(lease, outcome, now))
}
