import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import { processOwnerId } from '../../../src/core/processes/owner.js'
import type { Settings } from '../../../src/core/settings/settings.js'
import { resolveSettings } from '../../../src/core/settings/resolve-settings.js'
import { insertExecutions } from '../../../src/db/executions/executions.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import { recordProviderCount } from '../../../src/db/calls/limit-states.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { budgetReport } from '../../../src/pipeline/overview/budget-report.js'
import { statusReport } from '../../../src/pipeline/overview/status-report.js'
import { bookCall, callRequest } from '../../support/ledger.js'
import { markCallSent } from '../../../src/db/calls/sending.js'
import { TransitionLog } from '../../../src/db/checkpoints/transition-log.js'
import { notedRun } from '../../../src/cli/note-run.js'
import { noteBegin } from '../../../src/db/maintenance/command-runs.js'
import { renderStatus } from '../../../src/cli/render/status.js'
import { call, FAILED } from '../../db/calls/calls.js'
import { addPapers, mustClaim, NOON, openRaw, openTestDatabase, paper } from '../../support/database.js'
import { temporaryFolder } from '../../support/temp.js'

const DAY = '2026-03-04'
const NOW = NOON + 30_000
const CHEAP = 'nvidia/nemotron-3-super-120b-a12b:free'
const EXPENSIVE = 'nvidia/nemotron-3-ultra-550b-a55b:free'

async function settings(flags: Record<string, string> = {}): Promise<Settings> {
  return (await resolveSettings(flags, {}, temporaryFolder())).settings
}

interface Given {
  db: Db
  /** Runs SQL beside our own code. */
  change: (sql: string) => void
}

/** Papers in three statuses that wait for a phase each. */
async function waiting(): Promise<Given> {
  const { db, path } = await openTestDatabase()
  await addPapers(db, 6)
  const handle = openRaw(path)
  const change = (sql: string): void => void handle.exec(sql)
  change(`update executions set status = 'prepped', prep_output = '{}' where arxiv_id >= '2401.00003';
    update executions set status = 'analyzed' where arxiv_id = '2401.00006'`)
  return { db, change }
}

const circuit = (name: string, retryAt: number, state = 'open', probe = 1): string =>
  `insert into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings)
   values ('${name}', '${state}', '${isoTime(NOW)}', '${isoTime(retryAt)}', 'it said no', 'timeout', ${probe}, 1)`

