import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClearError } from '../support/clear-error.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { accountOf, modelServer } from '../support/model-server.js'
import { STEADY_DAY, steadyNow } from '../support/steady-day.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
let workspace: Workspace

beforeAll(async () => {
  models = await startModels()
  workspace = await makeLightWorkspace()
  workspace.env = {
    OPENROUTER_API_KEY: KEY,
    OPENROUTER_BASE_URL: models.url,
    RPA_BUDGET: '7',
    ...STEADY_DAY,
  }
  await workspace.seed('0000.00001', '0000.00004', '0000.00005')
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

const tomorrow = (): number => Math.ceil(steadyNow() / 86_400_000) * 86_400_000

/** Each question of each paper, to see whether one was sent twice. */
const asked = (): string[] => models.requests.map(({ title, writer }) => `${writer} of ${title}`)

it('sends as many requests as the budget allows, and not one more', async () => {
  expect(await workspace.phase(['prep', '--no-reserve'])).toMatchObject({
    succeeded: 3,
    requests: { cheap: 3 },
    stopped: null,
  })

  const analyzed = await workspace.phase(['analyze', '--no-reserve'], {}, 75)
  expect(analyzed).toMatchObject({ failed: 0, requests: { cheap: 0, expensive: 4 }, stopped: 'budget' })
  expect(Date.parse(analyzed.retry_at ?? '')).toBe(tomorrow())
  expect(models.requests).toHaveLength(7)
  for (const { error_class } of analyzed.executions)
    expect([undefined, 'budget_spent', 'aborted']).toContain(error_class)
  expect(Object.values(workspace.statuses())).not.toContain('failed')
  expect(workspace.query('select attempts from executions where attempts > 0')).toEqual([])
})

it('takes no paper while the budget is spent, and says until when', async () => {
  const again = await workspace.rpa(['analyze'])
  expect(again).toMatchObject({ code: 75, stderr: '' })
  expect(again.stdout).toContain('the 7 requests of this UTC day are spent. Go on after ')
  expect(again.stdout).toContain(new Date(tomorrow()).toISOString().slice(0, 10))
  expect(models.requests).toHaveLength(7)
  expect(await workspace.rpa(['budget', '--remaining'])).toMatchObject({ code: 0, stdout: '0\n' })
})

it('goes on with a higher budget, and asks nothing again that was answered', async () => {
  const more = { RPA_BUDGET: '100' }
  await workspace.phase(['analyze'], more)
  expect(await workspace.phase(['wrap'], more)).toMatchObject({ succeeded: 3, requests: { cheap: 3 } })
  expect(asked()).toHaveLength(15)
  expect(new Set(asked()).size).toBe(15)
  expect(new Set(models.requests.map(({ call }) => call.prompt)).size).toBe(15)
  expect(workspace.query("select count(*) as n from llm_calls where outcome = 'ok'")).toEqual([{ n: 15 }])
  expect(workspace.reports()).toHaveLength(3)
  const unlimited = await workspace.rpa(['budget', '--remaining'], { RPA_BUDGET: '0' })
  expect(unlimited).toMatchObject({ code: 0, stdout: '-1\n' })
})

it('needs no budget for what sends no request', async () => {
  await workspace.seed('0000.00006')
  expect(await workspace.phase(['prep', '--profile', 'offline'])).toMatchObject({
    succeeded: 1,
    stopped: null,
  })
})

it('says everywhere the same of a rest of the day that is too little for one more paper', async () => {
  const own = await makeLightWorkspace()
  own.env = { ...workspace.env, RPA_BUDGET: '14' }
  await own.seed('0000.00001', '0000.00004', '0000.00005', '0000.00006')
  await own.phase(['run', '--limit', '2', '--burst-window', '1s'])
  const why = '4 of 14 requests are left today, and a paper needs 5'
  const said = async (args: string[], code: number): Promise<string> => {
    const ran = await own.rpa(args)
    expect(ran).toMatchObject({ code, stderr: '' })
    return ran.stdout
  }
  expect(await said(['run', '--burst-window', '1s'], 75)).toContain(`Stopped: ${why}. Go on after `)
  expect(await said(['prep'], 0)).toContain(`Nothing more begun: ${why}; it goes on after `)
  expect(await said(['digest'], 0)).toContain(`prep waits: ${why}, until `)
  const status = await said(['status'], 0)
  expect(status).toContain(`prep waits: ${why}; until `)
  expect(status).toContain('About 0 papers more today; 2 in the queue: 2 days')
  expect(status).not.toContain('at that pace')
})

describe('what the provider counts', () => {
  const today = (): string => new Date(steadyNow()).toISOString().slice(0, 10)

  async function spending(used: number, limit: number) {
    const server = await modelServer()
    server.key(accountOf(used, limit))
    const own = await makeLightWorkspace()
    own.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: server.url, ...STEADY_DAY }
    await own.seed('0000.00001', '0000.00004', '0000.00005')
    return { server, own }
  }

  it('is asked for on request, and shown beside the ledger', async () => {
    const { server, own } = await spending(44, 50)
    expect(await own.rpa(['budget', '--remaining'])).toMatchObject({ stdout: '1000\n' })
    expect(server.keyAsked).toEqual([])
    const shown = await own.rpa(['budget', '--sync'])
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain('counts 44 of 50 free requests today; no credits bought yet')
    expect(shown.stdout).toContain('0 requests of 1000, 6 left')
    expect(shown.stdout).toContain('The account has less: openrouter-free 44 of 50, 6 left.')
    expect(shown.stdout).toContain('44 sent elsewhere')
    expect(shown.stdout).toContain('About 1 paper more today; 3 in the queue: 2 days at this rate')
    for (const line of shown.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(await own.rpa(['budget', '--remaining'])).toMatchObject({ stdout: '6\n' })
    const status = await own.rpa(['status'])
    expect(status.stdout).toContain('0 of 1000 requests used today; the account has less: 6 left')
    const { provider, sync } = (await own.rpa(['budget', '--sync', '--json'])).json<{
      provider: unknown
      sync: unknown
    }>()
    expect(provider).toMatchObject([
      { group: 'openrouter-free', date: today(), limit: 50, used: 44, ledger_used: 0, elsewhere: 44 },
    ])
    expect(sync).toMatchObject([{ answered: true, key: 'OPENROUTER_API_KEY', free_used: 44, free_limit: 50 }])
    expect(server.keyAsked).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`])
    expect(server.count).toBe(0)
  })

  it('holds for a run from its start', async () => {
    const { server, own } = await spending(48, 50)
    const end = await own.rpa(['prep', '--no-reserve'])
    expect(end).toMatchObject({ code: 75 })
    expect(end.stderr).toContain(
      'openrouter-free: the provider counts 48 of 50 requests today, this ledger 0: 48 were sent elsewhere',
    )
    expect(server.count).toBe(2)
    expect(await own.rpa(['budget', '--remaining'])).toMatchObject({ stdout: '0\n' })
    // The provider was told of the two.
    server.key(accountOf(50, 50))
    const agreed = await own.rpa(['budget', '--sync', '--json'])
    expect(agreed.json()).toMatchObject({
      remaining: 0,
      provider: [{ used: 50, ledger_used: 2, elsewhere: 48 }],
    })
  })

  it('is nothing where the endpoint keeps no count', async () => {
    const { server, own } = await spending(44, 50)
    server.key()
    const shown = await own.rpa(['budget', '--sync'])
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain('told no count: it keeps none, or was not reached')
    expect((await own.rpa(['budget', '--json'])).json()).toMatchObject({ provider: [], remaining: 1000 })
  })

  it('cannot be asked for without a key, or with one that is refused', async () => {
    const { server, own } = await spending(1, 50)
    const missing = await own.rpa(['budget', '--sync'], { OPENROUTER_API_KEY: '' })
    expectClearError(missing, {
      exit: 78,
      code: 'api_key_missing',
      message: /OPENROUTER_API_KEY/,
      hint: /offline/,
    })
    server.key({ status: 401, body: { error: { code: 401, message: 'User not found.' } } })
    const refused = await own.rpa(['budget', '--sync'])
    expectClearError(refused, {
      exit: 78,
      code: 'key_rejected',
      message: /does not accept the API key/,
      hint: /OPENROUTER_API_KEY/,
    })
    const run = await own.rpa(['prep'])
    expectClearError(run, {
      exit: 78,
      code: 'key_rejected',
      message: /does not accept/,
      hint: /OPENROUTER_API_KEY/,
    })
    expect(server.count).toBe(0)
    expect(Object.values(own.statuses())).toEqual(['pending', 'pending', 'pending'])
  })

  it('is nobody to ask where everything works offline', async () => {
    const { server, own } = await spending(1, 50)
    const offline = await own.rpa(['budget', '--sync'], { RPA_PROFILE: 'offline', OPENROUTER_API_KEY: '' })
    expect(offline).toMatchObject({ code: 0, stderr: '' })
    expect(offline.stdout).toContain('there is no provider to ask')
    expect(server.keyAsked).toEqual([])
  })
})

describe('the last days', () => {
  it('are a line each, with a bar', async () => {
    const shown = await workspace.rpa(['budget', '--days', '3'])
    const lines = shown.stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(5)
    expect(lines.pop()).toBe(`database: ${workspace.in('data', 'executions.sqlite')}`)
    expect(lines[0]).toMatch(/^DAY +REQUESTS +CHEAP +EXPENSIVE +FAILED +PAPERS$/)
    expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\d( +0){5}$/)
    expect(lines[3]).toMatch(/^\d{4}-\d\d-\d\d +15 +6 +9 +0 +3 +█{20}$/)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
    const { days, used } = (await workspace.rpa(['budget', '--days', '2', '--json'])).json<{
      days: Record<string, unknown>[]
      used: number
    }>()
    expect(used).toBe(15)
    expect(days).toMatchObject([
      { used: 0 },
      { used: 15, cheap: 6, expensive: 9, ok: 15, failed: 0, papers: 3 },
    ])
  })

  it.each([
    ['--days', '0'],
    ['--days', 'many'],
    ['--days', '3', '--date', '2026-01-01'],
  ])('not %s %s', async (...args) => {
    expect(await workspace.rpa(['budget', ...args])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('a circuit', () => {
  const opened = new Date(steadyNow()).toISOString()
  const until = new Date(steadyNow() + 3_600_000).toISOString()
  const open = (name: string): void =>
    workspace.change(
      `insert or replace into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings)
       values (?, 'open', ?, ?, 'no credits are left', 'payment_required', 1, 1)`,
      name,
      opened,
      until,
    )

  it('is shown with its reason and until when, and closed by hand', async () => {
    open('account:openrouter.ai')
    const shown = await workspace.rpa(['budget'])
    expect(shown.stdout).toMatch(
      /Circuit account:openrouter\.ai is open until .*UTC, then one request probes it: no credits are left/,
    )
    const unknown = await workspace.rpa(['budget', '--close', 'account:elsewhere'])
    expectClearError(unknown, {
      exit: 2,
      code: 'circuit_unknown',
      message: /account:elsewhere/,
      hint: /account:openrouter\.ai/,
    })
    const closed = await workspace.rpa(['budget', '--close', 'account:openrouter.ai', '--json'])
    expect(closed.json()).toMatchObject({
      closed: 'account:openrouter.ai',
      circuits: [{ name: 'account:openrouter.ai', state: 'closed' }],
    })
    expect((await workspace.rpa(['budget'])).stdout).not.toContain('Circuit')
    const again = await workspace.rpa(['budget', '--close', 'account:openrouter.ai'])
    expectClearError(again, {
      exit: 2,
      code: 'circuit_unknown',
      message: /no open circuit/,
      hint: /No circuit is open/,
    })
  })
})
