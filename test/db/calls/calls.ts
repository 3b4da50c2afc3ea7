import type { Lease } from '../../../src/db/leases/leases.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { markCallSent } from '../../../src/db/calls/sending.js'
import type { CallResult } from '../../../src/db/calls/settle.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { NOON } from '../../support/database.js'
import { TUNING } from '../../support/ledger.js'

export interface Call {
  lease: Lease
  phase?: string
  role?: 'cheap' | 'expensive'
  model?: string
  /** Name of the limit group; by default none. */
  group?: string
  now?: number
  /** Whether one that stays open was sent. */
  sent?: boolean
  /** Left out: the request stays open. */
  result?: Partial<CallResult>
}

export const FAILED = { outcome: 'error', promptTokens: null, completionTokens: null, costUsd: null } as const

/** Books a request and, unless it is to stay open, settles it; by default well, with 100 and 10 tokens for half a dollar. */
export async function call(db: Db, { lease, now = NOON, result, ...rest }: Call): Promise<void> {
  const { phase = 'prep', role = 'cheap', model = 'm1', group, sent = false } = rest
  const reservation = await reserveCall(db, {
    executionId: lease.executionId,
    phase,
    machine: phase,
    state: 'ask',
    role,
    model,
    attempt: 1,
    lease,
    budget: 0,
    window: group === undefined ? null : { ...window(group) },
    circuits: [],
    patienceMs: 0,
    timeoutMs: 60_000,
    deadline: null,
    now,
  })
  if (reservation.kind !== 'booked') throw new Error(`not booked: ${reservation.reason}`)
  if (sent) await markCallSent(db, reservation, [], now)
  if (result === undefined) return
  const ok = {
    outcome: 'ok',
    statusCode: 200,
    errorClass: null,
    counted: true,
    rateLimit: null,
    latencyMs: 5,
    promptTokens: 100,
    completionTokens: 10,
    costUsd: 0.5,
  } as const
  const consequences = { alive: true, openings: [], learned: null, tuning: TUNING }
  await settlement(db, reservation.callId, { ...ok, ...result }, consequences, now).commit()
}

/** A window of 20 requests a minute without any spacing. */
export function window(group: string) {
  return { group, perMinute: 20, minuteMs: 60_000, spacingMs: 0, perDay: null, concurrency: null }
}
