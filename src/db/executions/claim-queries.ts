import { sql } from 'kysely'
import type { Death } from '../leases/attempts.js'
import { dialectOf } from '../engine/dialect.js'
import type { Db, Prepared } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'
import type { PaperInWork } from './executions.js'
import { WORK_COLUMNS } from './executions.js'

const IN_WORK = WORK_COLUMNS.map((column) => `e.${column}` as const)

/** Busy executions with an expired lease looked at in one claim; those of a living owner are passed over. */
const EXPIRED_LOOKED_AT = 50

export type Find = { now: string; nowSeconds: number; executionId: string }
/** `place` in the order, from 0, for one of any. */
export type Take = Find & { busy: string; place: number }
/** This one, the best, or any. */
type Which = 'one' | 'best' | 'any'

/** The statuses stand in the SQL as literals: only then can SQLite use the partial index of that status. */
function takeReady(from: Status, which: Which): Prepared<Take, PaperInWork> {
  return prepared((db, p) =>
    takeOne(db, p)
      .where('execution_id', '=', selectReady(db, from, which, p).select('e.execution_id'))
      .returning(WORK_COLUMNS),
  )
}

/** Marks the ready execution that it is narrowed to as taken: busy, with one more try. */
export function takeOne(db: Db, p: Pick<Take, 'busy' | 'now'>) {
  return db.updateTable('executions').set((eb) => ({
    status: p.busy as Status,
    updated_at: p.now,
    interrupted_at: null,
    attempts: eb('attempts', '+', sql.lit(1)),
  }))
}

/** What another one takes at this moment is not waited for. */
function selectReady(db: Db, from: Status, which: Which, p: Take) {
  const query = db
    .selectFrom('executions as e')
    .where('e.status', '=', sql.lit(from))
    .where((eb) => eb.or([eb('e.not_before', 'is', null), eb('e.not_before', '<=', p.now)]))
  const inOrder = query.orderBy('e.priority', 'desc').orderBy('e.created_at').orderBy('e.execution_id')
  return dialectOf(db).unlocked(
    which === 'one'
      ? query.where('e.execution_id', '=', p.executionId)
      : inOrder.limit(sql.lit(1)).$if(which === 'any', (any) => any.offset(p.place)),
  )
}

/**
 * Finds and holds what `takeReady` takes, but nothing while a lease has run out by the clock: whoever holds that takes it. It is
 * asked together with what a claim looks at first.
 */
function holdReady(from: Status, which: Which): Prepared<Take, PaperInWork> {
  return prepared((db, p) =>
    selectReady(db, from, which, p)
      .select(IN_WORK)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('execution_leases as l')
              .select('l.execution_id')
              .where('l.lease_until', '>', sql.lit(0))
              .where('l.lease_until', '<', p.nowSeconds),
          ),
        ),
      ),
  )
}

/** A ready execution, and what else a claim must know of leases before it takes it. */
export type Seen = PaperInWork & {
  /** Of its last holder. */
  last_token?: number | null
  /** Of all that are held: the first and the last holder, by name, and when the first lease ends. */
  first_holder?: string | null
  last_holder?: string | null
  first_end?: number | null
}

/** Sees what `takeReady` takes; where a statement is all that others can be kept out by, it may be gone by then. */
function seeReady(from: Status, which: Which): Prepared<Take, Seen> {
  return prepared((db, p) =>
    selectReady(db, from, which, p)
      .select(IN_WORK)
      .select((eb) => {
        const held = eb.selectFrom('execution_leases as l').where('l.lease_until', '>', sql.lit(0))
        return [
          eb
            .selectFrom('execution_leases as l')
            .select('l.fencing_token')
            .whereRef('l.execution_id', '=', 'e.execution_id')
            .as('last_token'),
          held.select(({ fn }) => fn.min<string>('l.owner_id').as('owner')).as('first_holder'),
          held.select(({ fn }) => fn.max<string>('l.owner_id').as('owner')).as('last_holder'),
          held.select(({ fn }) => fn.min<number>('l.lease_until').as('end')).as('first_end'),
        ]
      }),
  )
}

