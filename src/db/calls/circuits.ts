import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import { EXIT, RpaError } from '../../core/errors.js'
import { isGone } from '../../core/owner.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { CircuitState } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'

/** Something is closed to us for longer than one waits for it; nothing was sent. */
export class CircuitOpenError extends RpaError {
  readonly retryable = false

  constructor(
    readonly circuit: string,
    /** The class of failure that opened it. */
    readonly errorClass: string,
    reason: string,
    /** Epoch milliseconds at which it closes, or is probed. */
    readonly retryAt: number,
  ) {
    super('circuit_open', `${circuit} is closed to us until ${isoTime(retryAt)}: ${reason}`, {
      hint: `Run the same command again then. To try it before: rpa budget --close '${circuit}'.`,
      exitCode: EXIT.tempfail,
    })
  }
}

/** A row of `circuits`, as far as decisions need it. */
export type Circuit = {
  name: string
  state: CircuitState
  opened_at: string | null
  retry_at: string | null
  reason: string | null
  error_class: string | null
  needs_probe: number
  openings: number
  probe_call_id: string | null
}

const notClosed = prepared<Record<never, never>, Circuit>((db) =>
  db
    .selectFrom('circuits')
    .select([
      'name',
      'state',
      'opened_at',
      'retry_at',
      'reason',
      'error_class',
      'needs_probe',
      'openings',
      'probe_call_id',
    ])
    .where('state', '<>', sql.lit('closed')),
)

/** What a request has to do because of its circuits. */
export type Admission =
  | { kind: 'free'; probes: readonly string[] }
  /** Sleep until then and ask again: a pause that ends soon, or somebody's probe. */
  | { kind: 'wait'; until: number; reason: string }

/** How often one looks whether somebody else's probe has been answered. */
const PROBE_LOOK_MS = 1000

/**
 * Returns whether a request may be sent as far as its circuits go, and which of them it would probe.
 *
 * @param patienceMs pauses that end within this time are waited for.
 * @throws CircuitOpenError if one of them stays open for longer.
 */
export function* admitSteps(names: readonly string[], now: number, patienceMs: number): Steps<Admission> {
  const circuits = (yield* notClosed.step({})).filter(({ name }) => names.includes(name))
  const probes: string[] = []
  let until = 0
  let reason = ''
  for (const circuit of circuits) {
    const retryAt = retryMoment(circuit)
    if (retryAt <= now || (yield* isAbandoned(circuit, now))) {
      if (circuit.needs_probe === 1) probes.push(circuit.name)
      else yield* close.step({ name: circuit.name })
      continue
    }
    const probed = circuit.state === 'half_open'
    const pause = circuit.needs_probe === 0 && retryAt - now <= patienceMs
    const soon = probed && now - (yield* probedSince(circuit, now)) <= patienceMs
    const why = circuit.reason ?? 'no reason noted'
    if (!soon && !pause) {
      throw new CircuitOpenError(circuit.name, circuit.error_class ?? 'unknown', why, retryAt)
    }
    const look = probed ? Math.min(retryAt, now + PROBE_LOOK_MS) : retryAt
    if (look > until) {
      until = look
      reason = probed ? `${circuit.name} is being probed` : `${circuit.name}: ${why}`
    }
  }
  return until > 0 ? { kind: 'wait', until, reason } : { kind: 'free', probes }
}

type Prober = { outcome: string; started_at: string; owner_id: string | null; lease_until: number | null }

const proberOf = prepared<{ callId: string }, Prober>((db, p) =>
  db
    .selectFrom('llm_calls as c')
    .leftJoin('execution_leases as l', (join) =>
      join.onRef('l.execution_id', '=', 'c.execution_id').onRef('l.owner_id', '=', 'c.owner_id'),
    )
    .select(['c.outcome', 'c.started_at', 'c.owner_id', 'l.lease_until'])
    .where('c.call_id', '=', p.callId),
)

/** Whether a circuit is being probed by a process that was killed: nobody will say what came of it. */
function* isAbandoned({ state, probe_call_id: callId }: Circuit, now: number): Steps<boolean> {
  if (state !== 'half_open' || callId === null) return false
  const [prober] = yield* proberOf.step({ callId })
  if (prober === undefined) return false
  const leased = (prober.lease_until ?? 0) >= Math.floor(now / 1000)
  return prober.outcome !== 'in_flight' || !leased || isGone(prober.owner_id ?? '')
}

/** When the probe of a circuit was sent, epoch milliseconds: one that takes long is not waited for. */
function* probedSince({ probe_call_id: callId }: Circuit, now: number): Steps<number> {
  const [prober] = callId === null ? [] : yield* proberOf.step({ callId })
  return prober === undefined ? now : Date.parse(prober.started_at)
}

