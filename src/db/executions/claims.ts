import { sql } from 'kysely'
import { random } from '../../core/chance.js'
import { isoTime } from '../../core/clock.js'
import { isRunningHere } from '../../core/processes/owner.js'
import { closeCallsOf } from '../calls/dead-calls.js'
import type { Blame } from '../leases/attempts.js'
import { blameSteps } from '../leases/attempts.js'
import { endLeasesOfDead } from '../leases/leases.js'
import type { ClaimQueries, Expired, Seen, Take, Wanted } from './claim-queries.js'
import { anyExpired, queriesFor, takeOne } from './claim-queries.js'
import type { PaperInWork } from './executions.js'
import { WORK_COLUMNS } from './executions.js'
import { takeLease, takeLeaseUntold, toldToken } from './take-lease.js'
import { dialectOf } from '../engine/dialect.js'
import type { Db, Later } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { PhaseName, Status } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'
import type { Lease } from '../leases/leases.js'

export interface Claim {
  execution: PaperInWork
  lease: Lease
  /** It was interrupted, by a death or a stop: there is work to continue. */
  interrupted: boolean
}

export interface ClaimRequest extends Wanted {
  phase: PhaseName
  ownerId: string
  ttl: number
  now: number
  /** Only work that can be continued, nothing new. */
  interruptedOnly?: boolean | undefined
  /** Steps that tell whether new work may be begun; by default it may. Where it may not, what was interrupted is taken. */
  mayBegin?: (() => Steps<boolean>) | undefined
}

/** When one of the leases ended that have run out, in epoch seconds; without one, never. */
function* firstExpired(nowSeconds: number): Steps<number> {
  const [row] = yield* anyExpired.step({ nowSeconds })
  return row?.lease_until ?? Infinity
}

/** Whether the last try got further than the one before, and whether this one is one more: 0 or 1. */
type Try = { progressed: number; counted: number }

function* tryAfter(died: Expired | undefined): Steps<Try> {
  const blame: Blame = died === undefined ? 'counts' : yield* blameSteps(died)
  return { progressed: blame === 'progressed' ? 1 : 0, counted: blame === 'counts' ? 1 : 0 }
}

const takeFound = prepared<Omit<Take, 'place'> & Try & { found: string }, PaperInWork>((db, p) =>
  db
    .updateTable('executions')
    .set((eb) => ({
      status: p.busy as Status,
      updated_at: p.now,
      interrupted_at: null,
      attempts: eb
        .case()
        .when(eb.val(p.progressed), '=', sql.lit(1))
        .then(sql.lit(1))
        .else(eb('attempts', '+', p.counted))
        .end(),
    }))
    .where('execution_id', '=', p.executionId)
    .where('status', '=', p.found as Status)
    .returning(WORK_COLUMNS),
)

const markHeld = preparedWrite<{ executionId: string; busy: string; now: string }>((db, p) =>
  takeOne(db, p).where('execution_id', '=', p.executionId),
)

/**
 * Claims the best execution that a phase can take: interrupted ones first, then ready ones by priority and age.
 * Status, lease and fencing token change in one transaction. A lease of an owner that has ended is over at once; one
 * that has expired by the clock is not taken from an owner that is seen running on this host: then the clock was moved,
 * and the owner will renew.
 *
 * @returns the claim, or null when there is nothing to take.
 */
export async function claim(db: Db, request: ClaimRequest): Promise<Claim | null> {
  const taken = await transact(db, () => claimSteps(request, dialectOf(db).remote))
  if (taken === null) return null
  const { execution, interrupted, token } = taken
  const { ownerId, ttl } = request
  const executionId = execution.execution_id
  const fencingToken =
    typeof token === 'number' ? token : await toldToken(db, token, { executionId, ownerId })
  return { execution, lease: { executionId, ownerId, fencingToken, ttl }, interrupted }
}

/** A claim whose lease is written when it is committed. */
interface Taken extends Omit<Claim, 'lease'> {
  token: number | Later<{ fencing_token: number }>
}

/** One of any by chance. */
function* takeAnyReady({ count, ready }: ClaimQueries, params: Take): Steps<PaperInWork[]> {
  const [row] = yield* count.step({ now: params.now })
  const place = Math.floor(random() * Number(row?.n ?? 0))
  const taken = yield* ready.step({ ...params, place })
  // Others may have taken some since they were counted.
  return taken.length > 0 || place === 0 ? taken : yield* ready.step({ ...params, place: 0 })
}

const holdExpired = prepared<
  { executionId: string; ownerId: string; nowSeconds: number },
  { owner_id: string }
