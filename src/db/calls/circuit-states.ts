import { sql } from 'kysely'
import { CLOCK_TOLERANCE_MS, LONGEST_WAIT_MS } from '../../core/clock.js'
import { isGone } from '../../core/processes/owner.js'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { CircuitState } from '../engine/schema.js'

/**
 * Whether a request may be sent now:
 * - `open`: yes;
 * - `probe`: yes, and it finds out for these circuits whether others may;
 * - `closed`: no.
 */
export type Availability = { state: 'open' } | { state: 'probe'; circuits: readonly string[] } | Closed

/** Why nothing is sent. Moments in epoch milliseconds. */
export interface Closed {
  state: 'closed'
  /** The circuit that is open, or the limit group whose day is spent; null: RPA_BUDGET. */
  name: string | null
  /** The class of failure that opened the circuit; null: a day is spent. */
  errorClass: string | null
  /** What the failure said; null: a day is spent. */
  cause: string | null
  /** When it ends, or may be probed. */
  until: number
  /** When it is worth looking again: somebody's probe may be answered before. */
  lookAt: number
  /** It ends within the patience of whoever asks: he waits. */
  soon: boolean
  /** What is left of the day is kept for papers further on. */
  kept: boolean
  /** One line for people. */
  message: string
}

/** A row of `circuits`, as far as decisions need it. */
export type CircuitRow = {
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

/** One that is not closed, with whoever probes it. */
export type OpenCircuit = CircuitRow & {
  probe_outcome: string | null
  probe_started_at: string | null
  probe_owner: string | null
  probe_lease_until: number | null
}

/** All circuits that are not closed. */
export const openCircuits = prepared<Record<never, never>, OpenCircuit>((db) =>
  db
    .selectFrom('circuits as o')
    .leftJoin('llm_calls as c', 'c.call_id', 'o.probe_call_id')
    .leftJoin('execution_leases as l', (join) =>
      join.onRef('l.execution_id', '=', 'c.execution_id').onRef('l.owner_id', '=', 'c.owner_id'),
    )
    .select([
      'o.name',
      'o.state',
      'o.opened_at',
      'o.retry_at',
      'o.reason',
      'o.error_class',
      'o.needs_probe',
      'o.openings',
      'o.probe_call_id',
      'c.outcome as probe_outcome',
      'c.started_at as probe_started_at',
      'c.owner_id as probe_owner',
      'l.lease_until as probe_lease_until',
    ])
    .where('o.state', '<>', sql.lit('closed')),
)

/** How often one looks whether somebody else's probe has been answered. */
const PROBE_LOOK_MS = 1000

/**
 * Returns what these circuits let through.
 *
 * @param names those of one request.
 * @param patienceMs pauses that end within this time, and probes that were sent within it, are waited for.
 */
export function circuitAvailability(
  circuits: readonly OpenCircuit[],
  names: readonly string[],
  now: number,
  patienceMs: number,
): Availability {
  const mine = circuits.filter((circuit) => names.includes(circuit.name) && !isOver(circuit, now))
  const closed = mine
    .filter((circuit) => !mayProbe(circuit, now))
    .map((one) => closedBy(one, now, patienceMs))
  const [worst] = closed.sort((a, b) => Number(a.soon) - Number(b.soon) || b.until - a.until)
  if (worst !== undefined) return worst
  return mine.length === 0 ? { state: 'open' } : { state: 'probe', circuits: mine.map(({ name }) => name) }
}

/** The same with one look at the circuits. */
export async function availabilityOf(
  db: Db,
  names: readonly string[],
  now: number,
  patienceMs: number,
): Promise<Availability> {
  return circuitAvailability(await openCircuits(db, {}), names, now, patienceMs)
}

/** Returns whether a pause has passed: it is over, whether somebody noted it or not. */
export function isOver(
  circuit: Pick<CircuitRow, 'state' | 'needs_probe' | 'opened_at' | 'retry_at'>,
  now: number,
): boolean {
  return circuit.state === 'closed' || (circuit.needs_probe === 0 && retryMoment(circuit, now) <= now)
}

/**
 * Returns when a circuit closes or is probed, epoch milliseconds; 0 where nothing is noted, or what is noted is of a clock that was
 * wrong: it opened in the future, or lasts longer than anything does.
 */
export function retryMoment(circuit: Pick<CircuitRow, 'opened_at' | 'retry_at'>, now: number): number {
  const at = Date.parse(circuit.retry_at ?? '') || 0
  const opened = Date.parse(circuit.opened_at ?? '') || 0
  return opened > now + CLOCK_TOLERANCE_MS || at > now + LONGEST_WAIT_MS ? 0 : at
}

function mayProbe(circuit: OpenCircuit, now: number): boolean {
  return retryMoment(circuit, now) <= now || isAbandoned(circuit, now)
}

/** Whether a circuit is being probed by a process that was killed: nobody will say what came of it. */
function isAbandoned(circuit: OpenCircuit, now: number): boolean {
  if (circuit.state !== 'half_open' || circuit.probe_outcome === null) return false
  const leased = (circuit.probe_lease_until ?? 0) >= Math.floor(now / 1000)
  return circuit.probe_outcome !== 'in_flight' || !leased || isGone(circuit.probe_owner ?? '')
}

function closedBy(circuit: OpenCircuit, now: number, patienceMs: number): Closed {
  const { name, state, reason, error_class: errorClass, needs_probe, probe_started_at } = circuit
  const until = retryMoment(circuit, now)
  const probed = state === 'half_open'
  const cause = reason ?? 'no reason noted'
  // A probe that takes long is not waited for.
  const probedFor = now - (Date.parse(probe_started_at ?? '') || now)
  const pause = needs_probe === 0 && until - now <= patienceMs
  return {
    state: 'closed',
    name,
    errorClass: errorClass ?? 'unknown',
    cause,
    until,
    lookAt: probed ? Math.min(until, now + PROBE_LOOK_MS) : until,
    soon: (probed && patienceMs > 0 && probedFor <= patienceMs) || pause,
    kept: false,
    message: `${name} ${probed ? 'is being probed' : 'is open'}: ${cause}`,
  }
}
