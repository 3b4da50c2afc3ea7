import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Digest } from '../../src/pipeline/overview/digest.js'
import type { PaperLog } from '../../src/pipeline/overview/paper-log.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
let workspace: Workspace

beforeAll(async () => {
  models = await startModels()
  workspace = await makeWorkspace()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await workspace.seed('0000.00001', '0000.00004')
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

const digest = async (): Promise<Digest> => (await workspace.rpa(['digest', '--json'])).json<Digest>()

it('tells nothing where nothing happened, so that cron sends no mail', async () => {
  expect(await workspace.rpa(['digest'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(await digest()).toMatchObject({ quiet: true, queue: 2, done: { count: 0 } })
})

it('tells the whole story of a paper, its failed requests too', async () => {
  let asked = 0
  models.script(() => ((asked += 1) === 1 ? { status: 502 } : undefined))
  await workspace.phase(['prep', '--id', '0000.00001'])
  models.script()
  await workspace.phase(['analyze'])
  await workspace.phase(['wrap'])
  const log = (await workspace.rpa(['log', 'arXiv:0000.00001v2', '--json'])).json<PaperLog>()
  expect(log).toMatchObject({ arxiv_id: '0000.00001', status: 'done', failure: null, held: null })
  expect(log.requests).toHaveLength(models.requests.length)
  expect(log.requests[0]).toMatchObject({ phase: 'prep', outcome: 'error', status_code: 502 })
  expect(log.requests.slice(1).map(({ outcome }) => outcome)).toEqual(
    Array(log.requests.length - 1).fill('ok'),
  )
  expect(log.totals).toMatchObject({ requests: models.requests.length, failed: 1 })
  expect(log.totals.prompt_tokens).toBeGreaterThan(0)
  const states = log.transitions.map(({ machine, state }) => `${machine}: ${state}`)
  expect(states).toEqual(expect.arrayContaining(['prep: fetch_pdf', 'analyze: start', 'wrap: done']))
  expect(states.indexOf('prep: fetch_pdf')).toBeLessThan(states.indexOf('wrap: done'))

  const { stdout } = await workspace.rpa(['log', '0000.00001'])
  expect(stdout).toMatch(/^0000\.00001 {2}Leases/)
  expect(stdout).toMatch(/prep: write_key_outcome asks .*: .*status 502/)
  expect(stdout).toMatch(/report: .*0000\.00001_/)
})

it('tells it without checkpoints, once these are pruned', async () => {
  await workspace.rpa(['prune', '--keep', 'purge_all', '--older-than', '0s'])
  const log = (await workspace.rpa(['log', '0000.00001', '--json'])).json<PaperLog>()
  expect(log.transitions).toEqual([])
  expect(log.requests).toHaveLength(models.requests.length)
})

it('tells of what ended, with what to do about it', async () => {
  workspace.change(
    "update executions set status = 'failed', error_class = 'pdf_not_found', error = 'no such PDF' where arxiv_id = '0000.00004'",
  )
  workspace.change("update executions set updated_at = ? where status = 'failed'", new Date().toISOString())
  const report = await digest()
  expect(report).toMatchObject({
    quiet: false,
    queue: 0,
    done: { count: 1, newest: [{ arxiv_id: '0000.00001' }] },
    failed: [{ error_class: 'pdf_not_found', count: 1, arxiv_ids: ['0000.00004'] }],
    requests: { sent: models.requests.length, failed: 1 },
  })
  const log = (await workspace.rpa(['log', '0000.00004', '--json'])).json<PaperLog>()
  expect(log.failure).toEqual({ error_class: 'pdf_not_found', message: 'no such PDF' })
  expect((await workspace.rpa(['log', '0000.00004'])).stdout).toContain('pdf_not_found: no such PDF')
  const { stdout } = await workspace.rpa(['digest'])
  const lines = stdout.trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(10)
  expect(lines[0]).toMatch(
    /^Since .*: 1 paper done, 1 failed, \d+ requests \(1 of no use\), 0 in the queue\.$/,
  )
  expect(stdout).toContain(
    'failed: 1 pdf_not_found (0000.00004): no host has it: put its PDF into the PDF folder (pdf_dir); then rpa retry --error-class pdf_not_found',
  )
  // What was before is not told again.
  workspace.change("update executions set updated_at = '2020-01-01T00:00:00.000Z'")
  workspace.change("update llm_calls set started_at = '2020-01-01T00:00:00.000Z'")
  expect((await workspace.rpa(['digest', '--since', '1h'])).stdout).toBe('')
})

it('tells of no time that is yet to come', async () => {
  const { code, stderr } = await workspace.rpa(['digest', '--since', '2999-01-31'])
  expect(code).toBe(2)
  expect(stderr).toContain('--since 2999-01-31T00:00:00.000Z is yet to come')
})

it('says that a paper is not there', async () => {
  const { code, stdout } = await workspace.rpa(['log', '9912.99999', '--json'])
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'unknown_paper' } })
})
