import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { ROOT } from '../support/cli.js'
import { PREP } from '../support/earlier-papers.js'
import { writeEarlierFile } from '../support/earlier-tool.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { emptyDatabase, HAS_SERVER } from '../support/postgres.js'
import { proxyServer } from '../support/proxy.js'
import { queryPostgres } from '../support/raw-postgres.js'
import { temporaryFolder } from '../support/temp.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

const [PAPER = ''] = SAMPLES

/** Title of a recipe → its blocks for sh and for cron, in their order. */
const RECIPES = new Map(
  readFileSync(join(ROOT, 'docs', 'recipes.md'), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((text) => [
      text.slice(0, text.indexOf('\n')),
      [...text.matchAll(/^```(?:sh|crontab)\n(.*?)^```$/gms)].map(([, block = '']) => block),
    ]),
)

let models: ModelQuestions
let seeded: Workspace

beforeAll(async () => {
  models = await startModels()
  seeded = await makeLightWorkspace({ pdf_sources: 'local' })
  seeded.corpus((db) => db.exec(`pragma foreign_keys = off; delete from papers where arxiv_id <> '${PAPER}'`))
  mkdirSync(seeded.in('backup'))
  seeded.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await seeded.seed(PAPER)
})
afterEach(() => models.reset())
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

interface Ran {
  code: number | string | null | undefined
  said: string
}

/** Runs what a recipe says in a workspace; `words` are put in place of what every reader has to put in for himself. */
function sh(workspace: Workspace, script: string, words: Record<string, string> = {}): Promise<Ran> {
  const folder = temporaryFolder()
  const rpa = join(folder, 'rpa')
  writeFileSync(rpa, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin', 'run.js')}' "$@"\n`)
  chmodSync(rpa, 0o755)
  const all = { '/path/to/workspace': workspace.path, ...words }
  const text = Object.entries(all).reduce((own, [word, value]) => own.replaceAll(word, value), script)
  const env = { PATH: `${folder}:/usr/bin:/bin`, ...workspace.env }
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', text], { cwd: workspace.path, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, said: stdout + stderr })
    })
  })
}

/** Without a budget's and an endpoint's variables: what a recipe writes into `.env` must do. */
function without(workspace: Workspace, ...names: string[]): Workspace {
  for (const name of names) delete workspace.env[name]
  return workspace
}

const tests: Record<string, () => Promise<void>> = {
  'A cron table for a year': async () => {
    const workspace = seeded.copy()
    const lines = blocks('A cron table for a year')
      .join('')
      .split('\n')
      .flatMap((line) => /^\S+(?: +\S+){4} +(cd .*)$/.exec(line)?.[1] ?? [])
    expect(lines).toHaveLength(8)
    const mails: string[] = []
    for (const line of lines) mails.push((await sh(workspace, line.replaceAll('\\%', '%'))).said)
    expect(mails.slice(0, -1)).toEqual(Array(7).fill(''))
    expect(mails.at(-1)).toContain('1 paper done')
    expect(workspace.reports()).toHaveLength(1)
    expect(workspace.files(workspace.in('backup'))).toHaveLength(1)
  },

  'One script for everything': async () => {
    const workspace = seeded.copy()
    const script = blocks('One script for everything').join('')
    workspace.env['RPA_BUDGET'] = '2'
    expect(await sh(workspace, script)).toMatchObject({
      code: 75,
      said: expect.stringContaining('prep') as string,
    })
    delete workspace.env['RPA_BUDGET']
    expect(await sh(workspace, script)).toMatchObject({
      code: 0,
      said: expect.stringContaining('1 report') as string,
    })
    workspace.write('rpa.yml', 'budget: many\n')
    expect(await sh(workspace, script)).toMatchObject({ code: 78 })
  },

  'Local models': async () => {
    const workspace = without(seeded.copy(), 'OPENROUTER_API_KEY', 'OPENROUTER_BASE_URL')
    const words = { 'http://127.0.0.1:11434/v1': models.url }
    expect(await sh(workspace, blocks('Local models').join(''), words)).toMatchObject({ code: 0 })
    expect(workspace.reports()).toHaveLength(1)
    expect(models.requests.map(({ authorization }) => authorization)).toEqual(Array(5).fill(undefined))
  },

  'Two keys': async () => {
    const workspace = seeded.copy()
    expect(await sh(workspace, blocks('Two keys').join(''))).toMatchObject({ code: 0 })
    const keys = new Map(models.requests.map(({ model, authorization }) => [model, authorization]))
    expect([...keys].sort()).toEqual([
      ['nvidia/nemotron-3-super-120b-a12b:free', `Bearer ${KEY}`],
      ['nvidia/nemotron-3-ultra-550b-a55b:free', 'Bearer sk-or-v1-of-the-second-account'],
    ])
    const groups = workspace.query('select distinct role, limit_group from llm_calls order by role')
    expect(groups.at(-1)).toEqual({ role: 'expensive', limit_group: 'second' })
  },

  'Moving from the earlier tool': async () => {
    const workspace = seeded.copy()
    const earlier = temporaryFolder()
    writeEarlierFile(join(earlier, 'executions.sqlite'), {
      rows: [{ id: PAPER, status: 'prepped', prep: PREP }],
    })
    writeFileSync(join(earlier, 'arxiv.sqlite'), readFileSync(workspace.in('data', 'arxiv.sqlite')))
    const words = { '/path/to/earlier': earlier }
    expect(await sh(workspace, blocks('Moving from the earlier tool').join(''), words)).toMatchObject({
      code: 0,
    })
    expect(models.requests).toHaveLength(4)
    expect(workspace.reports()).toHaveLength(1)
  },

  'Backup and restore': async () => {
    const workspace = seeded.copy()
    const [backup = '', restore = ''] = blocks('Backup and restore')
    expect(await sh(workspace, backup)).toMatchObject({ code: 0 })
    workspace.change('delete from executions')
    expect(await sh(workspace, restore)).toMatchObject({ code: 0 })
    expect(workspace.statuses()).toEqual({ [PAPER]: 'pending' })
  },

  'PostgreSQL on several machines': async () => {
    if (!HAS_SERVER) return
    const [copy = '', start = ''] = blocks('PostgreSQL on several machines')
    const url = await emptyDatabase()
    const words = { 'postgres://rpa:PASSWORD@db.example.org/rpa': url }
    expect(await sh(seeded.copy(), copy, words)).toMatchObject({ code: 0 })
    const ends = await Promise.all([sh(seeded.copy(), start, words), sh(seeded.copy(), start, words)])
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
    expect(queryPostgres(url, 'select status from executions')).toEqual([{ status: 'done' }])
    expect(models.requests).toHaveLength(5)
  },

  'Behind a proxy': async () => {
    const workspace = seeded.copy()
    workspace.env['OPENROUTER_BASE_URL'] = 'http://models.test/api/v1'
    const proxy = await proxyServer({ 'models.test': Number(new URL(models.url).port) })
    const words = { 'proxy.example:3128': `127.0.0.1:${proxy.port}` }
    expect(await sh(workspace, blocks('Behind a proxy').join(''), words)).toMatchObject({ code: 0 })
    expect(workspace.statuses()).toEqual({ [PAPER]: 'prepped' })
    expect(proxy.passed.map(({ target }) => target)).toContain('http://models.test/api/v1/chat/completions')
  },
}

function blocks(title: string): string[] {
  return RECIPES.get(title) ?? []
}

it('every recipe of the page is tried here', () => {
  expect([...RECIPES.keys()]).toEqual(Object.keys(tests))
})

it.each(Object.entries(tests))('%s', async (_, test) => test())