describe('why nothing happens', () => {
  it('nobody works on it', async () => {
    const { db } = await waiting()
    expect((await statusReport(db, await settings(), NOW)).waits).toEqual([
      {
        phase: 'prep',
        papers: 2,
        reason: 'nobody',
        name: null,
        until: null,
        message: '2 are ready, and no process works on it: rpa prep',
      },
      expect.objectContaining({ phase: 'analyze', papers: 3, reason: 'nobody' }),
      expect.objectContaining({
        phase: 'wrap',
        papers: 1,
        reason: 'nobody',
        message: '1 is ready, and no process works on it: rpa wrap',
      }),
    ])
  })

  it('but not where somebody does', async () => {
    const { db } = await waiting()
    await mustClaim(db, { now: NOW })
    const { waits, working } = await statusReport(db, await settings(), NOW)
    expect(working).toHaveLength(1)
    expect(waits.map(({ phase }) => phase)).toEqual(['analyze', 'wrap'])
  })

  it.each([`model:${EXPENSIVE}@openrouter.ai`, 'group:openrouter-free', 'account:openrouter.ai'])(
    'the circuit %s is open',
    async (name) => {
      const { db, change } = await waiting()
      change(circuit(name, NOW + 60_000))
      const { waits } = await statusReport(db, await settings(), NOW)
      const hindered = name.startsWith('model') ? ['analyze'] : ['prep', 'analyze', 'wrap']
      const by = waits.filter(({ reason }) => reason === 'circuit')
      expect(by.map(({ phase }) => phase)).toEqual(hindered)
      expect(by[0]).toMatchObject({
        name,
        until: isoTime(NOW + 60_000),
        message: `${name} is open: it said no`,
      })
    },
  )

  it('a circuit is being probed', async () => {
    const { db, change } = await waiting()
    change(circuit(`model:${CHEAP}@openrouter.ai`, NOW + 60_000, 'half_open'))
    const { waits } = await statusReport(db, await settings(), NOW)
    expect(waits[0]).toMatchObject({
      reason: 'circuit',
      message: `model:${CHEAP}@openrouter.ai is being probed: it said no`,
    })
  })

  it('no circuit that may be probed now, or of another model, or of nobody', async () => {
    const { db, change } = await waiting()
    change(circuit(`model:${CHEAP}@openrouter.ai`, NOW - 1))
    change(circuit('model:another', NOW + 60_000))
    const { waits, circuits } = await statusReport(db, await settings(), NOW)
    expect(waits.map(({ reason }) => reason)).toEqual(['nobody', 'nobody', 'nobody'])
    expect(circuits).toHaveLength(2)
  })

  it('the day is spent', async () => {
    const { db } = await waiting()
    const { lease } = await mustClaim(db, { now: NOW })
    await call(db, { lease, now: NOW, result: {} })
    const spent = await statusReport(db, await settings({ budget: '1' }), NOW)
    expect(spent.waits.map(({ phase, reason, until }) => [phase, reason, until])).toEqual(
      ['prep', 'analyze', 'wrap'].map((phase) => [phase, 'budget', '2026-03-05T00:00:00.000Z']),
    )
    const offline = await statusReport(db, await settings({ budget: '1', profile: 'offline' }), NOW)
    expect(offline.waits.map(({ reason }) => reason)).toEqual(['nobody', 'nobody'])
  })

  it("the minute's requests are used", async () => {
    const { db } = await waiting()
    const { lease } = await mustClaim(db, { now: NOW })
    for (let n = 0; n < 20; n += 1)
      await call(db, { lease, group: 'openrouter-free', now: NOW - 10_000, result: {} })
    const { waits, minute } = await statusReport(db, await settings(), NOW)
    expect(minute).toMatchObject([{ group: 'openrouter-free', used: 20, booked: 0 }])
    expect(waits[0]).toMatchObject({
      phase: 'prep',
      reason: 'minute',
      name: 'openrouter-free',
      until: minute[0]?.next_at,
    })
  })

  it('every paper waits for its own moment', async () => {
    const { db, change } = await waiting()
    change(`update executions set not_before = '${isoTime(NOW + 5000)}' where arxiv_id = '2401.00006'`)
    change(`update executions set not_before = '${isoTime(NOW + 5000)}' where arxiv_id = '2401.00001'`)
    const { waits } = await statusReport(db, await settings(), NOW)
    expect(waits.map(({ reason }) => reason)).toEqual(['nobody', 'nobody', 'time'])
    expect(waits[2]).toMatchObject({ until: isoTime(NOW + 5000), message: '1 waits after a failure' })
  })

  it('is not asked of a configuration that is wrong', async () => {
    const { db, change } = await waiting()
    change(circuit(`model:${CHEAP}@openrouter.ai`, NOW + 60_000))
    const wrong = await settings({ configDir: '/no/such/folder' })
    const { waits } = await statusReport(db, wrong, NOW)
    expect(waits.map(({ reason }) => reason)).toEqual(['nobody', 'nobody', 'nobody'])
  })
})

describe('who works', () => {
  const leased = async (ownerId: string) => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    await mustClaim(db, { ownerId, now: NOW })
    return statusReport(db, await settings(), NOW)
  }

  it('is a process that runs', async () => {
    const { working, stuck } = await leased(processOwnerId())
    expect(working).toMatchObject([{ owner: 'running', live: true }])
    expect(stuck).toEqual([])
  })

  it('is nobody where the owner is gone, though its lease is good', async () => {
    // The process id is this one's, but it began at another time.
    const { working, stuck, waits } = await leased(`${hostname()}:${process.pid}:1`)
    expect(working).toEqual([])
    expect(stuck).toMatchObject([{ owner: 'gone', live: false, arxiv_id: '2401.00001' }])
    expect(waits).toMatchObject([{ phase: 'prep', reason: 'nobody' }])
  })

  it('is somebody of whom nothing can be said from here', async () => {
    const { working } = await leased(`not-${hostname()}:1:1`)
    expect(working).toMatchObject([{ owner: 'unknown' }])
  })
})

describe('statusReport', () => {
  it('says what there is, what is in flight, what is stuck and what failed', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 3)
    const leases = [(await mustClaim(db)).lease, (await mustClaim(db)).lease] as [Lease, Lease]
    await call(db, { lease: leases[0], result: {} })
    await call(db, { lease: leases[1], now: NOON + 1000 })
    await insertExecutions(db, [paper(10), paper(11), paper(12)], NOON)
    openRaw(path)
      .exec(`update executions set status = 'failed', error_class = 'timeout' where arxiv_id in ('2401.00010', '2401.00011');
      update executions set status = 'failed' where arxiv_id = '2401.00012';
      insert into executions (execution_id, arxiv_id, paper_id, status, updated_at) values ('old', 'o', 1, 'wrapping', 'z');
      update execution_leases set lease_until = ${NOON / 1000 - 1} where execution_id = '${leases[0].executionId}'`)
    const report = await statusReport(db, await settings(), NOON)
    expect(report).toMatchObject({
      executions: { pending: 1, prepping: 2, wrapping: 1, done: 0, failed: 3 },
      total: 7,
      working: [{ arxiv_id: '2401.00002', owner_id: 'me', owner: 'unknown', live: true, status: 'prepping' }],
      stuck: [
        { arxiv_id: '2401.00001', owner_id: 'me', live: false },
        { arxiv_id: 'o', owner_id: null, owner: null, lease_until: null, live: false },
      ],
      in_flight: [
        {
          arxiv_id: '2401.00002',
          phase: 'prep',
          model: 'm1',
          started_at: isoTime(NOON + 1000),
          booked: true,
        },
      ],
      failures: [
        { error_class: 'timeout', count: 2 },
        { error_class: 'unknown', count: 1 },
      ],
      budget: {
        date: DAY,
        limit: 1000,
        used: 2,
        remaining: 998,
        reserved: 1,
        resets_at: '2026-03-05T00:00:00.000Z',
      },
      forecast: { queue: { pending: 3, prepped: 0, analyzed: 1 } },
      requests_per_paper: null,
      now: isoTime(NOON),
    })
  })
})

