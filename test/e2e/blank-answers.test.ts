import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/engine/open.js'
import { snapshotsOf, withTexts } from '../../src/db/checkpoints/runs.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { frontmatterOf } from '../support/reports.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

const ID = '0000.00001'
const WRITERS = ['why_hypotheses', 'reproduction_notes', 'open_questions']
let models: ModelQuestions
let analyzed: Workspace

beforeAll(async () => {
  models = await startModels()
  analyzed = await makeLightWorkspace()
  analyzed.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await analyzed.seed(ID)
  await analyzed.phase(['prep'])
  await analyzed.phase(['analyze'])
})
afterEach(() => models.reset())
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

/** What an earlier version stored whose models gave blanks: in the result, and in the last checkpoint. */
async function blank(workspace: Workspace, writers: readonly string[]): Promise<void> {
  const blanks = Object.fromEntries(writers.map((writer) => [writer, ' \n']))
  const { db, close } = await openDatabase(workspace.in('data', 'executions.sqlite'))
  const { execution_id: id, expensive_output: stored } = await db
    .selectFrom('executions')
    .select(['execution_id', 'expensive_output'])
    .executeTakeFirstOrThrow()
  const last = (await snapshotsOf(db, id)).at(-1) ?? {}
  const whole = (await withTexts(db, id, last)) as Record<string, object>
  await close()
  // Earlier versions wrote no checksum.
  const output = JSON.parse((stored ?? '').replace(/"\$crc":"[0-9a-f]{8}",/, '')) as object
  workspace.change('update executions set expensive_output = ?', JSON.stringify({ ...output, ...blanks }))
  const snapshot = {
    ...whole,
    output: { ...whole['output'], ...blanks },
    context: { ...whole['context'], ...blanks },
  }
  workspace.change('delete from machine_transitions')
  workspace.change('delete from machine_runs')
  workspace.change(
    `insert into machine_checkpoints (checkpoint_key, execution_id, machine_name, event, snapshot_json, created_at)
     values (?, ?, 'analyze', 'machine_end', ?, '2026-01-01T00:00:00.000Z')`,
    `${id}/last`,
    id,
    JSON.stringify(snapshot),
  )
  workspace.change(
    "insert into machine_latest (execution_id, latest_key, updated_at) values (?, ?, '2026-01-01T00:00:00.000Z')",
    id,
    `${id}/last`,
  )
}

it('answers that are all blank are asked for again once, and the paper is done', async () => {
  const workspace = analyzed.copy()
  await blank(workspace, WRITERS)
  models.reset()
  expect(await workspace.phase(['wrap'])).toMatchObject({
    failed: 1,
    executions: [{ error_class: 'analysis_missing' }],
  })
  expect(models.requests).toEqual([])
  await workspace.rpa(['retry', '--all'])
  expect(workspace.statuses()).toEqual({ [ID]: 'prepped' })
  expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 1, requests: { expensive: 3 } })
  expect(await workspace.phase(['wrap'])).toMatchObject({ succeeded: 1 })
  expect(workspace.reports()).toHaveLength(1)
})

it('one that is blank is asked for by the repair of wrap', async () => {
  const workspace = analyzed.copy()
  await blank(workspace, ['open_questions'])
  models.reset()
  expect(await workspace.phase(['wrap'])).toMatchObject({
    succeeded: 1,
    requests: { cheap: 2, expensive: 0 },
  })
  expect(models.requests.map(({ writer }) => writer)).toEqual(['limits_confidence', 'repair'])
  // Whoever was asked, and wrote nothing of it, is none of the report's writers.
  const { models: writers } = frontmatterOf(workspace.report(ID)) as { models: object }
  expect(Object.keys(writers).sort()).toEqual(
    ['key_outcome', 'limits_confidence', 'repair', 'reproduction_notes', 'why_hypotheses'].sort(),
  )
})
