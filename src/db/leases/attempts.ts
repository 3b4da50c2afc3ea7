import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import { TRANSITIONS_A_RUN } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'

type Range = { id: string; end: string; since: string }

/** By the newest transition of the newest run, for a clock that was ahead may have written others. */
const findTransition = prepared<Range, { run_id: number }>((db, p) =>
  db
    .selectFrom('machine_runs as r')
    .select('r.run_id')
    .where('r.execution_id', '>=', p.id)
    .where('r.execution_id', '<', p.end)
    .where('r.run_id', '=', (eb) =>
      eb
        .selectFrom('machine_runs as n')
        .select((n) => n.fn.max('n.run_id').as('run_id'))
        .whereRef('n.execution_id', '=', 'r.execution_id'),
    )
    .where(
      (eb) =>
        eb
          .selectFrom('machine_transitions as t')
          .select('t.created_at')
          .where('t.transition_id', '>=', sql<number>`r.run_id * ${sql.lit(TRANSITIONS_A_RUN)}`)
          .where('t.transition_id', '<', sql<number>`(r.run_id + 1) * ${sql.lit(TRANSITIONS_A_RUN)}`)
          .orderBy('t.transition_id', 'desc')
          .limit(sql.lit(1)),
      '>=',
      p.since,
    )
    .limit(sql.lit(1)),
)
/** The same in the form of before: a try may have begun there. */
const findCheckpoint = prepared<Range, { latest_key: string }>((db, p) =>
  db
    .selectFrom('machine_latest')
    .select('latest_key')
    .where('execution_id', '>=', p.id)
    .where('execution_id', '<', p.end)
    .where('updated_at', '>=', p.since)
    .limit(sql.lit(1)),
)

/**
 * Whether an execution, or a child of it, was checkpointed since the given moment. A try that died after having got
 * further is continued, and does not count against the paper: the limit on tries is there for papers that take the
 * process down at the same place again and again, not for processes that are often killed.
 *
 * @param since ISO time at which the try began; null: it never did.
 */
export function* hasProgressed(executionId: string, since: string | null): Steps<boolean> {
  if (since === null) return false
  // Ids of children are the parent's and a dot; `/` is the character after it.
  const range = { id: executionId, end: `${executionId}/`, since }
  if ((yield* findTransition.step(range)).length > 0) return true
  return (yield* findCheckpoint.step(range)).length > 0
}

/**
 * So many deaths in work on the same paper are one try. On a busy machine processes are killed for reasons of its own (memory,
 * a deploy, an operator), and a healthy paper that is large is the one they hit again and again.
 */
const DEATHS_A_TRY = 4

/** The lease of a holder that died. */
export interface Death {
  execution_id: string
  acquired_at: string
  own_work: number
  deaths: number
}

/** What a death says of the paper: it got further than the try before, or whether a try is used up. */
export type Blame = 'progressed' | 'counts' | 'none'

const noteDeaths = preparedWrite<{ executionId: string; deaths: number }>((db, p) =>
  db.updateTable('execution_leases').set({ deaths: p.deaths }).where('execution_id', '=', p.executionId),
)

/**
 * Notes a death on the lease, and returns what is to be blamed on the paper: a try only where the holder died in work on it,
 * as those before it did, and none of them got further.
 */
export function* blameSteps(died: Death): Steps<Blame> {
  const { execution_id: executionId, own_work: ownWork, deaths } = died
  if (yield* hasProgressed(executionId, died.acquired_at)) {
    if (deaths > 0) yield* noteDeaths.unread({ executionId, deaths: 0 })
    return 'progressed'
  }
  if (ownWork === 0) return 'none'
  const counts = deaths + 1 >= DEATHS_A_TRY
  yield* noteDeaths.unread({ executionId, deaths: counts ? 0 : deaths + 1 })
  return counts ? 'counts' : 'none'
}

/** Older failures say nothing of how things stand. */
const LATELY_MS = 3_600_000

const countFailures = prepared<{ id: string; since: string }, { n: number }>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('execution_id', '=', p.id)
    .where('started_at', '>=', p.since)
    .where((eb) =>
      eb.or([eb('outcome', '=', sql.lit('error')), eb('outcome', '=', sql.lit('rate_limited'))]),
    ),
)

/** Returns how many requests for an execution failed or were refused in the last hour; 1 at least. */
export async function failuresOf(db: Db, executionId: string, now: number): Promise<number> {
  const [row] = await countFailures(db, { id: executionId, since: isoTime(now - LATELY_MS) })
  return Math.max(1, Number(row?.n ?? 0))
}
