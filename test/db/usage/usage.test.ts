import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { costPerPaper } from '../../../src/db/usage/requests-per-paper.js'
import { usageByDay } from '../../../src/db/usage/usage-by-day.js'
import { budgetOf, requestsOfExecution } from '../../../src/db/usage/usage.js'
import { callsInFlight } from '../../../src/db/usage/in-flight.js'
import { circuitsAt } from '../../../src/db/calls/circuit-list.js'
import { addPapers, mustClaim, NOON, openRaw, openTestDatabase } from '../../support/database.js'
import { call, FAILED } from '../calls/calls.js'

const DAY = '2026-03-04'
const DAY_MS = 86_400_000
const EMPTY = {
  requests: 0,
  ok: 0,
  failed: 0,
  uncounted: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  cost_usd: 0,
}

async function worked(): Promise<{ db: Db; path: string; leases: Lease[] }> {
  const { db, path } = await openTestDatabase()
  await addPapers(db, 3)
  const leases = [(await mustClaim(db)).lease, (await mustClaim(db)).lease]
  const [first, second] = leases as [Lease, Lease]
  await call(db, { lease: second, now: NOON - 86_400_000, result: {} })
  await call(db, { lease: first, result: {} })
  await call(db, {
    lease: first,
    result: { ...FAILED, outcome: 'rate_limited', errorClass: 'rate_limited_minute' },
  })
  await call(db, { lease: first, phase: 'analyze', role: 'expensive', model: 'm2', result: { model: 'm3' } })
  await call(db, { lease: second, result: { ...FAILED, counted: false, errorClass: 'unreachable' } })
  await call(db, { lease: second, now: NOON + 1000 })
  return { db, path, leases }
}

describe('budgetOf', () => {
  it('of an empty DB is all zero', async () => {
    const { db } = await openTestDatabase()
    expect(await budgetOf(db, DAY, 50, NOON)).toEqual({
      date: DAY,
      limit: 50,
      used: 0,
      remaining: 50,
      cheap: 0,
      expensive: 0,
      resets_at: '2026-03-05T00:00:00.000Z',
      by_role: {},
      by_phase: {},
      by_model: {},
      circuits: [],
      rate_limits: [],
    })
  })

  it('adds up the day by role, phase and model', async () => {
    const { db } = await worked()
    expect(await budgetOf(db, DAY, 5, NOON)).toMatchObject({
      used: 4,
      remaining: 1,
      cheap: 3,
      expensive: 1,
      by_phase: {
        analyze: { requests: 1, ok: 1, failed: 0, prompt_tokens: 100, completion_tokens: 10, cost_usd: 0.5 },
        prep: { requests: 3, ok: 1, failed: 1, uncounted: 1, prompt_tokens: 100, completion_tokens: 10 },
      },
      by_role: { cheap: { requests: 3, ok: 1, failed: 1, uncounted: 1 }, expensive: { requests: 1, ok: 1 } },
      by_model: {
        m1: { requests: 3, ok: 1, failed: 1 },
        m3: { requests: 1, ok: 1, failed: 0 },
      },
    })
    expect(await budgetOf(db, '2026-03-03', 5, NOON)).toMatchObject({
      used: 1,
      remaining: 4,
      by_phase: { prep: { requests: 1 } },
    })
  })

  it('never has less than nothing left, and no remainder without a limit', async () => {
    const { db } = await worked()
    expect(await budgetOf(db, DAY, 2, NOON)).toMatchObject({ used: 4, remaining: 0 })
    expect(await budgetOf(db, DAY, 0, NOON)).toMatchObject({ used: 4, limit: 0, remaining: null })
  })

  it('holds an open request for spent, but neither for good nor for failed', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    await call(db, { lease: (await mustClaim(db)).lease })
    expect(await budgetOf(db, DAY, 10, NOON)).toMatchObject({
      used: 1,
      by_phase: { prep: { ...EMPTY, requests: 1 } },
    })
  })

  it("includes the earlier tool's requests of the day", async () => {
    const { db, path } = await worked()
    openRaw(path).exec(`update daily_usage set total_calls = total_calls + 10, cheap_calls = cheap_calls + 8,
      expensive_calls = expensive_calls + 2 where date = '${DAY}'`)
    expect(await budgetOf(db, DAY, 100, NOON)).toMatchObject({
      used: 14,
      cheap: 11,
      expensive: 3,
      remaining: 86,
    })
  })

  it('has the newest limit that each model spoke of', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    const window = { name: 'day', resource: 'requests', remaining: 0, limit: 50, resets_in: 9, reset_at: 10 }
    const seen = (limited: boolean, retry_after: number | null) => ({
      result: { rateLimit: { limited, retry_after, windows: [window] } },
    })
    await call(db, { lease, now: NOON + 2000, ...seen(true, 12) })
    await call(db, { lease, now: NOON + 1000, ...seen(false, null) })
    await call(db, { lease, now: NOON + 3000, result: {} })
    await call(db, { lease, model: 'm2', ...seen(false, null) })
    await call(db, { lease, model: 'm3', now: NOON - DAY_MS, ...seen(true, 1) })
    expect((await budgetOf(db, DAY, 0, NOON)).rate_limits).toEqual([
      { model: 'm1', at: isoTime(NOON + 2000), limited: true, retry_after: 12, windows: [window] },
      { model: 'm2', at: isoTime(NOON), limited: false, retry_after: null, windows: [window] },
    ])
  })
})

