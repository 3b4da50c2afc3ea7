import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import type { Logger } from '../../../src/core/logging.js'
import { createLogger } from '../../../src/core/logging.js'
import { resolveSettings } from '../../../src/core/settings/resolve-settings.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { PHASES } from '../../../src/core/phases.js'
import { openResources } from '../../../src/pipeline/resources/resources.js'
import type { PhaseResult } from '../../../src/pipeline/result.js'
import { runPhase } from '../../../src/pipeline/run-phase.js'
import { addPapers, mustClaim, NOON, openTestDatabase } from '../../support/database.js'
import { callRequest, callResult, callWindow, PLAIN } from '../../support/ledger.js'
import type { PhaseBench } from '../../support/phase-bench.js'
import { MODEL } from '../../support/phase-bench.js'
import { patientBench } from '../failures/patient-bench.js'

const ELSEWHERE = 'another-host:1:1'
const SILENT = createLogger('error', () => undefined)

interface Given {
  workers?: number
  stop?: AbortSignal
  log?: Logger
  noReserve?: boolean
}

const NEVER = new AbortController().signal

async function analyze(
  { env, folder }: PhaseBench,
  { workers = 1, stop = NEVER, log = SILENT, noReserve = false }: Given = {},
): Promise<PhaseResult> {
  const { settings } = await resolveSettings({}, env, folder)
  const resources = await openResources(settings, log, { workers, env, clock: { now: () => Date.now() } })
  const options = { workers, ids: [], dryRun: false, drainMs: 0, stopTaking: stop, abortInFlight: NEVER }
  try {
    return await runPhase(resources, PHASES.analyze, { ...options, noReserve })
  } finally {
    await resources.close()
  }
}

/** The second paper is being worked on by another process, which has sent a request. */
function underWay(bench: PhaseBench, owner: string, leasedForMs: number): void {
  const now = Date.now()
  const until = Math.floor((now + leasedForMs) / 1000)
  bench.change(`
    update executions set status = 'analyzing' where execution_id = 'limited-0002';
    insert into execution_leases (execution_id, owner_id, phase, lease_until) values ('limited-0002', '${owner}', 'analyze', ${until});
    insert into llm_calls (call_id, execution_id, phase, role, model, asked_model, usage_date, started_at, outcome, owner_id, limit_group)
      values ('theirs', 'limited-0002', 'analyze', 'expensive', '${MODEL}', '${MODEL}', '${isoTime(now).slice(0, 10)}', '${isoTime(now - 1_200_000)}', 'in_flight', '${owner}', 'free')`)
}

async function killedProcess(): Promise<string> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'close')
  return `${hostname()}:${child.pid}:1`
}

it.each([
  ['of this host was killed', killedProcess, 3_600_000],
  ['of another host renews its lease no more', async () => ELSEWHERE, -5000],
] as [string, () => Promise<string>, number][])(
  'a process that probed and %s leaves the probe to the next',
  async (_, owner, leasedForMs) => {
    const bench = await patientBench({ papers: 2 })
    underWay(bench, await owner(), leasedForMs)
    bench.change(`
      insert into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings, probe_call_id)
        values ('model:${MODEL}@${new URL(bench.server.url).host}', 'half_open', '${isoTime(Date.now() - 60_000)}', '${isoTime(Date.now() + 900_000)}', 'it failed', 'server_error', 1, 1, 'theirs')`)
    expect((await analyze(bench)).succeeded).toBeGreaterThan(0)
    expect(bench.query('select state, probe_call_id from circuits')).toEqual([
      { state: 'closed', probe_call_id: null },
    ])
  },
)

