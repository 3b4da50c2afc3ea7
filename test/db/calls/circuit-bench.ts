import { isoTime } from '../../../src/core/clock.js'
import type { CircuitOpening, CircuitTuning } from '../../../src/db/calls/circuit-openings.js'
import type { TestDatabase } from '../../support/database.js'
import type { CallRequest, Reservation } from '../../../src/db/calls/booking.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import type { CallResult, Consequences } from '../../../src/db/calls/settle.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { addPapers, dump, mustClaim, openTestDatabase } from '../../support/database.js'
import { bookCall, callRequest, callResult, PLAIN, TUNING } from '../../support/ledger.js'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const NAME = 'model:m'
const FAULTS = ['server_error', 'timeout']

/** A failure that opens a circuit once there are enough of its kind. */
export const opening = (changes: Partial<CircuitOpening> = {}): CircuitOpening => ({
  name: NAME,
  errorClass: 'server_error',
  reason: 'it failed',
  when: 'outage',
  retryAt: null,
  outageClasses: FAULTS,
  ...changes,
})
/** The provider named the moment. */
export const told = (retryAt: number): CircuitOpening =>
  opening({ when: 'told', retryAt, errorClass: 'told' })
/** A refusal, one of many. */
export const dense = opening({ when: 'dense', errorClass: 'rate_limited_upstream' })
/** Enough by itself. */
export const now = opening({ when: 'now' })

interface Row {
  state: string
  retry_at: string | null
  needs_probe: number
  openings: number
  probe_call_id: string | null
}

/** A DB with one paper in work, whose requests open and probe circuits. */
export class CircuitBench {
  constructor(
    readonly database: TestDatabase,
    private readonly request: (changes: Partial<CallRequest>) => CallRequest,
  ) {}

  ask(at: number, changes: Partial<CallRequest> = {}): Promise<Reservation> {
    return reserveCall(this.database.db, this.request({ now: at, ...changes }))
  }

  book(at: number, changes: Partial<CallRequest> = {}): Promise<string> {
    return bookCall(this.database.db, this.request({ now: at, ...changes }))
  }

  settle(
    callId: string,
    at: number,
    result: Partial<CallResult>,
    than: Partial<Consequences>,
  ): Promise<void> {
    const consequences = { ...PLAIN, alive: false, ...than }
    return settlement(this.database.db, callId, callResult(result), consequences, at).commit()
  }

  /** Sends a request past the circuits, and fails it so. */
  async fail(at: number, failure: CircuitOpening, tuning: Partial<CircuitTuning> = {}): Promise<void> {
    const outcome = failure.errorClass.startsWith('rate_limited') ? 'rate_limited' : 'error'
    const callId = await this.book(at, { circuits: [] })
    const than = { openings: [failure], tuning: { ...TUNING, ...tuning } }
    await this.settle(callId, at, { outcome, errorClass: failure.errorClass }, than)
  }

  async succeed(at: number, changes: Partial<CallRequest> = {}): Promise<void> {
    await this.settle(await this.book(at, { circuits: [], ...changes }), at, {}, { alive: true })
  }

  circuit(name = NAME): Row | undefined {
    const rows = dump(this.database.path).rows['circuits'] as (Row & { name: string })[]
    return rows.find((row) => row.name === name)
  }
}

export async function circuitBench(): Promise<CircuitBench> {
  const database = await openTestDatabase()
  await addPapers(database.db, 1)
  const { lease } = await mustClaim(database.db, { ttl: 90_000 })
  return new CircuitBench(database, (changes) =>
    callRequest(lease, { model: 'm', circuits: [NAME], patienceMs: 0, timeoutMs: 10 * SECOND, ...changes }),
  )
}

/** A row of a circuit that is open until then. */
export const openUntil = (at: number, more: Partial<Row> = {}): object => ({
  state: 'open',
  retry_at: isoTime(at),
  ...more,
})
