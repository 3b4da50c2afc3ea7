import { readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectErrorDocument } from '../support/clear-error.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

const ID = '0000.00001'
let models: ModelQuestions
/** One paper is prepped, and one analyzed. */
let original: Workspace

beforeAll(async () => {
  models = await startModels()
  original = await makeWorkspace()
  original.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await original.seed(ID, '0000.00004')
  await original.phase(['prep'])
  await original.phase(['analyze', '--id', '0000.00004'])
})
afterEach(() => models.reset())
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

/** Flips a bit in the middle of a stored value. */
function flip(workspace: Workspace, table: string, column: string, where: string): void {
  const [row] = workspace.query<{ value: Buffer | string }>(
    `select ${column} as value from ${table} where ${where}`,
  )
  const bytes = Buffer.from(row?.value ?? '')
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  const value = typeof row?.value === 'string' ? bytes.toString('utf8') : bytes
  workspace.change(`update ${table} set ${column} = ? where ${where}`, value)
}

describe('a flipped bit', () => {
  const prepped = `arxiv_id = '${ID}'`
  const text = `hash = (select substr(prep_output, instr(prep_output, '"paper_text":{"$blob":"') + 23, 64) from executions where ${prepped})`

  it.each([
    ['the text', 'blobs', 'data', text],
    ['the result of prep', 'executions', 'prep_output', prepped],
    ['the title', 'executions', 'title', prepped],
    ['the abstract', 'executions', 'abstract', prepped],
    ['the authors', 'executions', 'authors', prepped],
    ['the pipeline', 'executions', 'pipeline', prepped],
  ])('in %s of a paper: the command stops and names the paper, and no model sees it', async (_, ...place) => {
    const workspace = original.copy()
    models.reset()
    flip(workspace, ...place)
    const end = await workspace.rpa(['analyze', '--json'])
    expectErrorDocument(end, { exit: 1, code: 'db_corrupt', message: /0000\.00001/, hint: /backup/ })
    expect(models.requests).toEqual([])
    expect(workspace.statuses()[ID]).toBe('prepped')
  })

  it.each(['prep_output', 'expensive_output'])('in %s before wrap: no report', async (column) => {
    const workspace = original.copy()
    models.reset()
    flip(workspace, 'executions', column, "arxiv_id = '0000.00004'")
    const end = await workspace.rpa(['wrap', '--json'])
    expectErrorDocument(end, { exit: 1, code: 'db_corrupt', message: /0000\.00004/, hint: /backup/ })
    expect(models.requests).toEqual([])
    expect(workspace.reports()).toEqual([])
  })

  it('in a text: vacuum names the paper in both forms, and writes no copy', async () => {
    const workspace = original.copy()
    flip(workspace, 'blobs', 'data', text)
    for (const flags of [[], ['--into', 'copy.sqlite']]) {
      const end = await workspace.rpa(['vacuum', ...flags, '--json'])
      expectErrorDocument(end, { exit: 1, code: 'db_corrupt', message: /0000\.00001/, hint: /backup/ })
    }
    expect(workspace.files().map(({ path }) => path)).not.toContain(workspace.in('copy.sqlite'))
  })

  it('in the results of a failed paper: retry stops, and does not have it paid for again', async () => {
    const workspace = original.copy()
    flip(workspace, 'executions', 'prep_output', prepped)
    workspace.change(`update executions set status = 'failed', error_class = 'timeout' where ${prepped}`)
    for (const flags of [['--all', '--dry-run'], ['--all']]) {
      const end = await workspace.rpa(['retry', ...flags, '--json'])
      expectErrorDocument(end, { exit: 1, code: 'db_corrupt', message: /0000\.00001/, hint: /backup/ })
    }
    expect(workspace.statuses()[ID]).toBe('failed')
  })
})

describe('a file that was cut short', () => {
  it.each([0.1, 0.5, 0.9])(
    'to %d of its length: said by each command, and nothing is sent',
    async (share) => {
      const workspace = original.copy()
      models.reset()
      const path = workspace.in('data', 'executions.sqlite')
      truncateSync(path, Math.floor(statSync(path).size * share))
      for (const command of ['analyze', 'wrap', 'prune', 'vacuum']) {
        const end = await workspace.rpa([command, '--json'])
        const message = /executions\.sqlite|0000\.0000/
        expectErrorDocument(end, { exit: 1, code: 'db_corrupt', message, hint: /backup|copy/ })
      }
      expect(models.requests).toEqual([])
      expect(workspace.reports()).toEqual([])
    },
  )
})

describe('a schema that was changed by something else', () => {
  it.each([
    ['alter table llm_calls drop column prompt_tokens', /table llm_calls has no column prompt_tokens/],
    ['alter table executions drop column result_path', /table executions has no column result_path/],
    ['drop table blobs', /table blobs is missing/],
  ])('%s: said before anything is claimed or sent', async (change, message) => {
    const workspace = original.copy()
    models.reset()
    workspace.change(change)
    for (const command of ['analyze', 'status']) {
      const end = await workspace.rpa([command, '--json'])
      expectErrorDocument(end, { exit: 1, code: 'db_schema', message, hint: /backup/ })
    }
    expect(models.requests).toEqual([])
    expect(workspace.statuses()[ID]).toBe('prepped')
  })
})

describe('a DB file that is taken away while a command works', () => {
  it.each(['deleted', 'replaced'])('%s: it stops, says so, and sends nothing more', async (how) => {
    const workspace = original.copy()
    const path = workspace.in('data', 'executions.sqlite')
    let answer = (): void => undefined
    const until = new Promise<void>((resolve) => (answer = resolve))
    models.reset()
    models.script(() => ({ until }))
    const running = workspace.start(['analyze', '--json'])
    await models.until(() => models.requests.length === 3)
    const copy = readFileSync(path)
    rmSync(path)
    if (how === 'replaced') {
      writeFileSync(`${path}.new`, copy)
      renameSync(`${path}.new`, path)
    }
    answer()
    const end = await running.ended
    expectErrorDocument(end, { exit: 1, code: 'db_replaced', message: /executions\.sqlite/, hint: /backup/ })
    expect(models.requests).toHaveLength(3)
  })
})
