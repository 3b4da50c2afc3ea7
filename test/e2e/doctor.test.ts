import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Finding } from '../../src/pipeline/doctor/finding.js'
import { ROOT } from '../support/cli.js'
import { accountOf, modelServer, type ModelServer } from '../support/model-server.js'
import { writeVersion1Database } from '../support/version1-database.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const CHEAP = 'nvidia/nemotron-3-super-120b-a12b:free'
const EXPENSIVE = 'nvidia/nemotron-3-ultra-550b-a55b:free'
const ALL = [CHEAP, EXPENSIVE].map((id) => ({ id, price: 0, context: 262_144 }))

async function examined(
  workspace: Workspace,
  ...args: string[]
): Promise<{ code: number | null; findings: Finding[]; of: (check: string) => Finding[] }> {
  const { code, stdout } = await workspace.rpa(['doctor', '--json', ...args])
  const { findings } = JSON.parse(stdout) as { findings: Finding[] }
  return { code, findings, of: (check) => findings.filter((finding) => finding.check === check) }
}

async function stage(): Promise<[Workspace, ModelServer]> {
  const server = await modelServer()
  server.models(ALL)
  server.key(accountOf(12, 1000))
  const workspace = await makeLightWorkspace()
  workspace.env = { OPENROUTER_BASE_URL: server.url }
  workspace.write('.env', `OPENROUTER_API_KEY=${KEY}\n`)
  chmodSync(workspace.in('.env'), 0o600)
  await workspace.seed('0000.00001')
  return [workspace, server]
}

it('finds a good set-up good, and sends nothing that counts', async () => {
  const [workspace, server] = await stage()
  const { code, findings, of } = await examined(workspace)
  expect(findings.filter(({ state }) => state === 'bad')).toEqual([])
  expect(code).toBe(0)
  expect(server.count).toBe(0)
  expect(of('endpoint')).toMatchObject([
    { state: 'good', message: expect.stringContaining('12 of 1000') as string },
  ])
  expect(of('model')).toHaveLength(2)
  expect(of('executions DB')).toMatchObject([{ state: 'good' }])
  expect(of('corpus')).toMatchObject([{ state: 'good' }])
  // The address of the stand-in stands in no file.
  expect(of('cron')).toMatchObject([
    { state: 'note', message: expect.stringMatching(/^would not see OPENROUTER_BASE_URL/) as string },
  ])
  const { stdout } = await workspace.rpa(['doctor'])
  expect(stdout).toMatch(/^good +Node +\d+\./)
  expect(stdout).not.toContain(KEY)
})

it('names a key that is refused, a model that is gone, and one that takes less than its profile counts on', async () => {
  const [workspace, server] = await stage()
  server.key({ status: 401, body: { error: { code: 401, message: 'User not found.' } } })
  server.models([{ id: CHEAP, price: 0, context: 8192 }])
  const { code, of } = await examined(workspace)
  expect(code).toBe(78)
  expect(of('endpoint')).toMatchObject([{ state: 'bad' }])
  expect(of('model')).toMatchObject([
    { message: expect.stringContaining(`${CHEAP} takes 8192 tokens`) as string },
    { message: expect.stringContaining(`${EXPENSIVE} is not among the models of`) as string },
  ])
})

it('finds a server that cuts long prompts and says nothing, by what it counted', async () => {
  const [workspace, server] = await stage()
  server.rule(() => ({ completion: { usage: { prompt_tokens: 600, completion_tokens: 90 } } }))
  const { stderr } = await workspace.rpa(['prep', '--limit', '1'])
  expect(stderr).toMatch(/super-120b-a12b:free read 600 tokens of a prompt of about \d{4,}: its server cuts/)
  const { code, of } = await examined(workspace)
  expect(code).toBe(78)
  expect(of('prompts')).toMatchObject([
    { state: 'bad', message: expect.stringMatching(/read no more than 600 tokens/) as string },
  ])
})