>((db, p) =>
  dialectOf(db).unlocked(
    db
      .selectFrom('execution_leases')
      .select('owner_id')
      .where('execution_id', '=', p.executionId)
      .where('owner_id', '=', p.ownerId)
      .where('lease_until', '<', p.nowSeconds),
  ),
)

/** The first whose owner is not seen running here, and whom nobody else is just taking. */
function* firstFree(candidates: readonly Expired[], nowSeconds: number): Steps<Expired | undefined> {
  for (const row of candidates) {
    const { execution_id: executionId, owner_id: ownerId } = row
    if (isRunningHere(ownerId)) continue
    if ((yield* holdExpired.step({ executionId, ownerId, nowSeconds })).length > 0) return row
  }
  return undefined
}

/** Takes what is held already, as the ready one would be; nothing of it is waited for. */
function* takeHeld(held: PaperInWork, { busy, now }: Take): Steps<PaperInWork> {
  yield* markHeld.unread({ executionId: held.execution_id, busy, now })
  held.status = busy as Status
  held.attempts += 1
  return held
}

/** Whether nobody else holds a lease, and none has run out: then nothing but what is ready can be taken. */
function isAlone(seen: Seen, self: string, nowSeconds: number): boolean {
  const { first_holder: first, last_holder: last, first_end: end } = seen
  return (first ?? self) === self && (last ?? self) === self && (end ?? Infinity) >= nowSeconds
}

/** A copy would take as long as one more statement; and so would it to take off members in the order in which they came. */
function executionOf(seen: Seen): PaperInWork {
  delete seen.first_end
  delete seen.last_holder
  delete seen.first_holder
  delete seen.last_token
  return seen
}

/** Takes what was seen, where all others are kept out since: so its next token is known before the lease is written. */
function* takeSeen({ ownerId, phase, ttl }: ClaimRequest, params: Take, seen: Seen): Steps<Taken> {
  const token = (seen.last_token ?? 0) + 1
  const execution = yield* takeHeld(executionOf(seen), params)
  const { now, nowSeconds } = params
  const executionId = execution.execution_id
  yield* takeLeaseUntold.unread({ executionId, ownerId, phase, until: nowSeconds + ttl, now })
  return { execution, interrupted: false, token }
}

function* takeNew(
  request: ClaimRequest,
  queries: ClaimQueries,
  params: Take,
  [held]: readonly PaperInWork[],
): Steps<PaperInWork | undefined> {
  if (held !== undefined) return yield* takeHeld(held, params)
  const [taken] = yield* request.anyReady === true
    ? takeAnyReady(queries, params)
    : queries.ready.step(params)
  return taken
}

function* claimSteps(request: ClaimRequest, atOnce: boolean): Steps<Taken | null> {
  const now = isoTime(request.now)
  const nowSeconds = Math.floor(request.now / 1000)
  const params = { now, nowSeconds, executionId: request.executionId ?? '', busy: request.busy, place: 0 }
  const queries = queriesFor(request)
  const { interruptedOnly = false, mayBegin } = request
  // Where more than that decides whether one is taken, and which, it is not held before.
  const plain = !interruptedOnly && mayBegin === undefined && request.anyReady !== true
  const held = atOnce && plain ? yield* queries.held.ahead(params) : null
  const seen = !atOnce && plain ? yield* queries.seen.step(params) : []
  if (seen[0] !== undefined && isAlone(seen[0], request.ownerId, nowSeconds)) {
    return yield* takeSeen(request, params, seen[0])
  }
  const firstEnd = (yield* endLeasesOfDead(request.ownerId, atOnce)) ?? (yield* firstExpired(nowSeconds))
  const candidates = firstEnd < nowSeconds ? yield* queries.expired.step(params) : []
  const expired = candidates.length === 0 ? undefined : yield* firstFree(candidates, nowSeconds)
  const only = interruptedOnly || (expired === undefined && mayBegin !== undefined && !(yield* mayBegin()))
  const [found] = expired === undefined && only ? yield* queries.putBack.step(params) : [expired]
  if (found === undefined && only) return null
  const execution =
    found === undefined
      ? yield* takeNew(request, queries, params, held?.rows() ?? seen.map(executionOf))
      : (yield* takeFound.step({
          ...params,
          executionId: found.execution_id,
          found: expired === undefined ? request.from : request.busy,
          ...(yield* tryAfter(expired)),
        }))[0]
  if (execution === undefined) return null
  const { ownerId, phase, ttl } = request
  const executionId = execution.execution_id
  const token = yield* takeLease.ahead({ executionId, ownerId, phase, until: nowSeconds + ttl, now })
  if (found !== undefined) yield* closeCallsOf(executionId, request.now)
  return { execution, interrupted: found !== undefined, token }
}
