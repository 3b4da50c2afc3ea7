import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import { groupDay } from '../../../src/db/calls/day-counts.js'
import {
  limitStates,
  minuteState,
  providerCounts,
  recordProviderCount,
} from '../../../src/db/calls/limit-states.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { addPapers, mustClaim, NOON, openRaw, openTestDatabase } from '../../support/database.js'
import { call, FAILED, window } from './calls.js'

const TODAY = '2026-03-04'
/** Away from the border of a minute, where no slot is given. */
const NOW = NOON + 30_000

async function claimed(): Promise<{ db: Db; path: string; lease: Lease }> {
  const { db, path } = await openTestDatabase()
  await addPapers(db, 1)
  return { db, path, lease: (await mustClaim(db)).lease }
}

async function calls(db: Db, lease: Lease, count: number, changes: object = {}): Promise<void> {
  for (let n = 0; n < count; n += 1)
    await call(db, { lease, group: 'free', now: NOW + n, result: {}, ...changes })
}

describe('the count of a provider', () => {
  it("stands beside the ledger's count of the same group and day", async () => {
    const { db, lease } = await claimed()
    await calls(db, lease, 3)
    await calls(db, lease, 2, { group: 'other' })
    await calls(db, lease, 1, { now: NOW - 86_400_000 })
    await calls(db, lease, 1, { result: { ...FAILED, counted: false } })
    const count = { date: TODAY, perDay: 50, providerUsed: 10 }
    const recorded = {
      group: 'free',
      date: TODAY,
      limit: 50,
      used: 10,
      ledger_used: 3,
      elsewhere: 7,
      checked_at: isoTime(NOW),
    }
    expect(await recordProviderCount(db, 'free', count, NOW)).toEqual(recorded)
    expect(await providerCounts(db)).toEqual([recorded])
  })

  it('makes what was sent elsewhere part of the day, from then on', async () => {
    const { db, lease } = await claimed()
    await calls(db, lease, 3)
    await recordProviderCount(db, 'free', { date: TODAY, perDay: 50, providerUsed: 10 }, NOW)
    expect(await groupDay(db, 'free', null, TODAY)).toEqual({ used: 10, limit: 50 })
    await calls(db, lease, 2)
    expect(await groupDay(db, 'free', 40, TODAY)).toEqual({ used: 12, limit: 40 })
    expect(await groupDay(db, 'free', null, '2026-03-05')).toEqual({ used: 0, limit: null })
  })

  it('that lags behind takes nothing from what we counted', async () => {
    const { db, lease } = await claimed()
    await calls(db, lease, 3)
    await recordProviderCount(db, 'free', { date: TODAY, perDay: null, providerUsed: 1 }, NOW)
    expect(await providerCounts(db)).toMatchObject([{ used: 1, limit: null, ledger_used: 3, elsewhere: -2 }])
    expect(await groupDay(db, 'free', null, TODAY)).toEqual({ used: 3, limit: null })
  })

  it('lags: what was once sent elsewhere is not forgotten when a later look sees less of it', async () => {
    const { db } = await claimed()
    const told = (providerUsed: number, now: number) =>
      recordProviderCount(db, 'free', { date: TODAY, perDay: 50, providerUsed }, now)
    expect(await told(20, NOW)).toMatchObject({ elsewhere: 20 })
    expect(await told(15, NOW + 1000)).toMatchObject({ used: 15, elsewhere: 20 })
    expect(await groupDay(db, 'free', 1000, TODAY)).toEqual({ used: 20, limit: 50 })
    expect(await told(25, NOW + 2000)).toMatchObject({ elsewhere: 25 })
  })

  it('replaces the one before, and leaves what was learned of the minute', async () => {
    const { db, path } = await claimed()
    openRaw(path).exec(
      "insert into limit_states (limit_group, per_minute, per_minute_until) values ('free', 8, '2026-03-04T13:00:00.000Z')",
    )
    await recordProviderCount(
      db,
      'free',
      { date: '2026-03-03', perDay: 50, providerUsed: 49 },
      NOW - 86_400_000,
    )
    await recordProviderCount(db, 'free', { date: TODAY, perDay: 1000, providerUsed: 2 }, NOW)
    expect(await limitStates(db)).toEqual([
      {
        limit_group: 'free',
        per_minute: 8,
        per_minute_until: '2026-03-04T13:00:00.000Z',
        usage_date: TODAY,
        per_day: 1000,
        provider_used: 2,
        ledger_used: 0,
        elsewhere: 2,
        checked_at: isoTime(NOW),
      },
    ])
  })

  it('is none where only a minute was learned', async () => {
    const { db, path } = await claimed()
    openRaw(path).exec("insert into limit_states (limit_group, per_minute) values ('free', 8)")
    expect(await providerCounts(db)).toEqual([])
  })
})

describe('the minute of a group', () => {
  it('is empty where nothing was sent', async () => {
    const { db } = await claimed()
    expect(await minuteState(db, window('free'), NOW)).toEqual({
      group: 'free',
      used: 0,
      booked: 0,
      limit: 20,
      next_at: null,
    })
  })

  it('holds what was sent in it, and what is booked', async () => {
    const { db, lease } = await claimed()
    await calls(db, lease, 2, { now: NOW - 60_000 })
    await calls(db, lease, 3, { now: NOW - 10_000 })
    await calls(db, lease, 2, { now: NOW + 5000 })
    await calls(db, lease, 1, { group: 'other' })
    expect(await minuteState(db, window('free'), NOW)).toMatchObject({
      used: 3,
      booked: 2,
      // Places are left before what is booked.
      next_at: null,
    })
  })

  it('says when the next may begin once it is full', async () => {
    const { db, lease } = await claimed()
    await calls(db, lease, 20, { now: NOW - 20_000 })
    expect(await minuteState(db, window('free'), NOW)).toMatchObject({
      used: 20,
      next_at: isoTime(NOW + 40_000),
    })
  })

  it('has the limit that a refusal taught, while that holds', async () => {
    const { db, path, lease } = await claimed()
    openRaw(path).exec(
      `insert into limit_states (limit_group, per_minute, per_minute_until) values ('free', 2, '${isoTime(NOW + 1)}')`,
    )
    await calls(db, lease, 1, { now: NOW - 20_000 })
    expect(await minuteState(db, window('free'), NOW)).toMatchObject({ limit: 2, used: 1 })
    expect(await minuteState(db, window('free'), NOW + 1)).toMatchObject({ limit: 20 })
  })
})
