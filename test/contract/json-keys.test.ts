import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { COMMANDS } from '../../src/commands/index.js'
import { startArxivServer } from '../support/arxiv-server.js'
import { startOpenAlexServer } from '../support/openalex-server.js'
import { ROOT } from '../support/cli.js'
import { modelServer } from '../support/model-server.js'
import { addPrepped } from '../support/prepped.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const FETCHED = {
  id: '1706.03762',
  title: 'Fetched',
  abstract: 'We fetch.',
  authors: ['Ada Example'],
  categories: ['cs.CL'],
  versions: ['2017-06-12T17:57:34Z'],
}

/** Each place in a value as a path; those of all members of a list together. */
function pathsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${path}[]`))
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, member]) =>
    pathsOf(member, path === '' ? key : `${path}.${key}`),
  )
}

/** Members that stand for days, papers and files are a star. */
function joined(paths: readonly string[]): string[] {
  const named = paths.map((path) => path.replaceAll(/\d{4}-\d\d-\d\d|0000\.0000\d/g, '*'))
  return [...new Set(named)].sort().map((path) => `  ${path}`)
}

it('the JSON of every command has the members that scripts read', async () => {
  const workspace = await makeLightWorkspace({ profile: 'offline' })
  const arxiv = await startArxivServer([FETCHED])
  const openalex = await startOpenAlexServer()
  onTestFinished(() => arxiv.close())
  onTestFinished(() => openalex.close())
  workspace.env = { ...arxiv.env, RPA_OPENALEX_URL: openalex.url }
  const seen = new Map<string, string[]>()
  const rpa = async (...args: string[]): Promise<void> => {
    const { stdout } = await workspace.rpa([...args, '--json'])
    const words = args.filter((word) => /^(--)?[a-z-]+$/.test(word)).join(' ')
    const name = (JSON.parse(stdout) as { error?: unknown }).error === undefined ? words : 'an error'
    seen.set(name, [...(seen.get(name) ?? []), ...pathsOf(JSON.parse(stdout))])
  }
  const pdf = join(ROOT, 'samples', 'pdf', '0000.00001.pdf')
  await rpa('status')
  await rpa('corpus', 'import', join(ROOT, 'samples', 'metadata.jsonl'))
  await rpa('seed', '--dry-run', '--limit', '3')
  await rpa('seed', '0000.00001', '0000.00002', '0000.00003', '0000.00004', '9912.99999')
  await rpa('corpus', 'related', '0000.00001')
  await rpa('queue', 'move', '--priority', '1', '0000.00001')
  await rpa('queue', 'hold', '--all', '--dry-run')
  await rpa('queue', 'hold', '0000.00004')
  await rpa('queue', 'list')
  await rpa('queue', 'release', '--all')
  await rpa('queue', 'drop', '--status', 'held')
  await rpa('machine', 'check')
  await rpa('init', 'papers')
  await rpa('config', 'show')
  await rpa('doctor')
  await rpa('config', 'check')
  await rpa('config', 'migrate', '--dry-run', join(ROOT, 'config'))
  const machine = readFileSync(join(ROOT, 'config', 'machines', 'prep.yml'), 'utf8')
  workspace.write('older.yml', machine.replace(/spec_version: .*/, "spec_version: '1.1.0'"))
  await rpa('config', 'migrate', '--dry-run', workspace.in('older.yml'))
  await rpa('extract', pdf)
  await rpa('terms', pdf)
  await rpa('fetch')
  await rpa('prep', '--dry-run')
  await rpa('prep', '--limit', '3')
  await rpa('analyze', '--limit', '2')
  await rpa('wrap', '--limit', '1')
  await rpa('report', 'list')
  workspace.change("update executions set abstract = 'Small pumps.' where arxiv_id = '0000.00001'")
  await rpa('retag', '--all', '--dry-run')
  await rpa('retag', '--all')
  await rpa('terms', '0000.00001')
  await rpa('report', 'show', '0000.00001')
  await rpa('report', 'search', 'the')
  await rpa('report', 'export', 'out')
  const exported = workspace.in(
    'out',
    readdirSync(workspace.in('out')).find((name) => name.endsWith('.md'))!,
  )
  const invented = '## Key Results\n\n- It gains 97.31 seconds [p. 99].\n'
  writeFileSync(exported, readFileSync(exported, 'utf8').replace('## Key Results\n', invented))
  await rpa('quality')
  await rpa('quality', 'out', '--baseline', 'out')
  await rpa('db', 'check')
  await rpa('completion', 'bash')
  await rpa('machine', 'graph', 'prep')
  await rpa('machine', 'run', 'analyze', '--set', 'title=x')
  const models = await modelServer()
  models.models([{ id: 'vendor/other:free', price: 0, context: 131_072 }])
  Object.assign(workspace.env, { OPENROUTER_BASE_URL: models.url, RPA_PROFILE: 'cheap' })
  await rpa('models')
  workspace.env = { ...arxiv.env, RPA_OPENALEX_URL: openalex.url }
  await rpa('db', 'copy', 'data/executions.sqlite', 'copy.sqlite')
  await rpa('prune', '--dry-run')
  // A failure, a stuck paper, a circuit, a request: so that no list of `status` is empty.
  await addPrepped(workspace.in('data', 'executions.sqlite'), 2)
  workspace.change(
    "update executions set status = 'failed', error_class = 'timeout' where arxiv_id = '0000.00004'",
  )
  workspace.change("update executions set status = 'analyzing' where arxiv_id = '0000.00003'")
  workspace.change("update executions set newer_version = 2 where arxiv_id = '0000.00004'")
  workspace.change(
    `insert into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings)
     values ('account:openrouter.ai', 'open', ?, ?, 'out of credit', 'out_of_credit', 1, 1)`,
    new Date().toISOString(),
    new Date(Date.now() + 3_600_000).toISOString(),
  )
  workspace.change(
    `insert into llm_calls (call_id, execution_id, phase, role, model, asked_model, attempt, usage_date, started_at, outcome, counted, limit_group)
     select 'call', execution_id, 'analyze', 'expensive', 'm', 'm', 1, ?, ?, 'in_flight', 1, 'openrouter-free' from executions limit 1`,
    new Date().toISOString().slice(0, 10),
    new Date(Date.now() + 30_000).toISOString(),
  )
  await rpa('status')
  await rpa('metrics')
  await rpa('log', '0000.00001')
  await rpa('digest')
  await rpa('budget')
  await rpa('budget', '--days', '2')
  await rpa('budget', '--remaining')
  await rpa('reap', '--dry-run')
  await rpa('reap')
  await rpa('retry', '--all', '--dry-run')
  await rpa('retry', '--all')
  await rpa('resume')
  await rpa('run', '--max-time', '20s', '--limit', '1')
  await rpa('prune', '--older-than', '0s')
  await rpa('vacuum')
  await rpa('seed', FETCHED.id)
  await rpa('corpus', 'fetch', '--id', FETCHED.id)
  await rpa('corpus', 'update')
  openalex.works = [{ id: 'W1', doi: `10.48550/arxiv.${FETCHED.id}`, cited: 1, retracted: true }]
  await rpa('corpus', 'enrich', FETCHED.id, '2401.99999')
  Object.assign(workspace.env, {
    OPENROUTER_API_KEY: KEY,
    OPENROUTER_BASE_URL: models.url,
    RPA_PROFILE: 'cheap',
  })
  models.queue({ status: 401, body: { error: { message: 'no', code: 401 } } })
  await rpa('quality', 'out', '--baseline', 'out', '--judge')
  models.queue({ content: 'accuracy: A 8, B 7\npreferred: A\ncertainty: 0.6\nwhy: it says more' })
  await rpa('quality', 'out', '--baseline', 'out', '--judge')
  const asked = [...seen.keys()].map((name) => `${name} `)
  const commands = Object.keys(COMMANDS).map((id) => `${id.replaceAll(':', ' ')} `)
  expect(commands.filter((command) => !asked.some((name) => name.startsWith(command)))).toEqual([])
  const lines = [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, paths]) => [name === 'an error' ? name : `rpa ${name} --json`, ...joined(paths), ''])
  await expect(lines.join('\n')).toMatchFileSnapshot('json-keys.txt')
})
