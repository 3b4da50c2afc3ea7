import { describe, expect, it } from 'vitest'
import { isoTime } from '../../src/core/clock.js'
import { insertExecutions } from '../../src/db/executions.js'
import type { Lease } from '../../src/db/leases.js'
import { finishExecution } from '../../src/db/leases.js'
import type { CallResult } from '../../src/db/ledger.js'
import { reserveCall, settlement } from '../../src/db/ledger.js'
import type { Db } from '../../src/db/prepared.js'
import { budgetOf, requestsOfExecution } from '../../src/db/usage.js'
import { statusReport } from '../../src/pipeline/status.js'
import { addPapers, mustClaim, NOON, openRaw, openTestDatabase, paper } from '../support/database.js'

const DAY = '2026-03-04'
const EMPTY = { ok: 0, failed: 0, prompt_tokens: 0, completion_tokens: 0, cost_usd: 0 }

interface Call {
  lease: Lease
  phase?: string
  role?: 'cheap' | 'expensive'
  model?: string
  now?: number
  result?: Partial<CallResult>
}

/** Books a request and, unless it is to stay open, settles it. */
async function call(
  db: Db,
  { lease, phase = 'prep', role = 'cheap', model = 'm1', now = NOON, result }: Call,
): Promise<void> {
  const callId = await reserveCall(db, {
    executionId: lease.executionId,
    phase,
    machine: phase,
    state: 'ask',
    role,
    model,
    attempt: 1,
    lease,
    budget: 0,
    now,
  })
  if (result === undefined) return
  const ok = {
    outcome: 'ok',
    statusCode: 200,
    errorClass: null,
    counted: true,
    rateLimit: null,
    latencyMs: 5,
  } as const
  const usage = { promptTokens: 100, completionTokens: 10, costUsd: 0.5 }
  await settlement(db, callId, { ...ok, ...usage, ...result }, now).commit()
}

const FAILED = { outcome: 'error', promptTokens: null, completionTokens: null, costUsd: null } as const

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
    expect(await budgetOf(db, DAY, 50)).toEqual({
      date: DAY,
      limit: 50,
      used: 0,
      remaining: 50,
      cheap: 0,
      expensive: 0,
      resets_at: '2026-03-05T00:00:00.000Z',
      by_phase: {},
      by_model: {},
      requests_per_paper: null,
      circuits: [],
    })
  })

  it('adds up the day by role, phase and model', async () => {
    const { db } = await worked()
    expect(await budgetOf(db, DAY, 5)).toMatchObject({
      used: 4,
      remaining: 1,
      cheap: 3,
      expensive: 1,
      by_phase: {
        analyze: { requests: 1, ok: 1, failed: 0, prompt_tokens: 100, completion_tokens: 10, cost_usd: 0.5 },
        prep: { requests: 3, ok: 1, failed: 2, prompt_tokens: 100, completion_tokens: 10, cost_usd: 0.5 },
      },
      by_model: {
        m1: { requests: 3, ok: 1, failed: 2 },
        m3: { requests: 1, ok: 1, failed: 0 },
      },
    })
    expect(await budgetOf(db, '2026-03-03', 5)).toMatchObject({
      used: 1,
      remaining: 4,
      by_phase: { prep: { requests: 1 } },
    })
  })

  it('never has less than nothing left, and no remainder without a limit', async () => {
    const { db } = await worked()
    expect(await budgetOf(db, DAY, 2)).toMatchObject({ used: 4, remaining: 0 })
    expect(await budgetOf(db, DAY, 0)).toMatchObject({ used: 4, limit: 0, remaining: null })
  })

  it('holds an open request for spent, but neither for good nor for failed', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    await call(db, { lease: (await mustClaim(db)).lease })
    expect(await budgetOf(db, DAY, 10)).toMatchObject({
      used: 1,
      by_phase: { prep: { ...EMPTY, requests: 1 } },
    })
  })

  it("includes the earlier tool's requests of the day", async () => {
    const { db, path } = await worked()
    openRaw(path).exec(`update daily_usage set total_calls = total_calls + 10, cheap_calls = cheap_calls + 8,
      expensive_calls = expensive_calls + 2 where date = '${DAY}'`)
    expect(await budgetOf(db, DAY, 100)).toMatchObject({ used: 14, cheap: 11, expensive: 3, remaining: 86 })
  })

  it('measures requests per paper over finished papers that were asked about here', async () => {
    const { db, path, leases } = await worked()
    const [first, second] = leases as [Lease, Lease]
    const done = async (lease: Lease): Promise<void> =>
      db
        .transaction()
        .execute((trx) => finishExecution(trx, lease, { status: 'done', attempts: 'reset' }, NOON))
    await done(first)
    expect((await budgetOf(db, DAY, 0)).requests_per_paper).toBe(3)
    await done(second)
    expect((await budgetOf(db, DAY, 0)).requests_per_paper).toBe(2.5)
    // Done by the earlier tool, of whose requests nothing is known.
    openRaw(path).exec(
      "insert into executions (execution_id, arxiv_id, paper_id, status) values ('old', 'o', 1, 'done')",
    )
    expect((await budgetOf(db, DAY, 0)).requests_per_paper).toBe(2.5)
    expect(await requestsOfExecution(db, first.executionId)).toEqual({ cheap: 2, expensive: 1 })
  })

  it('lists circuits by name', async () => {
    const { db, path } = await openTestDatabase()
    openRaw(path).exec(
      "insert into circuits values ('b', 'open', 'x', 'y', 'z'), ('a', 'closed', null, null, null)",
    )
    expect((await budgetOf(db, DAY, 1)).circuits).toEqual([
      { name: 'a', state: 'closed', opened_at: null, retry_at: null, reason: null },
      { name: 'b', state: 'open', opened_at: 'x', retry_at: 'y', reason: 'z' },
    ])
  })
})

