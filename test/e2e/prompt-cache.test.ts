import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from '../support/cli.js'
import type { ModelCall, ModelReply, ModelServer } from '../support/model-server.js'
import { modelServer } from '../support/model-server.js'
import { addPrepped } from '../support/prepped.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const PAPER = `[p. 1]\n\n## Abstract\n\n${Array.from({ length: 900 }, (_, n) => `Sentence ${n} of a paper says a thing of its own.`).join(' ')}`

interface Row {
  prompt_tokens: number
  cached_tokens: number
}

const textOf = ({ body }: ModelCall): string => JSON.stringify(body.messages)

/** Answers as a provider that keeps the prompts it has read, for each session and model: what a new one has in common with them from its beginning, it need not read. */
async function cachingModels(answersWhen: (call: ModelCall) => Promise<void>): Promise<ModelServer> {
  const read: { key: string; text: string }[] = []
  return modelServer((call): ModelReply => {
    const text = textOf(call)
    const key = `${String(call.body['session_id'])} ${call.body.model}`
    const common = read.filter((one) => one.key === key).map((one) => commonLength(one.text, text))
    const usage = {
      prompt_tokens: Math.ceil(text.length / 4),
      completion_tokens: 100,
      prompt_tokens_details: { cached_tokens: Math.floor(Math.max(0, ...common) / 4) },
      completion_tokens_details: { reasoning_tokens: 40 },
    }
    return { completion: { usage }, until: answersWhen(call).then(() => void read.push({ key, text })) }
  })
}

function commonLength(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return length
}

async function scene(models: ModelServer, warm: boolean): Promise<Workspace> {
  const workspace = await makeWorkspace()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  const profiles = parse(readFileSync(join(ROOT, 'config', 'profiles.yml'), 'utf8')) as {
    data: { model_profiles: Record<string, Record<string, unknown>> }
  }
  for (const profile of Object.values(profiles.data.model_profiles))
    if (profile['provider'] !== 'offline') profile['warm_first'] = warm
  workspace.write('config/profiles.yml', JSON.stringify(profiles))
  await workspace.rpa(['seed', '--limit', '0'])
  await addPrepped(workspace.in('data', 'executions.sqlite'), 1, PAPER)
  return workspace
}

const rows = (workspace: Workspace): Row[] =>
  workspace.query<Row>(
    'select prompt_tokens, cached_tokens from llm_calls where phase = ? order by finished_at',
    'analyze',
  )

it('the first request of a paper runs ahead, and its siblings find at least nine tenths of their prompt in the cache', async () => {
  const models = await cachingModels(() => Promise.resolve())
  const workspace = await scene(models, true)
  expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 1 })
  const [first, ...siblings] = rows(workspace)
  expect(first?.cached_tokens).toBe(0)
  expect(siblings).toHaveLength(2)
  for (const { cached_tokens, prompt_tokens } of siblings)
    expect(cached_tokens / prompt_tokens).toBeGreaterThan(0.9)
  expect(workspace.query('select distinct reasoning_tokens, provider from llm_calls')).toEqual([
    { reasoning_tokens: 40, provider: 'Loopback' },
  ])
})

it('without it the three are sent at once', async () => {
  const arrived: (() => void)[] = []
  const models = await cachingModels(
    () =>
      new Promise((resolve) => {
        arrived.push(resolve)
        if (arrived.length === 3) arrived.forEach((answer) => answer())
      }),
  )
  const workspace = await scene(models, false)
  expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 1 })
  expect(rows(workspace).map(({ cached_tokens }) => cached_tokens)).toEqual([0, 0, 0])
})

it('every request of a paper names its session where OpenRouter is asked, another paper another one', async () => {
  const models = await cachingModels(() => Promise.resolve())
  const workspace = await scene(models, true)
  await workspace.seed('0000.00001')
  await workspace.rpa(['prep'])
  await workspace.phase(['analyze'])
  const sessions = new Map<string, Set<unknown>>()
  for (const { prompt, body } of models.calls) {
    const title = /^Title: (.+)$/m.exec(prompt)?.[1] ?? ''
    sessions.set(title, (sessions.get(title) ?? new Set()).add(body['session_id']))
  }
  expect(sessions.size).toBe(2)
  const ids = [...sessions.values()].flatMap((set) => [...set])
  expect(ids).toHaveLength(2)
  expect(ids.every((id) => typeof id === 'string' && id.length > 0 && id.length <= 256)).toBe(true)
})
