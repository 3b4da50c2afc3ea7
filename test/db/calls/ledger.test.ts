import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import { LeaseLostError } from '../../../src/db/leases/leases.js'
import { BudgetSpentError, usedRequests } from '../../../src/db/calls/day-counts.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import type { CallRequest } from '../../../src/db/calls/booking.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { cancelCall } from '../../../src/db/calls/sending.js'
import type { CallResult } from '../../../src/db/calls/settle.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { addPapers, dump, mustClaim, NOON, openRaw, openTestDatabase } from '../../support/database.js'
import { bookCall, callRequest, callResult as result, callWindow, PLAIN } from '../../support/ledger.js'

const DAY = '2026-03-04'
const MIDNIGHT = Date.UTC(2026, 2, 5)

async function requester(db: Db): Promise<(changes?: Partial<CallRequest>) => Promise<string>> {
  await addPapers(db, 1)
  const { lease } = await mustClaim(db)
  return async (changes) => bookCall(db, callRequest(lease, { budget: 3, ...changes }))
}

async function settle(db: Db, callId: string, changes: Partial<CallResult>, now = NOON): Promise<void> {
  await settlement(db, callId, result(changes), PLAIN, now).commit()
}

describe('a reservation', () => {
  it('writes the row before anything is sent', async () => {
    const { db, path } = await openTestDatabase()
    const reserve = await requester(db)
    const callId = await reserve({ role: 'expensive', attempt: 2 })
    const { rows } = dump(path)
    expect(rows['llm_calls']).toMatchObject([
      {
        call_id: callId,
        phase: 'prep',
        state: 'ask',
        role: 'expensive',
        model: 'vendor/model:free',
        attempt: 2,
        usage_date: DAY,
        started_at: isoTime(NOON),
        finished_at: null,
        outcome: 'in_flight',
        counted: 1,
        owner_id: 'me',
      },
    ])
    expect(rows['daily_usage']).toEqual([{ date: DAY, total_calls: 1, cheap_calls: 0, expensive_calls: 1 }])
  })

  it('is refused at the limit, with the moment of the reset and nothing written', async () => {
    const { db, path } = await openTestDatabase()
    const reserve = await requester(db)
    for (let n = 0; n < 3; n += 1) await reserve()
    const before = dump(path)
    const error: unknown = await reserve().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BudgetSpentError)
    expect(error).toMatchObject({
      code: 'budget_spent',
      limit: 3,
      resetsAt: MIDNIGHT,
      exitCode: 75,
      retryable: false,
    })
    expect(dump(path)).toEqual(before)
    await reserve({ budget: 4 })
  })

  it('is unlimited with a budget of 0', async () => {
    const { db } = await openTestDatabase()
    const reserve = await requester(db)
    for (let n = 0; n < 5; n += 1) await reserve({ budget: 0 })
    expect(await usedRequests(db, DAY)).toBe(5)
  })

  it('belongs to the UTC day in which it was made', async () => {
    const { db, path } = await openTestDatabase()
    const reserve = await requester(db)
    const before = { now: MIDNIGHT - 1 }
    for (let n = 0; n < 3; n += 1) await reserve(before)
    await expect(reserve(before)).rejects.toBeInstanceOf(BudgetSpentError)
    // Another machine's clock is past midnight already: its day is a new one, and ours stays spent.
    const late = await reserve({ now: MIDNIGHT })
    await expect(reserve(before)).rejects.toMatchObject({ resetsAt: MIDNIGHT })
    await settle(db, late, { counted: false, outcome: 'error' }, MIDNIGHT + 9)
    expect(dump(path).rows['daily_usage']).toMatchObject([
      { date: '2026-03-04', total_calls: 3 },
      { date: '2026-03-05', total_calls: 0 },
    ])
  })

  it('counts what an earlier tool spent on the same day', async () => {
    const { db, path } = await openTestDatabase()
    const reserve = await requester(db)
    openRaw(path).prepare('insert into daily_usage values (?, 2, 2, 0)').run(DAY)
    await reserve()
    expect(await usedRequests(db, DAY)).toBe(3)
    await expect(reserve()).rejects.toBeInstanceOf(BudgetSpentError)
    await reserve({ now: MIDNIGHT })
  })

  it('does not trust a daily_usage that knows less than the ledger', async () => {
    const { db, path } = await openTestDatabase()
    const reserve = await requester(db)
    for (let n = 0; n < 3; n += 1) await reserve()
    openRaw(path).exec('delete from daily_usage')
    await expect(reserve()).rejects.toBeInstanceOf(BudgetSpentError)
  })

  it('comes after the fence: a lost lease is reported even when the budget is spent', async () => {
    const { db } = await openTestDatabase()
    const reserve = await requester(db)
    for (let n = 0; n < 3; n += 1) await reserve()
    await mustClaim(db, { ownerId: 'other', now: NOON + 999_000 })
    await expect(reserve()).rejects.toBeInstanceOf(LeaseLostError)
  })
})