describe('what is left of a day', () => {
  const left = async (db: Db, flags: Record<string, string> = {}, date = DAY) =>
    budgetReport(db, await settings(flags), date, NOW)

  it('is less where the account has less', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 10)
    await recordProviderCount(db, 'openrouter-free', { date: DAY, perDay: 50, providerUsed: 39 }, NOW)
    expect(await left(db)).toMatchObject({
      limit: 1000,
      used: 0,
      remaining: 11,
      groups: [{ group: 'openrouter-free', used: 39, limit: 50 }],
      provider: [{ group: 'openrouter-free', limit: 50, used: 39, ledger_used: 0, elsewhere: 39 }],
      forecast: { papers_today: 2, requests_needed: 50, days_until_empty: 2 },
    })
    expect(await left(db, { budget: '0' })).toMatchObject({ limit: 0, remaining: 11 })
    expect(await left(db, { budget: '5' })).toMatchObject({ remaining: 5, forecast: { papers_today: 1 } })
    expect(await left(db, {}, '2026-03-03')).toMatchObject({
      remaining: 1000,
      groups: [],
      provider: [],
      minute: [],
      forecast: null,
    })
  })

  it('is what the account may do before the first request, too', async () => {
    const { db } = await openTestDatabase()
    expect(await left(db, { budget: '0' })).toMatchObject({ limit: 0, remaining: 1000 })
    expect(await left(db, { budget: '5000' })).toMatchObject({ limit: 5000, remaining: 1000 })
    const elsewhere = { baseUrl: 'http://127.0.0.1:8080/v1' }
    expect(await left(db, { budget: '0', ...elsewhere })).toMatchObject({ remaining: null, groups: [] })
    expect(await left(db, { budget: '0', profile: 'offline' })).toMatchObject({ remaining: null })
  })

  it('is nothing where the provider refused more for today', async () => {
    const { db, path } = await openTestDatabase()
    const pause = circuit('group:openrouter-free', NOW + 3_600_000, 'open', 0).replace(
      'timeout',
      'rate_limited_day',
    )
    openRaw(path).exec(pause)
    expect(await left(db)).toMatchObject({ remaining: 0, used: 0 })
    expect(await left(db, {}, '2026-03-03')).toMatchObject({ remaining: 1000 })
  })

  it('never falls below nothing, and counts no request that was not sent', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    await call(db, { lease, group: 'openrouter-free', now: NOW, result: {} })
    await call(db, { lease, now: NOW, result: { ...FAILED, counted: false } })
    expect(await left(db)).toMatchObject({
      used: 1,
      remaining: 999,
      by_role: { cheap: { requests: 1, uncounted: 1 } },
    })
    await recordProviderCount(db, 'openrouter-free', { date: DAY, perDay: 50, providerUsed: 60 }, NOW)
    expect(await left(db)).toMatchObject({ remaining: 0 })
  })
})

