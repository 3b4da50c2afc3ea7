import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { LlmCallsTable } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'
import { abandonedAt } from '../leases/leases.js'
import { probedSteps } from './circuits.js'
import { addUsage } from './day-counts.js'

type InFlight = Pick<LlmCallsTable, 'call_id' | 'owner_id' | 'sent_at'> & { lease_until: number | null }

const inFlight = prepared<Record<never, never>, InFlight>((db) => selectInFlight(db))
const inFlightOf = prepared<{ executionId: string }, InFlight>((db, p) =>
  selectInFlight(db).where('c.execution_id', '=', p.executionId),
)

function selectInFlight(db: Db) {
  return db
    .selectFrom('llm_calls as c')
    .leftJoin('execution_leases as l', (join) =>
      join.onRef('l.execution_id', '=', 'c.execution_id').onRef('l.owner_id', '=', 'c.owner_id'),
    )
    .select(['c.call_id', 'c.owner_id', 'c.sent_at', 'l.lease_until'])
    .where('c.outcome', '=', sql.lit('in_flight'))
}

/**
 * Returns the requests that nobody waits for any more: their owner has ended, or holds no live lease on the execution
 * and is not seen running here.
 */
export function* deadCalls(now: number): Steps<InFlight[]> {
  const rows = yield* inFlight.step({})
  const abandoned = abandonedAt(now)
  return rows.filter(({ owner_id, lease_until }) =>
    abandoned({ owner_id: owner_id ?? '', lease_until: lease_until ?? 0 }),
  )
}

/** Gives back what is booked by the dead and was not sent. Returns how many slots are free again. */
export function* giveBackDead(now: number): Steps<number> {
  const dead = (yield* deadCalls(now)).filter(({ sent_at }) => sent_at === null)
  return yield* closeDead(dead, now)
}

/** Closes what is open of an execution: whoever took it over takes no answer of another. */
export function* closeCallsOf(executionId: string, now: number): Steps<void> {
  yield* closeDead(yield* inFlightOf.step({ executionId }), now)
}

const settleDead = preparedWrite<{ callId: string; now: string }>((db, p) =>
  db
    .updateTable('llm_calls')
    .set({ outcome: sql.lit('aborted'), error_class: sql.lit('owner_died'), finished_at: p.now })
    .where('call_id', '=', p.callId)
    .where('outcome', '=', sql.lit('in_flight')),
)

/**
 * Closes requests of dead owners. What was sent stays counted, for the provider has most likely counted it; what was only
 * booked is given back.
 *
 * @returns how many were closed.
 */
export function* closeDead(
  calls: readonly Pick<InFlight, 'call_id' | 'sent_at'>[],
  now: number,
): Steps<number> {
  let closed = 0
  for (const { call_id: callId, sent_at } of calls) {
    closed +=
      sent_at === null
        ? yield* giveBackSteps(callId, now)
        : yield* settleDead.step({ callId, now: isoTime(now) })
  }
  return closed
}

const dropUnsent = prepared<{ callId: string }, Pick<LlmCallsTable, 'usage_date' | 'role'>>((db, p) =>
  db
    .deleteFrom('llm_calls')
    .where('call_id', '=', p.callId)
    .where('outcome', '=', sql.lit('in_flight'))
    .where('sent_at', 'is', null)
    .returning(['usage_date', 'role']),
)

/** Takes a booking back that was not sent: slot, day and probe are the next one's. Returns 1, or 0 where it is not open. */
export function* giveBackSteps(callId: string, now: number): Steps<number> {
  const [row] = yield* dropUnsent.step({ callId })
  if (row === undefined) return 0
  yield* probedSteps(callId, 'unknown', now)
  yield* addUsage(row.usage_date, row.role, -1)
  return 1
}