const markHalfOpen = preparedWrite<{ name: string; callId: string; until: string }>((db, p) =>
  db
    .updateTable('circuits')
    .set({ state: sql.lit('half_open'), probe_call_id: p.callId, retry_at: p.until })
    .where('name', '=', p.name),
)

/** Makes a request the one probe of these circuits; others wait for it, until `until` at most. */
export function* probeSteps(names: readonly string[], callId: string, until: number): Steps<void> {
  for (const name of names) yield* markHalfOpen.step({ name, callId, until: isoTime(until) })
}

const probedBy = prepared<{ callId: string }, { name: string }>((db, p) =>
  db.selectFrom('circuits').select('name').where('probe_call_id', '=', p.callId),
)
const close = preparedWrite<{ name: string }>((db, p) =>
  db
    .updateTable('circuits')
    .set({ state: sql.lit('closed'), retry_at: null, probe_call_id: null, openings: 0 })
    .where('name', '=', p.name),
)
const reopen = preparedWrite<{ name: string; retryAt: string }>((db, p) =>
  db
    .updateTable('circuits')
    .set({ state: sql.lit('open'), probe_call_id: null, retry_at: p.retryAt })
    .where('name', '=', p.name),
)

/** Settles the circuits that a request probed: `alive` closes them, `unknown` (nothing came of it) leaves them to the next. */
export function* probedSteps(callId: string, ended: 'alive' | 'unknown', now: number): Steps<void> {
  for (const { name } of yield* probedBy.step({ callId })) {
    if (ended === 'alive') yield* close.step({ name })
    else yield* reopen.step({ name, retryAt: isoTime(now) })
  }
}

/** A circuit by its name. */
export const findCircuit = prepared<{ name: string }, Circuit>((db, p) =>
  db.selectFrom('circuits').selectAll().where('name', '=', p.name),
)

/** Returns when a circuit closes or is probed, epoch milliseconds; 0 where nothing is noted. */
export function retryMoment(circuit: Pick<Circuit, 'retry_at'>): number {
  return Date.parse(circuit.retry_at ?? '') || 0
}

/** Returns whether one of these circuits is closed again only by a request that succeeds. */
export async function needsProbe(db: Db, names: readonly string[]): Promise<boolean> {
  const circuits = await notClosed(db, {})
  return circuits.some(({ name, needs_probe: probe }) => probe === 1 && names.includes(name))
}

type FailedCall = { execution_id: string | null; error_class: string | null }

const newestOf = prepared<{ model: string }, FailedCall>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select(['execution_id', 'error_class'])
    .where('asked_model', '=', p.model)
    .where('finished_at', 'is not', null)
    .orderBy('finished_at', 'desc')
    .limit(sql.lit(50)),
)

/** Returns whether a model has failed several papers, not just one, since it last answered; `classes` tell of failures that are its own. */
export async function failsSeveral(db: Db, model: string, classes: readonly string[]): Promise<boolean> {
  const rows = await newestOf(db, { model })
  const answered = rows.findIndex((row) => !classes.includes(row.error_class ?? ''))
  const failed = answered === -1 ? rows : rows.slice(0, answered)
  return new Set(failed.map((row) => row.execution_id)).size > 1
}

/**
 * Closes a circuit by hand.
 *
 * @returns false if there is no such circuit, or it is closed.
 */
export async function closeCircuit(db: Db, name: string): Promise<boolean> {
  return transact(db, function* (): Steps<boolean> {
    const [circuit] = yield* findCircuit.step({ name })
    if (circuit === undefined || circuit.state === 'closed') return false
    yield* close.step({ name })
    return true
  })
}

/** Returns the circuit among these that keeps a request from being sent for the longest, or null. */
export async function blockedBy(db: Db, names: readonly string[], now: number, patienceMs: number) {
  try {
    await transact(db, () => admitSteps(names, now, patienceMs))
    return null
  } catch (error) {
    if (error instanceof CircuitOpenError) return error
    throw error
  }
}

/**
 * Returns whether a request that was booked earlier must not be sent after all: something has closed meanwhile, or it
 * would come beside the one that probes it.
 */
export function* hasClosed(names: readonly string[], callId: string, now: number): Steps<boolean> {
  const circuits = yield* notClosed.step({})
  return circuits.some(
    (circuit) =>
      names.includes(circuit.name) &&
      (circuit.needs_probe === 1 || retryMoment(circuit) > now) &&
      circuit.probe_call_id !== callId,
  )
}
