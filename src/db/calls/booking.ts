import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { isoTime, momentText, utcDay } from '../../core/clock.js'
import { isGone, remembered } from '../../core/processes/owner.js'
import { EXIT, RpaError } from '../../core/errors.js'
import { minuteAhead, paceOf, slotOf, slotSteps } from './slots.js'
import type { Pace } from './slots.js'
import { admitSteps, probeSteps } from './circuits.js'
import { giveBackDead } from './dead-calls.js'
import type { Lease } from '../leases/leases.js'
import { fenceAhead } from '../leases/leases.js'
import { addUsage } from './day-counts.js'
import type { Day, DayRules } from './spent-days.js'
import { dayAhead, spentSteps } from './spent-days.js'
import { openCircuits } from './circuit-states.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { LlmCallsTable } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'
import { commitUnflushed, takeLocks, transact } from '../engine/steps.js'
import { ledgerLocks } from './ledger-locks.js'

export interface CallRequest extends DayRules {
  executionId: string
  phase: string
  machine: string
  state: string
  role: 'cheap' | 'expensive'
  model: string
  attempt: number
  /** sha256 of the body; null where no cache of answers is used. */
  questionHash?: string | null | undefined
  /** About how many tokens the prompt has. */
  estimatedTokens?: number | undefined
  lease: Lease
  /** Names of the circuits that must be closed. */
  circuits: readonly string[]
  /** Longest pause that is waited for, milliseconds. */
  patienceMs: number
  /** After this time a request has been answered or given up, milliseconds. */
  timeoutMs: number
  /** Nothing is sent after it (epoch milliseconds); null: no end is set. */
  deadline: number | null
  now: number
}

/** Whoever asks has to end before the next request may be sent; nothing was booked. Times in epoch milliseconds. */
export class NoTimeLeftError extends RpaError {
  readonly retryable = false

  constructor(
    deadline: number,
    readonly sendAt: number,
  ) {
    super(
      'no_time_left',
      `The next request may be sent at ${momentText(sendAt)}, after ${momentText(deadline)}.`,
      {
        hint: 'Give the command more time (--max-time), or run it again then.',
        exitCode: EXIT.tempfail,
      },
    )
  }
}

/** One request that is booked: from `sendAt` on (epoch milliseconds) it may ask whether it is sent (`markCallSent`). */
export interface Booking {
  callId: string
  sendAt: number
  /** Null: it is not paced. */
  pace: Pace | null
}

/** A booking, or the moment to ask for one again. */
export type Reservation = ({ kind: 'booked' } & Booking) | { kind: 'wait'; until: number; reason: string }

type NewCall = Pick<
  LlmCallsTable,
  | 'call_id'
  | 'phase'
  | 'machine'
  | 'state'
  | 'role'
  | 'model'
  | 'attempt'
  | 'usage_date'
  | 'started_at'
  | 'owner_id'
  | 'limit_group'
  | 'asked_model'
  | 'question_hash'
  | 'estimated_tokens'
> & { execution_id: string }

const insertCall = preparedWrite<NewCall>((db, p) =>
  db.insertInto('llm_calls').values({
    call_id: p.call_id,
    execution_id: p.execution_id,
    phase: p.phase,
    machine: p.machine,
    state: p.state,
    role: p.role,
    model: p.model,
    attempt: p.attempt,
    usage_date: p.usage_date,
    started_at: p.started_at,
    outcome: 'in_flight',
    counted: 1,
    owner_id: p.owner_id,
    limit_group: p.limit_group,
    asked_model: p.asked_model,
    question_hash: p.question_hash,
    estimated_tokens: p.estimated_tokens,
  }),
)

/**
 * Books one request before it is sent: a slot, now or later. All checks (lease, circuits, requests under way, minute window,
 * day) and the row are one immediate transaction, so that any number of processes together never exceed a limit.
 *
 * @returns the id of the ledger row, to be settled once, and when to send; or when to ask again.
 * @throws BudgetSpentError if the day is used up, CircuitOpenError if something is closed for longer than one waits,
 * NoTimeLeftError if it could not be sent before the deadline, LeaseLostError if the execution was taken over.
 */
export async function reserveCall(db: Db, request: CallRequest): Promise<Reservation> {
  return transact(db, () => reserveSteps(request))
}

