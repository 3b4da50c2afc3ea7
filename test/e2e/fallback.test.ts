import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { ROOT } from '../support/cli.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { MODERATED, refusal } from '../support/refusals.js'
import { frontmatterOf } from '../support/reports.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

const PAPER = '0000.00001'
const EXPENSIVE = 'nvidia/nemotron-3-ultra-550b-a55b:free'
const OTHER = 'vendor/other'

let models: ModelQuestions
let template: Workspace
let workspace: Workspace

beforeAll(async () => {
  models = await startModels()
  template = await makeLightWorkspace()
  template.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await template.seed(PAPER)
  await template.phase(['prep'])
})
beforeEach(() => {
  models.reset()
  workspace = template.copy()
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

/** Gives the profile of the expensive questions a list of others; all of them are there, listed or not. */
function writeProfiles(fallback: string[]): void {
  const file = readFileSync(join(ROOT, 'config', 'profiles.yml'), 'utf8')
  const profiles = parse(file) as { data: { model_profiles: Record<string, Record<string, unknown>> } }
  const { expensive } = profiles.data.model_profiles
  Object.assign(profiles.data.model_profiles, {
    expensive: { ...expensive, fallback },
    other: { ...expensive, name: OTHER },
    unlisted: { ...expensive, name: 'vendor/unlisted' },
  })
  workspace.write('config/profiles.yml', stringify(profiles))
}

it('one question that a model refuses is put to the next of its list; ledger and report name who answered', async () => {
  writeProfiles(['other'])
  models.script(({ model, writer }) =>
    model === EXPENSIVE && writer === 'why_hypotheses' ? MODERATED : undefined,
  )
  expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 1, requests: { expensive: 4 } })
  expect(await workspace.phase(['wrap'])).toMatchObject({ succeeded: 1 })

  const asked = models.requests.map(({ model, writer }) => `${writer}: ${model}`)
  expect(asked.filter((one) => one.startsWith('why_hypotheses'))).toEqual([
    `why_hypotheses: ${EXPENSIVE}`,
    `why_hypotheses: ${OTHER}`,
  ])
  expect(asked.filter((one) => one.includes(OTHER))).toHaveLength(1)
  expect(frontmatterOf(workspace.report(PAPER))).toMatchObject({
    models: {
      why_hypotheses: `${OTHER}@stand-in`,
      open_questions: `${EXPENSIVE}@stand-in`,
      reproduction_notes: `${EXPENSIVE}@stand-in`,
    },
    requests: { cheap: 2, expensive: 4 },
  })
  expect(
    workspace.query(
      "select asked_model, model, error_class from llm_calls where state = 'ask' and (asked_model <> ? or error_class is not null) order by started_at, attempt",
      EXPENSIVE,
    ),
  ).toEqual([
    { asked_model: EXPENSIVE, model: EXPENSIVE, error_class: 'moderated' },
    { asked_model: OTHER, model: `${OTHER}@stand-in`, error_class: null },
  ])
})

it('without a list the paper fails with its class, and no other model hears of it', async () => {
  writeProfiles([])
  models.script(({ writer }) => (writer === 'why_hypotheses' ? { status: 451, body: 'no' } : undefined))
  expect(await workspace.phase(['analyze'])).toMatchObject({
    failed: 1,
    executions: [{ status: 'failed', error_class: 'moderated' }],
  })
  expect(new Set(models.requests.map(({ model }) => model))).toEqual(new Set([EXPENSIVE]))
})

it('where the first model is gone, all go to the next, and the command says nothing of a failure', async () => {
  writeProfiles(['other'])
  models.script(({ model }) => (model === EXPENSIVE ? refusal(404, 'No endpoints found') : undefined))
  const end = await workspace.rpa(['analyze', '--json'])
  expect(end).toMatchObject({ code: 0, stderr: '' })
  expect(end.json()).toMatchObject({ succeeded: 1, failed: 0, stopped: null })
  expect(models.requests.filter(({ model }) => model === OTHER)).toHaveLength(3)
})

it('an entry that does not exist is a fault of the configuration', async () => {
  writeProfiles(['nobody'])
  const end = await workspace.rpa(['analyze', '--json'])
  expect(end.code).toBe(78)
  expect(end.json<{ error: { message: string } }>().error.message).toContain('"nobody"')
  expect(models.requests).toEqual([])
})
