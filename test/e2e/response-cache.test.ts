import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from '../support/cli.js'
import type { ModelServer } from '../support/model-server.js'
import { modelServer } from '../support/model-server.js'
import { proxyServer } from '../support/proxy.js'
import type { CachingServer } from '../support/response-cache.js'
import { startCachingServer, useResponseCache } from '../support/response-cache.js'
import { tlsInFrontOf } from '../support/tls-server.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

afterAll(removeWorkspaces)

const [PAPER = ''] = SAMPLES

async function scene(): Promise<{ workspace: Workspace; models: ModelServer; cache: CachingServer }> {
  const models = await modelServer()
  const cache = await startCachingServer(models.url)
  onTestFinished(() => cache.close())
  const workspace = await makeLightWorkspace()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: cache.url }
  useResponseCache(workspace)
  await workspace.seed(PAPER)
  return { workspace, models, cache }
}

interface Machine {
  data: { states: Record<string, object> }
}

const seen = ({ asked }: CachingServer): string[] =>
  asked.map(({ hash, status, cleared }) => {
    const question = [...new Set(asked.map((one) => one.hash))].indexOf(hash) + 1
    return `question ${question} ${status}${cleared ? ', cleared' : ''}`
  })

it('an answer that was empty is not had again', async () => {
  const { workspace, models, cache } = await scene()
  models.queue({ content: '' })
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
  expect(seen(cache)).toEqual(['question 1 MISS', 'question 1 MISS, cleared'])
  expect(workspace.query('select outcome, cached from llm_calls order by started_at')).toEqual([
    { outcome: 'error', cached: 'miss' },
    { outcome: 'ok', cached: 'miss' },
  ])
})

it('nor is one that was cut, in either length', async () => {
  const { workspace, models, cache } = await scene()
  models.queue({ finishReason: 'length' }, { finishReason: 'length' }, { finishReason: 'length' })
  await workspace.rpa(['prep'])
  expect((await workspace.rpa(['retry', '--all'])).code).toBe(0)
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
  expect(seen(cache)).toEqual([
    'question 1 MISS',
    'question 2 MISS',
    'question 1 MISS, cleared',
    'question 2 MISS, cleared',
  ])
})

it('what a server refused is asked again as it was', async () => {
  const { workspace, models, cache } = await scene()
  models.queue({ status: 500, body: { error: { message: 'oops', code: 500 } } })
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
  expect(seen(cache)).toEqual(['question 1 MISS', 'question 1 MISS'])
})

it('a machine that asks the same twice wants two answers', async () => {
  const { workspace, cache } = await scene()
  const machine = parse(readFileSync(join(ROOT, 'config', 'machines', 'prep.yml'), 'utf8')) as Machine
  const { states } = machine.data
  states['ask_again'] = { ...states['write_key_outcome'] }
  states['write_key_outcome'] = { ...states['write_key_outcome'], transitions: [{ to: 'ask_again' }] }
  workspace.write('config/machines/prep.yml', JSON.stringify(machine))
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
  expect(seen(cache)).toEqual(['question 1 MISS', 'question 1 MISS, cleared'])
})

it('OpenRouter is asked to keep answers for a day, without a word in the settings', async () => {
  const models = await modelServer()
  const workspace = await makeLightWorkspace()
  await workspace.seed(PAPER)
  const tls = await tlsInFrontOf(Number(new URL(models.url).port), 'openrouter.ai', workspace.path)
  const proxy = await proxyServer({ 'openrouter.ai': tls.port })
  workspace.env = {
    OPENROUTER_API_KEY: KEY,
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    NODE_EXTRA_CA_CERTS: tls.certificate,
  }
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
  expect(models.calls[0]?.headers).toMatchObject({
    'x-openrouter-cache': 'true',
    'x-openrouter-cache-ttl': '86400',
  })
  expect(models.calls[0]?.headers).not.toHaveProperty('x-openrouter-cache-clear')
})

it('response_cache of a profile is yes or no', async () => {
  const { workspace, cache } = await scene()
  const text = readFileSync(workspace.in('config/profiles.yml'), 'utf8')
  workspace.write('config/profiles.yml', text.replace('"response_cache":true', '"response_cache":"yes"'))
  const end = await workspace.rpa(['machine', 'check'])
  expect(end.code).not.toBe(0)
  expect(end.stdout + end.stderr).toMatch(/response_cache/)
  workspace.write('config/profiles.yml', text.replaceAll('"response_cache":true', '"response_cache":false'))
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
  expect(cache.asked.map(({ status }) => status)).toEqual([null])
})
