import { describe, expect, it } from 'vitest'
import type { CallWindow } from '../../../src/db/calls/slots.js'
import type { TestDatabase } from '../../support/database.js'
import type { Reservation } from '../../../src/db/calls/booking.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { cancelCall, markCallSent } from '../../../src/db/calls/sending.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { addPapers, mustClaim, openTestDatabase } from '../../support/database.js'
import { callRequest, callResult, callWindow, PLAIN } from '../../support/ledger.js'

/** In the middle of a minute. */
const T0 = Date.parse('2026-03-01T12:00:30Z')
const MINUTE = 60_000

type Ask = (now: number, window: CallWindow | null) => Promise<Reservation>

async function ledger(): Promise<
  TestDatabase & { ask: Ask; slot: (...of: Parameters<Ask>) => Promise<number> }
> {
  const database = await openTestDatabase()
  await addPapers(database.db, 1)
  const { lease } = await mustClaim(database.db, { ttl: 90_000 })
  const ask: Ask = (now, window) => reserveCall(database.db, callRequest(lease, { now, window }))
  /** Returns seconds from T0 to the moment at which the request may be sent. */
  const slot = async (now: number, window: CallWindow | null): Promise<number> => {
    const reservation = await ask(now, window)
    if (reservation.kind === 'wait') throw new Error(`not booked: ${reservation.reason}`)
    return (reservation.sendAt - T0) / 1000
  }
  return { ...database, ask, slot }
}

describe('slots of a limit group', () => {
  it('let no more than the limit through in any 60 seconds; the next are booked in the order in which they come', async () => {
    const { slot } = await ledger()
    const three = callWindow(3)
    for (const second of [0, 10, 20]) expect(await slot(T0 + second * 1000, three)).toBe(second)
    // A new wall-clock minute, but still the same 60 seconds.
    expect(await slot(T0 + 41_000, three)).toBe(60)
    expect(await slot(T0 + 41_000, three)).toBe(70)
    expect(await slot(T0 + 59_000, three)).toBe(80)
    expect(await slot(T0 + 81_000, three)).toBe(120)
  })

  it('are counted for each group alone, and requests without a group not at all', async () => {
    const { slot } = await ledger()
    const other = callWindow(1, { group: 'other' })
    expect(await slot(T0, callWindow(1))).toBe(0)
    expect(await slot(T0, other)).toBe(0)
    expect(await slot(T0, null)).toBe(0)
    expect(await slot(T0, null)).toBe(0)
    expect(await slot(T0, callWindow(1))).toBe(60)
    expect(await slot(T0 + 1, other)).toBe(60)
  })

  it('keep the spacing', async () => {
    const { slot } = await ledger()
    const spaced = callWindow(20, { spacingMs: 3000 })
    expect(await slot(T0, spaced)).toBe(0)
    expect(await slot(T0, spaced)).toBe(3)
    expect(await slot(T0 + 7000, spaced)).toBe(7)
  })

  it('keep the spacing to a request that was sent as soon as it was booked', async () => {
    const { ask, slot, db } = await ledger()
    const spaced = callWindow(1200, { spacingMs: 20 })
    const first = await ask(T0, spaced)
    if (first.kind === 'wait') throw new Error(first.reason)
    // From then on it counts as sent 50 ms later, the last moment at which it can have been.
    expect(await markCallSent(db, first, [], T0)).toMatchObject({ kind: 'send' })
    expect(await slot(T0 + 1, spaced)).toBeGreaterThanOrEqual(0.02)
  })

  it.each([28.9, 29.1, 29.9, 30, 30.1, 30.9, 31.1])(
    'are not near the border of a wall-clock minute: asked at %d s',
    async (second) => {
      const { slot } = await ledger()
      const border = 30
      const sent = await slot(T0 + second * 1000, callWindow(20))
      expect(Math.abs(sent - border)).toBeGreaterThanOrEqual(1)
      expect(sent).toBe(Math.abs(second - border) < 1 ? 31 : second)
    },
  )

  it('end where too many are booked ahead: then one asks again', async () => {
    const { ask, slot } = await ledger()
    for (let n = 0; n <= 5; n += 1) expect(await slot(T0, callWindow(1))).toBe(n * 60)
    const reservation = await ask(T0, callWindow(1))
    expect(reservation).toMatchObject({ kind: 'wait', until: T0 + MINUTE })
    expect(await slot(T0 + MINUTE, callWindow(1))).toBe(360)
  })

  it('that are given back are booked again', async () => {
    const { ask, slot, db } = await ledger()
    await slot(T0, callWindow(1))
    const second = await ask(T0, callWindow(1))
    if (second.kind === 'wait') throw new Error(second.reason)
    await cancelCall(db, second.callId, T0)
    expect(await slot(T0, callWindow(1))).toBe(60)
  })

  it('of the day after count for that day', async () => {
    const { slot, db } = await ledger()
    const lateEvening = Date.parse('2026-03-01T23:59:40Z')
    await slot(lateEvening, callWindow(1))
    await slot(lateEvening, callWindow(1))
    const days = await db.selectFrom('llm_calls').select('usage_date').orderBy('started_at').execute()
    expect(days).toEqual([{ usage_date: '2026-03-01' }, { usage_date: '2026-03-02' }])
  })
})

describe('a limit that was learned from a refusal', () => {
  async function learned(perMinute: number, until: number) {
    const opened = await ledger()
    const first = await opened.ask(T0, callWindow(20))
    if (first.kind === 'wait') throw new Error(first.reason)
    const consequences = { ...PLAIN, learned: { group: 'free', perMinute, until } }
    await settlement(opened.db, first.callId, callResult(), consequences, T0 + 500).commit()
    return opened
  }

  it('holds until its time is over', async () => {
    const { slot } = await learned(2, T0 + 20_000)
    expect(await slot(T0 + 1000, callWindow(20))).toBe(1)
    expect(await slot(T0 + 2000, callWindow(20))).toBe(60)
    expect(await slot(T0 + 20_001, callWindow(20))).toBe(20.001)
  })

  it('only ever lowers what is configured', async () => {
    const { slot } = await learned(10, T0 + 20_000)
    expect(await slot(T0 + 1000, callWindow(1))).toBe(60)
  })
})

describe('concurrency', () => {
  it('is of all requests under way, and never takes a slot in vain', async () => {
    const { ask, slot, db } = await ledger()
    const two = callWindow(20, { concurrency: 2 })
    const first = await ask(T0, two)
    await slot(T0, two)
    const third = await ask(T0, two)
    expect(third).toMatchObject({ kind: 'wait', until: T0 + 500 })
    expect(await slot(T0, callWindow(20, { group: 'other', concurrency: 2 }))).toBe(0)
    if (first.kind === 'wait') throw new Error(first.reason)
    await settlement(db, first.callId, callResult(), PLAIN, T0 + 400).commit()
    expect(await slot(T0 + 500, two)).toBe(0.5)
  })
})

describe('a clock that is set', () => {
  it('an hour back makes nobody wait for what is in its future', async () => {
    const { slot } = await ledger()
    await slot(T0, callWindow(1))
    expect(await slot(T0 - 3_600_000, callWindow(1))).toBe(-3600)
    expect(await slot(T0 - 3_600_000, callWindow(1))).toBe(-3540)
  })

  it('an hour ahead, and back again, keeps the limit of what was sent since', async () => {
    const { slot } = await ledger()
    expect(await slot(T0, callWindow(1))).toBe(0)
    expect(await slot(T0 + 3_600_000, callWindow(1))).toBe(3600)
    expect(await slot(T0 + 1000, callWindow(1))).toBe(60)
  })
})
