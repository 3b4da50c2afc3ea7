import { sql } from 'kysely'
import { CLOCK_TOLERANCE_MS, isoTime, momentText } from '../../core/clock.js'
import { EXIT, RpaError } from '../../core/errors.js'
import type { CircuitRow, Closed, OpenCircuit } from './circuit-states.js'
import { circuitAvailability, isOver, openCircuits, retryMoment } from './circuit-states.js'
import { dialectOf } from '../engine/dialect.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'

/** A circuit is open for longer than one waits; nothing was sent. */
export class CircuitOpenError extends RpaError {
  readonly retryable = false
  readonly circuit: string
  /** The class of failure that opened it. */
  readonly errorClass: string
  /** Epoch milliseconds at which it closes, or is probed. */
  readonly retryAt: number

  constructor({ name, errorClass, cause, until }: Pick<Closed, 'name' | 'errorClass' | 'cause' | 'until'>) {
    super('circuit_open', `${name} is open until ${momentText(until)}: ${cause}`, {
      hint: `Run the same command again then. To try it before: rpa budget --close '${name}'.`,
      exitCode: EXIT.tempfail,
    })
    this.circuit = name ?? ''
    this.errorClass = errorClass ?? 'unknown'
    this.retryAt = until
  }
}

/** What a request has to do because of its circuits. */
export type Admission =
  | { kind: 'free'; probes: readonly string[] }
  /** Sleep until then and ask again: a pause that ends soon, or somebody's probe. */
  | { kind: 'wait'; until: number; reason: string }

/** In one order for all: somebody may decide about the same circuits at this moment, of whom one alone is to probe them. */
const holdOpen = prepared<Record<never, never>, { name: string }>((db) =>
  dialectOf(db).locked(
    db.selectFrom('circuits').select('name').where('state', '<>', sql.lit('closed')).orderBy('name'),
  ),
)

/**
 * Returns whether a request may be sent as far as its circuits go, and which of them it would probe.
 *
 * @param open all that are not closed.
 * @param patienceMs pauses that end within this time are waited for.
 * @throws CircuitOpenError if one of them stays open for longer.
 */
export function* admitSteps(
  open: readonly OpenCircuit[],
  names: readonly string[],
  now: number,
  patienceMs: number,
): Steps<Admission> {
  let circuits = open
  if (circuits.some(({ name }) => names.includes(name))) {
    yield* holdOpen.step({})
    circuits = yield* openCircuits.step({})
  }
  for (const circuit of circuits.filter(({ name }) => names.includes(name))) {
    if (isOver(circuit, now)) yield* close.unread({ name: circuit.name })
  }
  const found = circuitAvailability(circuits, names, now, patienceMs)
  if (found.state === 'open') return { kind: 'free', probes: [] }
  if (found.state === 'probe') return { kind: 'free', probes: found.circuits }
  if (!found.soon) throw new CircuitOpenError(found)
  return { kind: 'wait', until: found.lookAt, reason: found.message }
}

const markHalfOpen = preparedWrite<{ name: string; callId: string; until: string }>((db, p) =>
  db
    .updateTable('circuits')
    .set({ state: sql.lit('half_open'), probe_call_id: p.callId, retry_at: p.until })
    .where('name', '=', p.name),
)

/** Makes a request the one probe of these circuits; others wait for it, until `until` at most. */
export function* probeSteps(names: readonly string[], callId: string, until: number): Steps<void> {
  for (const name of names) yield* markHalfOpen.unread({ name, callId, until: isoTime(until) })
}

const close = preparedWrite<{ name: string }>((db, p) =>
  db
    .updateTable('circuits')
    .set({ state: sql.lit('closed'), retry_at: null, probe_call_id: null, openings: 0 })
    .where('name', '=', p.name),
)
const closeProbed = preparedWrite<{ callId: string }>((db, p) =>
  db
    .updateTable('circuits')
    .set({ state: sql.lit('closed'), retry_at: null, probe_call_id: null, openings: 0 })
    .where('probe_call_id', '=', p.callId),
)
const reopenProbed = preparedWrite<{ callId: string; retryAt: string }>((db, p) =>
  db
    .updateTable('circuits')
    .set({ state: sql.lit('open'), probe_call_id: null, retry_at: p.retryAt })
    .where('probe_call_id', '=', p.callId),
)