function countReady(from: Status): Prepared<{ now: string }, { n: number }> {
  return prepared((db, p) =>
    db
      .selectFrom('executions')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('status', '=', sql.lit(from))
      .where((eb) => eb.or([eb('not_before', 'is', null), eb('not_before', '<=', p.now)])),
  )
}

/** Asked before the busy executions are gone through: mostly no lease has run out, and much may be busy. */
export const anyExpired = prepared<{ nowSeconds: number }, { lease_until: number }>((db, p) =>
  db
    .selectFrom('execution_leases')
    .select('lease_until')
    .where('lease_until', '>', sql.lit(0))
    .where('lease_until', '<', p.nowSeconds)
    .limit(sql.lit(1)),
)

/** A busy execution whose lease has run out, and what is known of the death. */
export type Expired = Death & { owner_id: string }

function findExpired(busy: Status, one: boolean): Prepared<Find, Expired> {
  return prepared((db, p) => {
    const query = db
      .selectFrom('executions as e')
      .innerJoin('execution_leases as l', 'l.execution_id', 'e.execution_id')
      .select(['e.execution_id', 'l.owner_id', 'l.acquired_at', 'l.own_work', 'l.deaths'])
      .where('e.status', '=', sql.lit(busy))
      .where('l.lease_until', '<', p.nowSeconds)
    return one
      ? query.where('e.execution_id', '=', p.executionId)
      : query
          .orderBy('e.priority', 'desc')
          .orderBy('e.created_at')
          .orderBy('e.execution_id')
          .limit(sql.lit(EXPIRED_LOOKED_AT))
  })
}

function findPutBack(from: Status, one: boolean): Prepared<Find, { execution_id: string }> {
  return prepared((db, p) => {
    const query = db
      .selectFrom('executions')
      .select('execution_id')
      .where('status', '=', sql.lit(from))
      .where('interrupted_at', 'is not', null)
      .where((inner) => inner.or([inner('not_before', 'is', null), inner('not_before', '<=', p.now)]))
    return dialectOf(db).unlocked(
      one
        ? query.where('execution_id', '=', p.executionId)
        : query.orderBy('priority', 'desc').orderBy('created_at').limit(sql.lit(1)),
    )
  })
}

/** What a claim asks: how many are ready, whose lease has run out, what was put back with work to continue, to have one,
 * to hold one, and to see one. */
export interface ClaimQueries {
  count: Prepared<{ now: string }, { n: number }>
  expired: Prepared<Find, Expired>
  putBack: Prepared<Find, { execution_id: string }>
  ready: Prepared<Take, PaperInWork>
  held: Prepared<Take, PaperInWork>
  seen: Prepared<Take, Seen>
}

const claimQueries = new Map<string, ClaimQueries>()

/** Which executions a claim is about. */
export interface Wanted {
  from: Status
  busy: Status
  /** Only this execution (execution_id); by default the best one. */
  executionId?: string | undefined
  /** Any of the ready ones, by chance: where one that always fails must not be the first again and again. */
  anyReady?: boolean | undefined
}

/** Returns the queries of a claim, compiled once for each kind. */
export function queriesFor({ from, busy, executionId, anyReady }: Wanted): ClaimQueries {
  const one = executionId !== undefined
  const which = one ? 'one' : anyReady === true ? 'any' : 'best'
  const key = `${which} ${from} ${busy}`
  let queries = claimQueries.get(key)
  if (queries === undefined) {
    queries = {
      count: countReady(from),
      expired: findExpired(busy, one),
      putBack: findPutBack(from, one),
      ready: takeReady(from, which),
      held: holdReady(from, which),
      seen: seeReady(from, which),
    }
    claimQueries.set(key, queries)
  }
  return queries
}