describe('circuitsAt', () => {
  it('takes a pause that lasts longer than anything does for one of a wrong clock, as whoever sends does', async () => {
    const { db, path } = await openTestDatabase()
    openRaw(path)
      .exec(`insert into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings)
      values ('a', 'open', '${isoTime(NOON)}', '${isoTime(NOON + 400 * DAY_MS)}', 'r', 'rate_limited_day', 0, 0)`)
    expect(await circuitsAt(db, NOON)).toMatchObject([{ name: 'a', state: 'closed' }])
  })

  it('lists circuits by name; a pause that has passed is over', async () => {
    const { db, path } = await openTestDatabase()
    const [past, future] = [isoTime(NOON - 1), isoTime(NOON + 1)]
    openRaw(path)
      .exec(`insert into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings)
      values ('d', 'open', 'x', '${future}', 'r', 'timeout', 1, 3), ('c', 'open', 'x', '${past}', 'r', 'timeout', 1, 1),
        ('b', 'open', 'x', '${past}', 'r', 'rate_limited_minute', 0, 0), ('a', 'closed', null, null, null, null, 0, 0)`)
    const circuits = await circuitsAt(db, NOON)
    expect(circuits.map(({ name, state }) => [name, state])).toEqual([
      ['a', 'closed'],
      ['b', 'closed'],
      ['c', 'open'],
      ['d', 'open'],
    ])
    expect(circuits[3]).toEqual({
      name: 'd',
      state: 'open',
      opened_at: 'x',
      retry_at: future,
      reason: 'r',
      error_class: 'timeout',
      needs_probe: true,
      openings: 3,
    })
  })
})