/** Settles the circuits that a request probed: `alive` closes them, `unknown` (nothing came of it) leaves them to the next. */
export function* probedSteps(callId: string, ended: 'alive' | 'unknown', now: number): Steps<void> {
  if (ended === 'alive') yield* closeProbed.unread({ callId })
  else yield* reopenProbed.unread({ callId, retryAt: isoTime(now) })
}

/** A circuit by its name, for who may change it. */
export const holdCircuit = prepared<{ name: string }, CircuitRow>((db, p) =>
  dialectOf(db).locked(db.selectFrom('circuits').selectAll().where('name', '=', p.name)),
)

/** Returns whether one of these circuits is closed again only by a request that succeeds. */
export async function needsProbe(db: Db, names: readonly string[]): Promise<boolean> {
  const circuits = await openCircuits(db, {})
  return circuits.some(({ name, needs_probe: probe }) => probe === 1 && names.includes(name))
}

type FailedCall = { execution_id: string | null; error_class: string | null }

const newestOf = prepared<{ model: string; until: string }, FailedCall>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select(['execution_id', 'error_class'])
    .where('asked_model', '=', p.model)
    .where('finished_at', '<=', p.until)
    .orderBy('finished_at', 'desc')
    .limit(sql.lit(50)),
)

/** A paper that alone meets a model's failures, and no answer of the model in between, may be unlucky for so long; then it is the paper. */
const LONGEST_ALONE_MS = 48 * 3_600_000

/**
 * Returns whether a model's failures since it last answered are its own, not those of a paper: it has failed several papers, or has
 * answered nobody for less than two days.
 *
 * @param classes failures that tell of a model that is away.
 */
export async function isModelAway(
  db: Db,
  model: string,
  classes: readonly string[],
  now: number,
): Promise<boolean> {
  const until = isoTime(now + CLOCK_TOLERANCE_MS)
  const rows = await newestOf(db, { model, until })
  const answered = rows.findIndex((row) => !classes.includes(row.error_class ?? ''))
  const failed = answered === -1 ? rows : rows.slice(0, answered)
  if (failed.length === 0) return false
  if (new Set(failed.map((row) => row.execution_id)).size > 1) return true
  const row = await db
    .selectFrom('llm_calls')
    .select((eb) => eb.fn.min('finished_at').as('first'))
    .where('asked_model', '=', model)
    .where('finished_at', '>', (eb) =>
      eb
        .selectFrom('llm_calls')
        .select((inner) => inner.fn.coalesce(inner.fn.max('finished_at'), sql.lit('')).as('answered'))
        .where('asked_model', '=', model)
        .where('finished_at', '<=', until)
        .where((inner) =>
          inner.or([inner('error_class', 'is', null), inner('error_class', 'not in', [...classes])]),
        ),
    )
    .executeTakeFirst()
  return row?.first == null || now - Date.parse(row.first) < LONGEST_ALONE_MS
}

/**
 * Closes a circuit by hand.
 *
 * @returns false if there is no such circuit, or it is closed.
 */
export async function closeCircuit(db: Db, name: string): Promise<boolean> {
  return transact(db, function* (): Steps<boolean> {
    const [circuit] = yield* holdCircuit.step({ name })
    if (circuit === undefined || circuit.state === 'closed') return false
    yield* close.unread({ name })
    return true
  })
}

/**
 * Returns whether a request that was booked earlier must not be sent after all: something has closed meanwhile, or it
 * would come beside the one that probes it.
 */
export function* hasClosed(names: readonly string[], callId: string, now: number): Steps<boolean> {
  const circuits = yield* openCircuits.step({})
  return circuits.some(
    (circuit) =>
      names.includes(circuit.name) &&
      (circuit.needs_probe === 1 || retryMoment(circuit, now) > now) &&
      circuit.probe_call_id !== callId,
  )
}