/** How often one looks whether a request under way has ended. */
const LOOK_AGAIN_MS = 500

function* reserveSteps(request: CallRequest): Steps<Reservation> {
  const { now, lease, window, circuits } = request
  const fence = yield* fenceAhead(lease, now)
  // Nothing is sent before that is committed, too.
  yield* commitUnflushed()
  yield* takeLocks(...ledgerLocks(request.budget, window?.group ?? null))
  // All that is asked stands in one line behind the locks, and is answered in one round trip.
  const minute = window === null ? null : yield* minuteAhead(window, now)
  const underWay =
    window?.concurrency == null
      ? null
      : yield* inFlightOf.ahead({ group: window.group, nowSeconds: Math.floor(now / 1000) })
  const day = yield* dayAhead(request, utcDay(now))
  const open = yield* openCircuits.step({})
  yield* fence()
  const admission = yield* admitSteps(open, circuits, now, request.patienceMs)
  if (admission.kind === 'wait') return admission
  if (window?.concurrency != null && livingIn(underWay?.rows() ?? []) >= window.concurrency) {
    return { kind: 'wait', until: now + LOOK_AGAIN_MS, reason: `${window.group} has no room for one more` }
  }
  const pace = window === null || minute === null ? null : paceOf(window, minute.learned.rows())
  const slot = pace === null || minute === null ? now : slotOf(minute.starts.rows(), pace, now)
  const sendAt = yield* placeSteps(request, pace, slot, day)
  if (sendAt === null) {
    const reason = `${window?.group ?? ''} is booked out for now`
    return { kind: 'wait', until: now + (window?.minuteMs ?? LOOK_AGAIN_MS), reason }
  }
  if (request.deadline !== null && sendAt > request.deadline) {
    throw new NoTimeLeftError(request.deadline, sendAt)
  }
  const date = utcDay(sendAt)
  const callId = randomUUID()
  yield* insertCall.unread({
    call_id: callId,
    execution_id: request.executionId,
    phase: request.phase,
    machine: request.machine,
    state: request.state,
    role: request.role,
    model: request.model,
    asked_model: request.model,
    attempt: request.attempt,
    usage_date: date,
    started_at: isoTime(sendAt),
    owner_id: lease.ownerId,
    limit_group: window?.group ?? null,
    question_hash: request.questionHash ?? null,
    estimated_tokens: request.estimatedTokens ?? null,
  })
  yield* addUsage(date, request.role, 1)
  yield* probeSteps(admission.probes, callId, sendAt + request.timeoutMs)
  return { kind: 'booked', callId, sendAt, pace }
}

/**
 * Returns when the request may be sent, null where too much is booked ahead. Only who would have to wait looks for what
 * the dead have booked.
 *
 * @param slot as it is with theirs.
 * @param today what is known of today.
 * @throws BudgetSpentError if the day is used up.
 */
function* placeSteps(
  request: CallRequest,
  pace: Pace | null,
  slot: number | null,
  today: Day,
): Steps<number | null> {
  const { now } = request
  let sendAt = slot
  let spent = sendAt === null ? null : yield* spentSteps(request, sendAt, today)
  if ((sendAt !== now || spent !== null) && (yield* giveBackDead(now)) > 0) {
    sendAt = pace === null ? now : yield* slotSteps(pace, now)
    spent = sendAt === null ? null : yield* spentSteps(request, sendAt, null)
  }
  if (spent !== null) throw spent
  return sendAt
}

const inFlightOf = prepared<{ group: string; nowSeconds: number }, { owner_id: string }>((db, p) =>
  db
    .selectFrom('llm_calls as c')
    .innerJoin('execution_leases as l', (join) =>
      join.onRef('l.execution_id', '=', 'c.execution_id').onRef('l.owner_id', '=', 'c.owner_id'),
    )
    .select('l.owner_id')
    .where('c.outcome', '=', sql.lit('in_flight'))
    .where('c.limit_group', '=', p.group)
    .where('l.lease_until', '>=', p.nowSeconds),
)

/** A request takes as long as it takes; that of a process that was killed is waited for no longer than its lease. */
function livingIn(rows: readonly { owner_id: string }[]): number {
  const gone = remembered(isGone)
  return rows.filter((row) => !gone(row.owner_id)).length
}