describe('costPerPaper', () => {
  const done = async (db: Db, lease: Lease): Promise<void> =>
    db
      .transaction()
      .execute((trx) => finishExecution(trx, lease, { status: 'done', attempts: 'reset' }, NOON))

  it('is measured over finished papers that were asked about here, by phase', async () => {
    const { db, path, leases } = await worked()
    const [first, second] = leases as [Lease, Lease]
    expect((await costPerPaper(db)).all).toBeNull()
    await done(db, first)
    expect((await costPerPaper(db)).all).toEqual({ requests: 3, byPhase: { prep: 2, analyze: 1 }, papers: 1 })
    await done(db, second)
    expect((await costPerPaper(db)).all).toEqual({
      requests: 2.5,
      byPhase: { prep: 2, analyze: 1 },
      papers: 2,
    })
    // Done by the earlier tool, of whose requests nothing is known.
    openRaw(path).exec(
      "insert into executions (execution_id, arxiv_id, paper_id, status) values ('old', 'o', 1, 'done')",
    )
    expect((await costPerPaper(db)).all).toMatchObject({ requests: 2.5, papers: 2 })
    expect(await requestsOfExecution(db, first.executionId, null)).toEqual({ cheap: 2, expensive: 1 })
    const later = isoTime(NOON + 86_400_000)
    // One that was put back and done again cost what its last time did.
    await db
      .updateTable('executions')
      .set({ redone_at: later })
      .where('execution_id', '=', first.executionId)
      .execute()
    expect((await costPerPaper(db)).all).toEqual({ requests: 2, byPhase: { prep: 2 }, papers: 1 })
    expect(await requestsOfExecution(db, first.executionId, later)).toEqual({ cheap: 0, expensive: 0 })
  })

  it('counts all requests of a paper of which only the last are new', async () => {
    const { db, path } = await openTestDatabase()
    const fill = (prefix: string, day: string, rows: number, papers: number): string => `
      with recursive n(i) as (select 0 union all select i + 1 from n where i < ${rows - 1})
      insert into llm_calls (call_id, execution_id, phase, role, model, usage_date, started_at, outcome)
      select '${prefix}' || i, 'e' || (i % ${papers}), 'wrap', 'cheap', 'm', '${day}', '', 'ok' from n`
    openRaw(path).exec(`
      with recursive n(i) as (select 0 union all select i + 1 from n where i < 999)
      insert into executions (execution_id, arxiv_id, paper_id, status) select 'e' || i, 'a' || i, i, 'done' from n;
      ${fill('old', '2026-03-01', 7000, 1000)}; ${fill('new', '2026-03-02', 5000, 500)}`)
    expect((await costPerPaper(db)).all).toEqual({ requests: 17, byPhase: { wrap: 17 }, papers: 500 })
  })
})

describe('usageByDay', () => {
  it('has each of the last days, also those without requests', async () => {
    const { db, path, leases } = await worked()
    const [first] = leases as [Lease, Lease]
    await db
      .transaction()
      .execute((trx) => finishExecution(trx, first, { status: 'done', attempts: 'reset' }, NOON))
    openRaw(path).exec("insert into daily_usage values ('2026-03-02', 9, 7, 2)")
    const none = { used: 0, cheap: 0, expensive: 0, ok: 0, failed: 0, papers: 0 }
    expect(await usageByDay(db, 4, NOON)).toEqual([
      { ...none, date: '2026-03-01' },
      { ...none, date: '2026-03-02', used: 9, cheap: 7, expensive: 2 },
      { ...none, date: '2026-03-03', used: 1, cheap: 1, ok: 1 },
      { date: DAY, used: 4, cheap: 3, expensive: 1, ok: 2, failed: 1, papers: 1 },
    ])
    expect(await usageByDay(db, 1, NOON)).toMatchObject([{ date: DAY }])
  })
})

describe('callsInFlight', () => {
  it('tells those that are sent from those that are booked', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    await call(db, { lease, now: NOON + 30_000 })
    await call(db, { lease, phase: 'wrap', now: NOON - 1000, sent: true })
    await call(db, { lease, result: {} })
    expect(await callsInFlight(db)).toEqual([
      {
        execution_id: lease.executionId,
        arxiv_id: '2401.00001',
        phase: 'wrap',
        model: 'm1',
        started_at: isoTime(NOON - 1000),
        booked: false,
      },
      {
        execution_id: lease.executionId,
        arxiv_id: '2401.00001',
        phase: 'prep',
        model: 'm1',
        started_at: isoTime(NOON + 30_000),
        booked: true,
      },
    ])
  })
})
