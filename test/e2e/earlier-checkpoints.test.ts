import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectErrorDocument } from '../support/clear-error.js'
import { until } from '../support/cli.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { toVersion5 } from '../support/version5-form.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

const ID = '0000.00001'
let models: ModelQuestions
/** Killed when two of three answers of analyze were kept. */
let asItIs: Workspace
/** The same with its checkpoints in the form of before. */
let interrupted: Workspace

beforeAll(async () => {
  models = await startModels()
  interrupted = await makeWorkspace()
  interrupted.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await interrupted.seed(ID)
  await interrupted.phase(['prep'])
  models.reset()
  models.script(({ writer }) => (writer === 'open_questions' ? { hang: true } : undefined))
  const running = interrupted.start(['analyze'])
  await until(
    'two answers are kept',
    () =>
      models.requests.length === 3 &&
      interrupted.query("select 1 from llm_calls where phase = 'analyze' and outcome = 'ok'").length === 2,
  )
  running.kill('SIGKILL')
  await running.ended
  asItIs = interrupted.copy()
  await toVersion5(interrupted.in('data', 'executions.sqlite'))
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

const rowsOf = (workspace: Workspace, table: string): unknown[] => workspace.query(`select * from ${table}`)

it('a paper goes on from them, is asked for nothing twice, and writes no more of them', async () => {
  const workspace = interrupted.copy()
  const before = rowsOf(workspace, 'machine_checkpoints')
  models.reset()
  expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 1, resumed: 1 })
  expect(models.requests.map(({ writer }) => writer)).toEqual(['open_questions'])
  expect(rowsOf(workspace, 'machine_checkpoints')).toEqual(before)
  expect(rowsOf(workspace, 'machine_transitions').length).toBeGreaterThan(2)
  expect(await workspace.phase(['wrap'])).toMatchObject({ succeeded: 1 })
  expect(workspace.reports()).toHaveLength(1)
  const pruned = await workspace.rpa(['prune', '--older-than', '0s', '--json'])
  expect(pruned.json<{ checkpoints: number }>().checkpoints).toBeGreaterThan(before.length)
  for (const table of ['machine_checkpoints', 'machine_latest', 'machine_runs', 'machine_transitions'])
    expect(rowsOf(workspace, table), table).toEqual([])
})

it('a paper that goes on from them is continued by the next process from what that one wrote', async () => {
  const workspace = interrupted.copy()
  models.reset()
  models.script(() => ({ hang: true }))
  const running = workspace.start(['analyze'])
  await models.until(() => models.requests.length === 1)
  running.kill('SIGKILL')
  await running.ended
  models.reset()
  expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 1, resumed: 1 })
  expect(models.requests.map(({ writer }) => writer)).toEqual(['open_questions'])
})

it.each([
  [
    'a damaged one',
    "update machine_checkpoints set snapshot_json = replace(snapshot_json, '\"context\"', '\"kontext')",
  ],
  [
    'the newest one gone',
    'delete from machine_checkpoints where checkpoint_key in (select latest_key from machine_latest)',
  ],
])('%s: the command stops, names the paper, and asks nothing', async (_, change) => {
  const workspace = interrupted.copy()
  workspace.change(change)
  models.reset()
  const end = await workspace.rpa(['analyze', '--json'])
  expectErrorDocument(end, { exit: 1, code: 'db_corrupt', message: /0000\.00001/, hint: /backup/ })
  expect(models.requests).toEqual([])
})

it('in a run: a damaged transition stops the command, names the paper, and asks nothing', async () => {
  const workspace = asItIs.copy()
  workspace.change("update machine_transitions set delta = replace(delta, 'state', 'stare')")
  models.reset()
  const end = await workspace.rpa(['analyze', '--json'])
  expectErrorDocument(end, { exit: 1, code: 'db_corrupt', message: /0000\.00001/, hint: /backup/ })
  expect(models.requests).toEqual([])
})
