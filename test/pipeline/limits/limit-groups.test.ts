import { expect, it } from 'vitest'
import { parseLimits } from '../../../src/llm/limits.js'
import type { ModelProfile } from '../../../src/llm/provider.js'
import { limitGroupFor } from '../../../src/pipeline/limits/limit-groups.js'

const { groups } = parseLimits(
  {
    groups: [
      { name: 'free', host: 'openrouter.ai', models: '*:free', requests_per_minute: 20 },
      { name: 'mine', host: '127.0.0.1', requests_per_minute: 3 },
    ],
  },
  'limits.yml',
)

const profile = (baseUrl: string | null, model: string): ModelProfile => ({
  profile: 'cheap',
  provider: 'openai',
  openRouter: false,
  model,
  role: 'cheap',
  baseUrl,
  ownBaseUrl: false,
  apiKeyEnv: null,
  temperature: null,
  maxTokens: 100,
  maxTokensMember: 'max_tokens',
  contextLength: 32_768,
  timeout: 10,
  extraBody: {},
  responseCache: false,
  warmFirst: false,
  limitGroup: null,
  fallback: [],
  uncounted: new Set(['unreachable']),
})

it.each([
  ['https://openrouter.ai/api/v1', 'vendor/model:free', 'free'],
  ['https://openrouter.ai/api/v1', 'vendor/model', undefined],
  ['http://127.0.0.1:8080/v1', 'anything', 'mine'],
  ['https://openrouter.ai.example.org/api/v1', 'vendor/model:free', undefined],
  ['not a url', 'vendor/model:free', undefined],
  [null, 'vendor/model:free', undefined],
])('at %s, %s belongs to %s', (baseUrl, model, name) => {
  expect(limitGroupFor(groups, profile(baseUrl, model), false)?.name).toBe(name)
})