it('names a model that the settings of the account exclude, and each key that is refused', async () => {
  const [workspace, server] = await stage()
  server.allows((authorization) => (authorization === `Bearer ${KEY}` ? [CHEAP] : []))
  expect((await examined(workspace)).of('model')).toMatchObject([
    { state: 'good' },
    { state: 'bad', message: expect.stringMatching(/^nvidia.*ultra.* settings of the account/) as string },
  ])
  const own = readFileSync(join(ROOT, 'config', 'profiles.yml'), 'utf8')
  workspace.write(
    'config/profiles.yml',
    own.replace(/api_key_env: \w+(?=(?:\n {6}.*)*\n {6}role: expensive$)/m, 'api_key_env: OTHER_API_KEY'),
  )
  writeFileSync(workspace.in('.env'), `OPENROUTER_API_KEY=${KEY}\nOTHER_API_KEY=sk-or-v1-of-another-one\n`)
  const { of } = await examined(workspace)
  expect(server.keyAsked.slice(-2)).toEqual([`Bearer ${KEY}`, 'Bearer sk-or-v1-of-another-one'])
  expect(of('endpoint')).toHaveLength(2)
})

it('knows what local servers say of their context, and a clock that is wrong', async () => {
  const [workspace, server] = await stage()
  server.clockAhead = 3600_000
  server.models([
    { id: '/models/qwen.gguf', price: 0, meta: { n_ctx: 8192, n_ctx_train: 262_144 } },
    { id: 'a/vectors', price: 0, architecture: { output_modalities: ['embeddings'] } },
  ])
  const profiles = readFileSync(join(ROOT, 'config', 'profiles.yml'), 'utf8')
  workspace.write('config/profiles.yml', profiles.replaceAll('provider: openrouter', 'provider: openai'))
  const { of } = await examined(workspace)
  expect(of('clock')).toMatchObject([
    { state: 'note', message: expect.stringMatching(/^(3599|3600) s behind/) as string },
  ])
  expect(of('model').map(({ message }) => message)).toEqual([
    expect.stringMatching(/takes 8192 tokens, its profile counts on/),
    expect.stringMatching(/takes 8192 tokens, its profile counts on/),
  ])
})

it('tells all that is wrong at once, each with what to do', async () => {
  const [workspace] = await stage()
  workspace.write('rpa.yml', 'budgett: 5\nlease_ttl: long\n')
  workspace.write('.env', '')
  workspace.write('config/limits.yml', 'groups: 7\n')
  chmodSync(workspace.in('.env'), 0o644)
  rmSync(workspace.in('data'), { recursive: true })
  const { code, findings, of } = await examined(workspace)
  expect(code).toBe(78)
  expect(of('settings')).toHaveLength(2)
  expect(of('key')).toMatchObject([
    { state: 'bad', todo: expect.stringContaining('OPENROUTER_API_KEY') as string },
  ])
  expect(of('configuration')).toMatchObject([{ state: 'bad', todo: 'rpa config check names each.' }])
  expect(of('corpus')).toMatchObject([{ state: 'note' }])
  expect(of('executions DB')).toMatchObject([{ state: 'note', message: 'none yet' }])
  expect(findings.filter(({ state, todo }) => state !== 'good' && todo === undefined)).toEqual([])
  if (process.platform === 'win32') return
  expect(of('.env')).toMatchObject([{ state: 'bad', todo: expect.stringMatching(/^chmod 600 /) as string }])
  expect((await examined(workspace, '--fix')).of('.env')).toMatchObject([{ state: 'good' }])
  expect(statSync(workspace.in('.env')).mode & 0o777).toBe(0o600)
})

it('says that work of a process that is gone stands still', async () => {
  const [workspace] = await stage()
  workspace.change("update executions set status = 'analyzing'")
  expect((await examined(workspace)).of('stuck work')).toMatchObject([
    { state: 'note', message: expect.stringMatching(/^1 paper/) as string },
  ])
})

it('looks at a file of an earlier version as it is', async () => {
  const [workspace] = await stage()
  const file = workspace.in('data', 'executions.sqlite')
  for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true })
  await writeVersion1Database(file)
  const check = (await workspace.rpa(['db', 'check', '--json'])).json<{ schema: number; writes: boolean }>()
  expect(check).toMatchObject({ schema: 1, writes: true, papers: 1 })
  expect((await examined(workspace)).of('executions DB')).toMatchObject([
    {
      state: 'good',
      message: expect.stringMatching(/tables of version 1, \d+ with the next command/) as string,
    },
  ])
})

it('needs no endpoint where everything is offline', async () => {
  const workspace = await makeLightWorkspace({ profile: 'offline' })
  const { code, of } = await examined(workspace)
  expect(code).toBe(0)
  expect([...of('endpoint'), ...of('key')]).toEqual([])
})
