import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { BurstReport } from '../../src/pipeline/burst.js'
import type { PhaseResult } from '../../src/pipeline/result.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { clockAt, noDays } from '../support/cron-days.js'
import { accountOf, modelServer } from '../support/model-server.js'
import { STEADY_DAY } from '../support/steady-day.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, SAMPLES, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
let seeded: Workspace

beforeAll(async () => {
  models = await startModels()
  seeded = await makeLightWorkspace()
  seeded.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url, ...STEADY_DAY }
  await seeded.seed(...SAMPLES)
})
afterEach(() => models.reset())
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

const DAY_MS = 86_400_000

type Burst = PhaseResult & { burst: BurstReport }

/** A window as long as the day is always open; one of a millisecond never is. */
const OPEN = ['prep', '--burst', '--burst-window', '24h']
const SHUT = ['prep', '--burst', '--burst-window', '1ms']

async function burst(workspace: Workspace, args: readonly string[], budget = '5'): Promise<Burst> {
  return (await workspace.phase(args, { RPA_BUDGET: budget })) as Burst
}

const prepped = (workspace: Workspace): number =>
  Object.values(workspace.statuses()).filter((status) => status === 'prepped').length

it('does nothing before the window opens, and says when that is', async () => {
  const workspace = seeded.copy()
  const result = await burst(workspace, SHUT)
  expect(result).toMatchObject({ phase: 'prep', claimed: 0, stopped: null, executions: [] })
  expect(result.burst).toMatchObject({ acted: false, remaining: 5, reserve: 0, papers: 0 })
  expect(result.burst.window_opens_at).toMatch(/T23:59:59\.999Z$/)
  expect(result.burst.reason).toMatch(/^too early: the window opens at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)
  expect(models.requests).toEqual([])

  // At the wrong time it needs neither key nor endpoint.
  const readable = await workspace.rpa(SHUT, { OPENROUTER_API_KEY: '' })
  expect(readable).toMatchObject({ code: 0, stderr: '' })
  expect(readable.stdout).toMatch(/^burst: did nothing, too early: the window opens at \S+ \S+ UTC\n$/)
})

it('spends what is left above the reserve, once, and exits with 0', async () => {
  const workspace = seeded.copy()
  const first = await burst(workspace, [...OPEN, '--reserve', '2'])
  expect(first).toMatchObject({ claimed: 3, succeeded: 3, stopped: null, requests: { cheap: 3 } })
  expect(first.burst).toMatchObject({ acted: true, remaining: 5, reserve: 2, papers: 3 })
  expect(prepped(workspace)).toBe(3)

  const again = await burst(workspace, [...OPEN, '--reserve', '2'])
  expect(again).toMatchObject({ claimed: 0, burst: { acted: false, remaining: 2 } })
  expect(again.burst.reason).toContain('nothing to spend')

  const rest = await burst(workspace, OPEN)
  expect(rest).toMatchObject({ succeeded: 2, stopped: null, burst: { acted: true, papers: 2 } })
  expect(models.requests).toHaveLength(5)
  const readable = await workspace.rpa(OPEN, { RPA_BUDGET: '7' })
  expect(readable.stdout).toContain(
    'burst: began, 2 of 7 requests are left: enough for 2 of 2 pending papers',
  )
  expect(readable.stdout).toContain('prep: 2 done')
  expect((await burst(workspace, OPEN, '9')).burst.reason).toContain('no pending paper')
})

it('keeps the reserve with several at once', async () => {
  const workspace = seeded.copy()
  const runs = [1, 2, 3].map(() =>
    workspace.rpa([...OPEN, '--reserve', '3', '--workers', '3', '--json'], { RPA_BUDGET: '7' }),
  )
  for (const end of await Promise.all(runs)) {
    expect(end.code, end.stderr).toBe(0)
    expect(end.json()).toMatchObject({ failed: 0, stopped: null })
  }
  expect(models.requests).toHaveLength(4)
  expect(prepped(workspace)).toBe(4)
  expect(await workspace.rpa(['budget', '--remaining'], { RPA_BUDGET: '7' })).toMatchObject({ stdout: '3\n' })
})

it('keeps the reserve of the account’s day too, where that is less than the budget', async () => {
  const workspace = seeded.copy()
  const server = await modelServer()
  server.key(accountOf(44, 50))
  workspace.env = { ...workspace.env, OPENROUTER_BASE_URL: server.url }
  const result = await burst(workspace, [...OPEN, '--reserve', '4'], '1000')
  expect(result).toMatchObject({ succeeded: 2, stopped: null, burst: { remaining: 6, papers: 2 } })
  expect(server.count).toBe(2)
})

it.skipIf(noDays !== null)('sends nothing in the new day, however long it takes to begin', async () => {
  const server = await modelServer()
  // The account's count does not come: that takes seconds.
  server.key({ hang: true })
  const workspace = seeded.copy()
  const midnight = Math.ceil(Date.now() / DAY_MS) * DAY_MS
  const env = {
    RPA_BUDGET: '1000',
    OPENROUTER_BASE_URL: server.url,
    NODE_OPTIONS: '',
    ...clockAt(midnight - 4000),
  }
  const result = (await workspace.phase(['prep', '--burst'], env)) as Burst
  expect(result.burst.acted).toBe(true)
  expect(server.count).toBe(0)
})

it('does nothing where no day has a limit', async () => {
  const result = await burst(seeded.copy(), OPEN, '0')
  expect(result).toMatchObject({ claimed: 0, burst: { acted: false, remaining: null } })
  expect(result.burst.reason).toContain('no daily limit')
})

it('refuses its flags without --burst', async () => {
  expect(await seeded.rpa(['prep', '--reserve', '3'])).toMatchObject({ code: 2 })
})