describe('a settlement', () => {
  it('closes the row with what is known of the answer', async () => {
    const { db, path } = await openTestDatabase()
    const callId = await (await requester(db))()
    const rateLimit = { limited: true, retry_after: 3, windows: [] }
    await settle(
      db,
      callId,
      {
        outcome: 'rate_limited',
        model: 'other/model',
        statusCode: 429,
        errorClass: 'rate_limited_minute',
        promptTokens: null,
        completionTokens: null,
        costUsd: null,
        rateLimit,
      },
      NOON + 1500,
    )
    expect(dump(path).rows['llm_calls']).toMatchObject([
      {
        outcome: 'rate_limited',
        model: 'other/model',
        status_code: 429,
        error_class: 'rate_limited_minute',
        counted: 1,
        prompt_tokens: null,
        latency_ms: 900,
        rate_limit: JSON.stringify(rateLimit),
        finished_at: isoTime(NOON + 1500),
      },
    ])
  })

  it('keeps the model that was asked where the answer names none', async () => {
    const { db, path } = await openTestDatabase()
    const callId = await (await requester(db))()
    await settle(db, callId, {}, NOON)
    expect(dump(path).rows['llm_calls']).toMatchObject([{ model: 'vendor/model:free' }])
  })

  it('changes nothing the second time', async () => {
    const { db, path } = await openTestDatabase()
    const callId = await (await requester(db))()
    await settle(db, callId, { counted: false, outcome: 'error' }, NOON)
    const once = dump(path)
    expect(once.rows['daily_usage']).toMatchObject([{ total_calls: 0, cheap_calls: 0 }])
    await settle(db, callId, { counted: false, outcome: 'error' }, NOON + 1)
    await settle(db, callId, {}, NOON + 2)
    expect(dump(path)).toEqual(once)
  })

  it('gives the request back when the provider saw none of it', async () => {
    const { db, path } = await openTestDatabase()
    const reserve = await requester(db)
    const ids = [await reserve(), await reserve({ role: 'expensive' }), await reserve()]
    await settle(db, ids[1] ?? '', { counted: false, outcome: 'error' }, NOON)
    expect(dump(path).rows['daily_usage']).toEqual([
      { date: DAY, total_calls: 2, cheap_calls: 2, expensive_calls: 0 },
    ])
    expect(await usedRequests(db, DAY)).toBe(2)
    await reserve()
  })
})

describe('a slot that is given back', () => {
  it('leaves no trace, and is the next one’s', async () => {
    const { db, path } = await openTestDatabase()
    const reserve = await requester(db)
    const { lease } = await mustClaim(db, { ownerId: 'other', now: NOON + 999_000 })
    expect(reserve).toBeDefined()
    const before = dump(path)
    const request = callRequest(lease, { budget: 1, window: callWindow(1), now: NOON + 999_000 })
    const booked = await reserveCall(db, request)
    if (booked.kind !== 'booked') throw new Error(booked.reason)
    await cancelCall(db, booked.callId, request.now)
    const usage = dump(path).rows['daily_usage']
    expect(usage).toMatchObject([{ date: DAY, total_calls: 0, cheap_calls: 0 }])
    expect({ ...dump(path).rows, daily_usage: [] }).toEqual({ ...before.rows, daily_usage: [] })
    expect(await reserveCall(db, request)).toMatchObject({ kind: 'booked', sendAt: booked.sendAt })
  })

  it('is not given back once it was used', async () => {
    const { db, path } = await openTestDatabase()
    const callId = await (await requester(db))()
    await settle(db, callId, {})
    const before = dump(path)
    await cancelCall(db, callId, NOON)
    expect(dump(path)).toEqual(before)
  })
})
