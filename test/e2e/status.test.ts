import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { StatusReport } from '../../src/pipeline/overview/status-report.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { STEADY_DAY, steadyNow } from '../support/steady-day.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

const EXPENSIVE = 'nvidia/nemotron-3-ultra-550b-a55b:free'

let models: ModelQuestions
let prepped: Workspace

beforeAll(async () => {
  models = await startModels()
  prepped = await makeLightWorkspace()
  prepped.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url, ...STEADY_DAY }
  await prepped.seed('0000.00001', '0000.00004')
  await prepped.phase(['prep'])
})
beforeEach(() => models.reset())
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

const status = async (workspace: Workspace): Promise<StatusReport> =>
  (await workspace.rpa(['status', '--json'])).json<StatusReport>()

it('tells who works, what is with the provider, and what has its slot', async () => {
  const workspace = prepped.copy()
  models.script(() => ({ hang: true }))
  const running = workspace.start(['analyze', '--limit', '1'])
  await models.until(() => models.requests.length === 3)
  const report = await status(workspace)
  expect(report.working).toMatchObject([{ status: 'analyzing', owner: 'running' }])
  expect(report.stuck).toEqual([])
  expect(report.in_flight).toHaveLength(3)
  expect(report.in_flight[0]).toMatchObject({ phase: 'analyze', model: EXPENSIVE, booked: false })
  expect(report.waits).toEqual([])
  const shown = await workspace.rpa(['status'])
  expect(shown.stdout).toMatch(/3 requests with the provider, the oldest since \d\d:\d\d:\d\d UTC/)

  running.kill('SIGKILL')
  await running.ended
  const after = await status(workspace)
  expect(after.working).toEqual([])
  expect(after.stuck).toMatchObject([{ status: 'analyzing', owner: 'gone', live: false }])
  expect(after.waits).toMatchObject([{ phase: 'analyze', papers: 2, reason: 'nobody' }])
  const text = (await workspace.rpa(['status'])).stdout
  expect(text).toMatch(/analyzing +owner gone /)
  expect(text).toContain('analyze waits: 2 are ready, and no process works on it: rpa analyze')
})

it('tells which circuit keeps a phase, and until when', async () => {
  const workspace = prepped.copy()
  const until = new Date(steadyNow() + 3_600_000).toISOString()
  const name = `model:${EXPENSIVE}@${new URL(models.url).host}`
  workspace.change(
    `insert into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings)
     values (?, 'open', ?, ?, 'five requests failed', 'timeout', 1, 1)`,
    name,
    new Date(steadyNow()).toISOString(),
    until,
  )
  const { waits, circuits, budget } = await status(workspace)
  expect(waits).toMatchObject([{ phase: 'analyze', papers: 2, reason: 'circuit', name, until }])
  expect(circuits).toMatchObject([{ name, state: 'open', retry_at: until, needs_probe: true }])
  expect(budget).toMatchObject({ used: 2, limit: 1000, remaining: 998 })
  const shown = (await workspace.rpa(['status'])).stdout
  expect(shown).toMatch(/analyze waits: model:.*:free@\S+ is open: five requests failed; until .*UTC/)
  expect(shown).toMatch(/Circuit model:.*:free@\S+ is open until .*UTC, then one request probes it/)
})

it('tells of the minute and of the papers that are left', async () => {
  const workspace = prepped.copy()
  const soon = new Date(steadyNow() + 45_000).toISOString()
  workspace.change(
    "update llm_calls set limit_group = 'openrouter-free', started_at = ?, outcome = 'in_flight', sent_at = null where rowid = 1",
    soon,
  )
  const report = await status(workspace)
  expect(report.minute).toMatchObject([{ group: 'openrouter-free', booked: 1 }])
  expect(report.in_flight).toMatchObject([{ booked: true, started_at: soon }])
  expect(report.forecast).toMatchObject({ queue: { prepped: 2 }, papers_today: 2, requests_needed: 8 })
  const shown = (await workspace.rpa(['status'])).stdout
  expect(shown).toMatch(/1 request booked, the first for .* UTC/)
  expect(shown).toMatch(/This minute: openrouter-free \d+ of \d+ requests, 1 booked/)
  expect(shown).toContain('About 2 papers more today; 2 in the queue: 1 day at this rate')
})