describe('what runs', () => {
  it('with its title, its state, and what it waits for', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 2)
    const { lease } = await mustClaim(db, { now: NOW })
    const log = new TransitionLog(db, lease, 'hash')
    const snapshot = (step: number, state: string) => ({
      execution_id: lease.executionId,
      machine_name: 'prep',
      created_at: isoTime(NOW + step),
      step,
      current_state: state,
      context: {},
    })
    await log.save(snapshot(1, 'start'), NOW)
    await log.save(snapshot(2, 'key_outcome'), NOW)
    const working = async () => (await statusReport(db, await settings(), NOW + 20_000)).working
    const doing = { title: 'Paper 1', state: 'prep/key_outcome', acquired_at: isoTime(NOW) }
    expect(await working()).toMatchObject([{ ...doing, waits_for: null }])
    const id = await bookCall(db, callRequest(lease, { now: NOW + 5000 }))
    expect(await working()).toMatchObject([
      { ...doing, waits_for: { what: 'slot', at: isoTime(NOW + 5000) } },
    ])
    await markCallSent(db, { callId: id, sendAt: NOW + 5000, pace: null }, [], NOW + 5000)
    expect(await working()).toMatchObject([{ ...doing, waits_for: { what: 'answer' } }])
    const text = renderStatus(await statusReport(db, await settings(), NOW + 20_000))
    expect(text).toMatch(/prep\/key_outcome for 20 s, asked \S+ 15 s ago\n.*Paper 1/)
  })

  it('and how the last run of each command went, also one that was killed', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const clock = { at: NOW, now: () => clock.at }
    const here = { db, clock, ownerId: processOwnerId() }
    await notedRun('prep', here, null, async () => {
      clock.at += 60_000
      return { phase: 'prep', succeeded: 3, failed: 0, stopped: 'budget', executions: [] }
    })
    clock.at += 1000
    const broken = notedRun('wrap', here, null, () => Promise.reject(new Error('broken')))
    await expect(broken).rejects.toThrow('broken')
    clock.at += 1000
    await noteBegin(db, 'analyze', `${processOwnerId()}1`, clock.at)
    clock.at += 1000
    await noteBegin(db, 'run', processOwnerId(), clock.at)
    const report = await statusReport(db, await settings(), clock.at)
    expect(report.commands).toMatchObject([
      { command: 'run', state: 'running', ended_at: null },
      { command: 'analyze', state: 'killed', exit_code: null, result: null },
      { command: 'wrap', state: 'ended', exit_code: 1, result: { error: 'internal' } },
      { command: 'prep', state: 'ended', exit_code: 0, started_at: isoTime(NOW) },
    ])
    expect(report.commands[3]?.result).toEqual({ phase: 'prep', succeeded: 3, failed: 0, stopped: 'budget' })
    const text = renderStatus(report)
    expect(text).toMatch(/prep +12:00:30 UTC +1 min 0 s +exit 0: 3 succeeded, stopped budget/)
    expect(text).toMatch(/analyze +\S+ UTC +killed/)
  })

  it('a run that ends late does not take the place of one that was begun after it', async () => {
    const { db } = await openTestDatabase()
    const clock = { at: NOW, now: () => clock.at }
    const first = notedRun('prep', { db, clock, ownerId: 'a:1:1' }, null, async () => {
      clock.at += 5000
      await noteBegin(db, 'prep', 'b:2:2', clock.at)
      return {}
    })
    await first
    const { commands } = await statusReport(db, await settings(), clock.at)
    expect(commands).toMatchObject([{ owner_id: 'b:2:2', ended_at: null }])
  })

  it('that no run can be noted is no failure', async () => {
    const { db } = await openTestDatabase()
    const told: string[] = []
    const log = { debug: (line: string) => void told.push(line) }
    const nobody = { db, clock: { now: () => NOW }, ownerId: null as never }
    expect(await notedRun('prep', nobody, log, () => Promise.resolve({ n: 1 }))).toEqual({ n: 1 })
    expect(told.join()).toContain('the run cannot be noted')
  })

  it('requests by the hour, papers in a day, and when all will be done at that pace', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 6)
    const { lease } = await mustClaim(db, { now: NOW })
    for (const at of [NOW - 3_600_000, NOW, NOW]) await call(db, { lease, now: at, result: {} })
    openRaw(path).exec(
      `update executions set status = 'done', updated_at = '${isoTime(NOW - 7_200_000)}' where arxiv_id <= '2401.00002'`,
    )
    const report = await statusReport(db, await settings(), NOW)
    expect(report.throughput).toEqual({
      requests_by_hour: [...Array.from({ length: 22 }, () => 0), 1, 2],
      papers_last_hour: 0,
      papers_last_day: 2,
      finish_at: isoTime(NOW + 4 * 3_600_000),
    })
    openRaw(path).exec(
      `update executions set updated_at = '${isoTime(NOW - 90_000_000)}' where arxiv_id = '2401.00001'`,
    )
    const later = await statusReport(db, await settings(), NOW)
    expect(later.throughput.finish_at).toBe(isoTime(NOW + 4 * 86_400_000))
    const offline = await statusReport(db, await settings({ profile: 'offline' }), NOW)
    expect(offline.forecast).toMatchObject({ requests_needed: 0, papers_today: null, days_until_empty: null })
    expect(renderStatus(offline)).toContain('4 papers in the queue; no request is needed for them.')
    const text = renderStatus(report)
    expect(text).toContain(`${'▁'.repeat(22)}▅█ requests an hour, 24 h, most 2`)
    expect(text).toContain(
      '2 papers done in 24 h, 0 of them in the last hour; at that pace all are done by 16:00:30 UTC',
    )
  })
})
