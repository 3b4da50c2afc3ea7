import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
let workspace: Workspace

beforeAll(async () => {
  models = await startModels()
  workspace = await makeWorkspace()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url, RPA_BUDGET: '7' }
  await workspace.seed('0000.00001', '0000.00004', '0000.00005')
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

const tomorrow = (): number => Math.ceil(Date.now() / 86_400_000) * 86_400_000

/** Each question of each paper, to see whether one was sent twice. */
const asked = (): string[] => models.requests.map(({ title, writer }) => `${writer} of ${title}`)

it('sends as many requests as the budget allows, and not one more', async () => {
  expect(await workspace.phase(['prep'])).toMatchObject({
    succeeded: 3,
    requests: { cheap: 3 },
    stopped: null,
  })

  const analyzed = await workspace.phase(['analyze'], {}, 75)
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
  expect(again.stdout).toContain('the requests of this day are spent')
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
