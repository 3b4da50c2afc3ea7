import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ConfigError } from '../../src/core/errors.js'
import { toModelProfile } from '../../src/llm/profiles.js'

const BASE = 'https://openrouter.ai/api/v1'

describe('a profile', () => {
  it('has defaults for all but the model', () => {
    expect(toModelProfile('mine', { name: 'vendor/model' }, BASE)).toEqual({
      profile: 'mine',
      provider: 'openai',
      openRouter: true,
      responseCache: true,
      warmFirst: false,
      model: 'vendor/model',
      role: 'cheap',
      baseUrl: BASE,
      ownBaseUrl: false,
      apiKeyEnv: 'OPENROUTER_API_KEY',
      temperature: null,
      maxTokens: 8000,
      maxTokensMember: 'max_tokens',
      contextLength: 32_768,
      timeout: 600,
      extraBody: {},
      limitGroup: null,
      fallback: [],
      uncounted: new Set(['unreachable']),
    })
  })

  it('keeps what is written', () => {
    const raw = {
      name: 'qwen3:32b',
      provider: 'openai',
      base_url: 'http://127.0.0.1:11434/v1',
      api_key_env: 'LOCAL_API_KEY',
      role: 'expensive',
      temperature: 0,
      max_tokens: 12_000,
      context_length: 40_960,
      timeout: 1800.5,
      extra_body: { reasoning: { effort: 'low' }, plugins: [{ id: 'context-compression', enabled: false }] },
    }
    expect(toModelProfile('local', raw, BASE)).toEqual({
      profile: 'local',
      provider: 'openai',
      openRouter: false,
      responseCache: false,
      warmFirst: false,
      model: 'qwen3:32b',
      role: 'expensive',
      baseUrl: 'http://127.0.0.1:11434/v1',
      ownBaseUrl: true,
      apiKeyEnv: 'LOCAL_API_KEY',
      temperature: 0,
      maxTokens: 12_000,
      maxTokensMember: 'max_tokens',
      contextLength: 40_960,
      timeout: 1800.5,
      extraBody: raw.extra_body,
      limitGroup: null,
      fallback: [],
      uncounted: new Set(['unreachable']),
    })
  })

  it('needs no key where that is written so', () => {
    expect(toModelProfile('local', { name: 'm', api_key_env: null }, BASE).apiKeyEnv).toBeNull()
  })

  it('is expensive by its name; without a provider it is of any endpoint', () => {
    expect(toModelProfile('expensive', { name: 'm' }, BASE).role).toBe('expensive')
    expect(toModelProfile('expensive', { name: 'm', role: 'cheap' }, BASE).role).toBe('cheap')
    expect(toModelProfile('x', { name: 'm' }, BASE).provider).toBe('openai')
    expect(toModelProfile('x', { name: 'm', provider: 'openrouter' }, BASE).openRouter).toBe(true)
    expect(toModelProfile('x', { name: 'm', provider: 'offline' }, BASE).provider).toBe('offline')
  })

  it.each<[string, unknown, string]>([
    ['no model', {}, 'name'],
    ['an empty model', { name: '' }, 'name'],
    ['text for a number', { name: 'm', max_tokens: '8000' }, 'max_tokens'],
    ['no tokens', { name: 'm', max_tokens: 0 }, 'max_tokens'],
    ['half a token', { name: 'm', max_tokens: 1.5 }, 'max_tokens'],
    ['no room beside the answer', { name: 'm', max_tokens: 40_000 }, 'max_tokens'],
    ['a context shorter than the answer', { name: 'm', context_length: 8000 }, 'context_length'],
    ['half a token of context', { name: 'm', context_length: 9000.5 }, 'context_length'],
    ['a wrong role', { name: 'm', role: 'dear' }, 'role'],
    ['too hot', { name: 'm', temperature: 3 }, 'temperature'],
    ['no time', { name: 'm', timeout: 0 }, 'timeout'],
    ['more time than a timer can hold', { name: 'm', timeout: 5_000_000 }, 'timeout'],
    ['a list for a map', { name: 'm', extra_body: ['x'] }, 'extra_body'],
    ['not a map', 'vendor/model', ''],
    ['nothing', null, ''],
  ])('with a fault is refused, with its name and key: %s', (_, raw, key) => {
    let error: unknown
    try {
      toModelProfile('mine', raw, BASE)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'profile_invalid', exitCode: 78 })
    expect((error as Error).message).toMatch(
      new RegExp(`^profiles\\.yml: model_profiles\\.mine${key === '' ? '' : `\\.${key}`}: \\S`),
    )
  })
})

describe('the shipped profiles', () => {
  it('are valid, named as the agents name them, with room for a thinking model', () => {
    const file = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'config', 'profiles.yml')
    const { data } = parse(readFileSync(file, 'utf8')) as {
      data: { default: string; model_profiles: Record<string, unknown> }
    }
    const profiles = Object.entries(data.model_profiles).map(([name, raw]) => toModelProfile(name, raw, BASE))
    expect(profiles.map(({ profile }) => profile)).toEqual(
      expect.arrayContaining(['cheap', 'expensive', 'offline']),
    )
    expect(Object.keys(data.model_profiles)).toContain(data.default)
    for (const { maxTokens, contextLength, timeout } of profiles) {
      expect(maxTokens).toBeGreaterThanOrEqual(4000)
      expect(contextLength - maxTokens).toBeGreaterThanOrEqual(16_000)
      expect(timeout).toBeGreaterThanOrEqual(60)
    }
  })
})
