import { onTestFinished } from 'vitest'
import { ModelError } from '../../src/llm/errors.js'
import { OpenAiProvider } from '../../src/llm/openai.js'
import type { ModelAnswer, ModelProfile, ModelRequest } from '../../src/llm/provider.js'
import type { ModelServer } from '../support/model-server.js'

/** 2026-03-04T12:00:30Z. */
export const NOW = Date.UTC(2026, 2, 4, 12, 0, 30)
export const MIDNIGHT = Date.UTC(2026, 2, 5)
export const KEY = 'sk-or-v1-0123456789abcdef0123456789abcdef'

export interface Client {
  provider: OpenAiProvider
  ask(changes?: Partial<ModelProfile>, request?: Partial<ModelRequest>): Promise<ModelAnswer>
  /** Sends a request that must fail with a ModelError, and returns that. */
  fail(changes?: Partial<ModelProfile>, request?: Partial<ModelRequest>): Promise<ModelError>
}

/** Returns a client of the server, closed when the running test ends. */
export function clientOf(server: Pick<ModelServer, 'url'>, key: string = KEY): Client {
  const provider = new OpenAiProvider({
    env: { TEST_KEY: key },
    clock: { now: () => NOW },
    userAgent: 'rpa/1.2.3 (me@example.org)',
  })
  onTestFinished(() => provider.close())
  const ask: Client['ask'] = (changes, request) =>
    provider.complete({
      agent: 'key_outcome',
      profile: { ...PROFILE, baseUrl: server.url, ...changes },
      system: 'You analyse papers.',
      user: PROMPT,
      input: {},
      headings: [],
      isWhole: () => true,
      session: 'paper-1',
      ...request,
    })
  return {
    provider,
    ask,
    fail: async (changes, request) => {
      const error: unknown = await ask(changes, request).then(
        (answer) => new Error(`it was answered: ${answer.content}`),
        (thrown: unknown) => thrown,
      )
      if (!(error instanceof ModelError)) throw error
      return error
    },
  }
}

export const PROFILE: ModelProfile = {
  profile: 'cheap',
  provider: 'openai',
  openRouter: false,
  model: 'vendor/model:free',
  role: 'cheap',
  baseUrl: null,
  ownBaseUrl: false,
  apiKeyEnv: 'TEST_KEY',
  temperature: 0.2,
  maxTokens: 1234,
  maxTokensMember: 'max_tokens',
  contextLength: 32_768,
  timeout: 20,
  extraBody: {},
  responseCache: false,
  warmFirst: false,
  limitGroup: null,
  fallback: [],
  uncounted: new Set(['unreachable']),
}

export const PROMPT = `Write these sections:

- ## Core Contribution
  One sentence.
- ## Key Results
  Items.

<paper>
[p. 1]
We show that the loopback device answers every request within a millisecond. A second sentence says that nothing is lost.
[p. 2]
The third sentence of this paper stands on its second page, as it should be.
</paper>`