it('a request takes a place of its group for as long as somebody waits for its answer, and says so', async () => {
  const group = { name: 'free', host: '127.0.0.1', requests_per_minute: 1000, minute: 0.3, concurrency: 1 }
  const bench = await patientBench({ papers: 2, limits: { groups: [group] } })
  underWay(bench, ELSEWHERE, 3_600_000)
  const said: string[] = []
  const stop = new AbortController()
  const info = (line: string): void => {
    said.push(line)
    // Twenty minutes after it began it has still not been answered.
    expect(bench.server.count).toBe(0)
    bench.change("update llm_calls set outcome = 'ok' where call_id = 'theirs'")
  }
  const result = await analyze(bench, { stop: stop.signal, log: { ...SILENT, info } })
  expect(result).toMatchObject({ succeeded: 1 })
  expect(said).toEqual([expect.stringContaining('free has no room for one more')])
})

it('the places of a process that was killed are free at once, and its paper', async () => {
  const group = { name: 'free', host: '127.0.0.1', requests_per_minute: 1000, minute: 0.3, concurrency: 1 }
  const bench = await patientBench({ papers: 2, limits: { groups: [group] } })
  underWay(bench, await killedProcess(), 3_600_000)
  bench.change("update llm_calls set started_at = '" + isoTime(Date.now() - 1000) + "'")
  expect(await analyze(bench)).toMatchObject({ succeeded: 2, resumed: 1 })
})

it('a stop ends at once what waits for its turn, however long the queue', async () => {
  const group = { name: 'free', host: '127.0.0.1', requests_per_minute: 2, spacing: 30 }
  const bench = await patientBench({ papers: 8, limits: { groups: [group] } })
  const stop = new AbortController()
  bench.server.rule(() => {
    stop.abort()
    return {}
  })
  const result = await analyze(bench, { workers: 8, stop: stop.signal })
  expect(result).toMatchObject({ stopped: 'signal', claimed: 8, failed: 0 })
  expect(bench.query('select outcome from llm_calls')).toEqual([{ outcome: 'ok' }])
  expect(bench.query("select 1 from executions where status = 'analyzing' or attempts > 0")).toEqual([])
})

it('where the day of one account is spent, a listed model of another is asked', async () => {
  const groups = [
    {
      name: 'free',
      host: '127.0.0.1',
      models: '*:free',
      requests_per_minute: 1000,
      minute: 0.3,
      requests_per_day: 1,
    },
  ]
  const other = { provider: 'openai', name: 'vendor/paid', max_tokens: 1000, context_length: 16_000 }
  const bench = await patientBench({
    papers: 3,
    limits: { groups },
    profiles: { expensive: { fallback: ['other'] }, other },
  })
  expect(await analyze(bench)).toMatchObject({ succeeded: 3, stopped: null })
  expect(bench.asked()).toEqual([MODEL, 'vendor/paid', 'vendor/paid'])
})

it('a limit that was learned is not loosened before its reset', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 1)
  const { lease } = await mustClaim(db)
  const until = NOON + 50_000
  const learn = async (perMinute: number, now: number): Promise<number | null> => {
    const booked = await reserveCall(db, callRequest(lease, { budget: 0, window: callWindow(20), now }))
    if (booked.kind !== 'booked') throw new Error('not booked')
    const learned = { group: callWindow(20).group, perMinute, until: now < until ? until : now + 50_000 }
    const result = callResult({ outcome: 'rate_limited' })
    await settlement(db, booked.callId, result, { ...PLAIN, learned }, now).commit()
    const [row] = await db.selectFrom('limit_states').select('per_minute').execute()
    return row?.per_minute ?? null
  }
  expect(await learn(5, NOON)).toBe(5)
  expect(await learn(8, NOON + 1000)).toBe(5)
  expect(await learn(3, NOON + 2000)).toBe(3)
  expect(await learn(8, NOON + 60_000)).toBe(8)
})

it('the papers that a spent day puts back do not take the booked requests of the others with them', async () => {
  const group = { name: 'free', host: '127.0.0.1', requests_per_minute: 2, minute: 1 }
  const bench = await patientBench({ papers: 24, limits: { groups: [group] }, env: { RPA_BUDGET: '4' } })
  // Two of the four wait for the next window while others learn that no more can be sent.
  expect(await analyze(bench, { workers: 24, noReserve: true })).toMatchObject({
    stopped: 'budget',
    succeeded: 4,
  })
  expect(bench.server.count).toBe(4)
})
