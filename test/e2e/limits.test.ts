import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Arrival, Limits, LimitedServer } from '../support/limited-server.js'
import { startLimitedServer } from '../support/limited-server.js'
import { until } from '../support/cli.js'
import { addPrepped } from '../support/prepped.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const WINDOW_MS = 4000
const PER_WINDOW = 12

async function stage(
  papers: number,
  given: Partial<Limits> = {},
  group = {},
): Promise<[Workspace, LimitedServer]> {
  const server = await startLimitedServer({ perWindow: PER_WINDOW, windowMs: WINDOW_MS, ...given })
  onTestFinished(() => server.close())
  const workspace = await makeLightWorkspace({ budget: '0' })
  workspace.env = { OPENROUTER_BASE_URL: server.url, OPENROUTER_API_KEY: KEY }
  const seconds = WINDOW_MS / 1000
  const limit = {
    name: 'shared',
    host: '127.0.0.1',
    requests_per_minute: PER_WINDOW,
    minute: seconds,
    spacing: seconds / PER_WINDOW / 2,
    ...group,
  }
  workspace.write('config/limits.yml', JSON.stringify({ groups: [limit] }))
  await addPrepped(workspace.in('data', 'executions.sqlite'), papers)
  return [workspace, server]
}

const analyze = ['analyze', '--workers', '3', '--json']

function perWindow(arrivals: readonly Arrival[], status: number): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { window, status: given } of arrivals) {
    if (given === status) counts.set(window, (counts.get(window) ?? 0) + 1)
  }
  return counts
}

/** Every request has its row, with what came of it. */
function expectSameBooks(workspace: Workspace, { arrivals }: LimitedServer): void {
  const rows = workspace.query<{ asked_model: string; status_code: number; counted: number }>(
    'select asked_model, status_code, counted from llm_calls',
  )
  const booked = rows.map((row) => `${row.asked_model} ${row.status_code} ${row.counted}`)
  expect(booked.sort()).toEqual(arrivals.map(({ model, status }) => `${model} ${status} 1`).sort())
}

describe('four processes on one account', () => {
  it('never send more than a fixed minute allows, and leave nothing unused', async () => {
    const [workspace, server] = await stage(20)
    const processes = [1, 2, 3, 4].map(() => workspace.start(analyze))
    const ended = await Promise.all(processes.map(({ ended }) => ended))

    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(server.arrivals.filter(({ status }) => status === 429)).toEqual([])
    expect(server.arrivals).toHaveLength(60)
    // Five windows hold them all; the first is begun in its middle, in the last ones a process may have nothing left to do.
    expect(perWindow(server.arrivals, 200).size).toBeLessThanOrEqual(7)
    expectSameBooks(workspace, server)
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['analyzed']))
  })

  it('are refused once a window at most when the provider halves its limit', async () => {
    const [workspace, server] = await stage(12)
    const processes = [1, 2, 3, 4].map(() => workspace.start(analyze))
    await until('some requests have come', () => server.arrivals.length > 6)
    server.limits.perWindow = PER_WINDOW / 2
    const ended = await Promise.all(processes.map(({ ended }) => ended))

    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    const refused = [...perWindow(server.arrivals, 429).values()]
    expect(refused.length).toBeGreaterThan(0)
    expect(Math.max(...refused)).toBeLessThanOrEqual(4)
    expect(server.arrivals.filter(({ status }) => status === 200)).toHaveLength(36)
    expectSameBooks(workspace, server)
    const tries = workspace.query<{ attempts: number }>('select distinct attempts from executions')
    expect(tries).toEqual([{ attempts: 0 }])
  })
})

describe('the day of an account', () => {
  it('is used to the last request by four processes and passed by none, and the next day goes on', async () => {
    const fast = { requests_per_minute: 10_000, spacing: 0 }
    const [workspace, server] = await stage(20, { perWindow: 10_000, perDay: 50 }, fast)
    const ended = await Promise.all(
      [1, 2, 3, 4].map(() => workspace.rpa([...analyze, '--no-reserve'], { RPA_BUDGET: '50' })),
    )

    expect(server.arrivals).toHaveLength(50)
    expect(server.arrivals.filter(({ status }) => status === 429)).toEqual([])
    expect(ended.some(({ code }) => code === 75)).toBe(true)
    expect(ended.every(({ code }) => code === 75 || code === 0)).toBe(true)
    const stopped = ended.find(({ code }) => code === 75)?.json<{ stopped: string; retry_at: string }>()
    expect(stopped?.stopped).toBe('budget')
    expect(stopped?.retry_at).toMatch(/T00:00:00\.000Z$/)
    expectSameBooks(workspace, server)

    server.limits.perDay = 1000
    workspace.change("update llm_calls set usage_date = date(usage_date, '-1 day')")
    workspace.change("update daily_usage set date = date(date, '-1 day')")
    const next = await workspace.phase(analyze.slice(0, 3), { RPA_BUDGET: '50' })
    expect(next.stopped).toBeNull()
    expect(server.arrivals).toHaveLength(60)
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['analyzed']))
  })

  it('is used to the last request also by processes that have to wait for their slots', async () => {
    const [workspace, server] = await stage(8)
    const ended = await Promise.all(
      [1, 2].map(() => workspace.rpa([...analyze, '--no-reserve'], { RPA_BUDGET: '20' })),
    )

    expect(ended.some(({ code }) => code === 75)).toBe(true)
    expect(server.arrivals.map(({ status }) => status)).toEqual(new Array(20).fill(200))
    expectSameBooks(workspace, server)
  })

  it('ends cleanly when the provider says first that it is over', async () => {
    const fast = { requests_per_minute: 10_000, spacing: 0.01 }
    const [workspace, server] = await stage(20, { perWindow: 10_000, perDay: 10 }, fast)
    const result = await workspace.phase(['analyze', '--workers', '1'], {}, 75)

    expect(result.stopped).toBe('budget')
    expect(result.retry_at).toMatch(/T00:00:00\.000Z$/)
    expect(result.failed).toBe(0)
    const sent = server.arrivals.length
    const again = await workspace.phase(['analyze'], {}, 75)
    expect(again.claimed).toBe(0)
    expect(server.arrivals).toHaveLength(sent)
    expect(workspace.query('select 1 from executions where attempts > 0')).toEqual([])
  })
})