describe('statusReport', () => {
  it('says what there is, who works, what is stuck and what failed', async () => {
    const { db, path, leases } = await worked()
    const [first] = leases as [Lease]
    await insertExecutions(db, [paper(10), paper(11), paper(12)], NOON)
    openRaw(path)
      .exec(`update executions set status = 'failed', error_class = 'timeout' where arxiv_id in ('2401.00010', '2401.00011');
      update executions set status = 'failed' where arxiv_id = '2401.00012';
      update execution_leases set lease_until = ${NOON / 1000 - 1} where execution_id = '${first.executionId}'`)
    const report = await statusReport(db, 1000, NOON)
    expect(report).toMatchObject({
      executions: {
        pending: 1,
        prepping: 2,
        prepped: 0,
        analyzing: 0,
        analyzed: 0,
        wrapping: 0,
        done: 0,
        failed: 3,
      },
      total: 6,
      working: [{ arxiv_id: '2401.00002', owner_id: 'me', live: true, status: 'prepping' }],
      stuck: [{ arxiv_id: '2401.00001', owner_id: 'me', live: false }],
      in_flight: [{ arxiv_id: '2401.00002', phase: 'prep', model: 'm1', started_at: isoTime(NOON + 1000) }],
      failures: [
        { error_class: 'timeout', count: 2 },
        { error_class: 'unknown', count: 1 },
      ],
      budget: { date: DAY, limit: 1000, used: 4, remaining: 996, resets_at: '2026-03-05T00:00:00.000Z' },
      now: isoTime(NOON),
    })
    expect(report.working).toHaveLength(1)
    expect(report.stuck).toHaveLength(1)
  })

  it('calls busy work without any lease stuck', async () => {
    const { db, path } = await openTestDatabase()
    openRaw(path).exec(
      "insert into executions (execution_id, arxiv_id, paper_id, status) values ('old', 'o', 1, 'wrapping')",
    )
    expect((await statusReport(db, 1, NOON)).stuck).toMatchObject([
      { arxiv_id: 'o', owner_id: null, lease_until: null },
    ])
  })
})
