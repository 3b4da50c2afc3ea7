import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import { OpenAiProvider } from '../../src/llm/openai.js'
import { modelServer } from '../support/model-server.js'
import { clientOf, KEY, NOW, PROFILE, PROMPT } from './client.js'

describe('a request', () => {
  it('carries key, name, model, prompts and limits', async () => {
    const server = await modelServer()
    await clientOf(server).ask({ extraBody: { provider: { sort: 'price' }, seed: 7 } })
    expect(server.calls[0]?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      'user-agent': 'rpa/1.2.3 (me@example.org)',
    })
    expect(server.calls[0]?.body).toEqual({
      model: 'vendor/model:free',
      messages: [
        { role: 'system', content: 'You analyse papers.' },
        { role: 'user', content: PROMPT },
      ],
      max_tokens: 1234,
      temperature: 0.2,
      provider: { sort: 'price' },
      seed: 7,
    })
  })

  it('switches off the silent shortening of prompts where OpenRouter is asked, and says so to nobody else', async () => {
    const server = await modelServer()
    const client = clientOf(server)
    await client.ask({ openRouter: true })
    await client.ask({ openRouter: false })
    await client.ask({ openRouter: true, extraBody: { plugins: [{ id: 'web' }] } })
    expect(server.calls.map(({ body }) => body['plugins'])).toEqual([
      [{ id: 'context-compression', enabled: false }],
      undefined,
      [{ id: 'web' }],
    ])
  })

  it('names the session where OpenRouter is asked, the same for every question about a paper', async () => {
    const server = await modelServer()
    const client = clientOf(server)
    await client.ask({ openRouter: true }, { session: 'paper-9' })
    await client.ask({ openRouter: false }, { session: 'paper-9' })
    expect(server.calls.map(({ body }) => body['session_id'])).toEqual(['paper-9', undefined])
  })

  it('leaves out what the profile leaves out', async () => {
    const server = await modelServer()
    await clientOf(server).ask({ temperature: null, apiKeyEnv: null })
    expect(server.calls[0]?.headers.authorization).toBeUndefined()
    expect(server.calls[0]?.body).not.toHaveProperty('temperature')
  })

  it('cannot be made into another one by extra_body', async () => {
    const server = await modelServer()
    await clientOf(server).ask({ extraBody: { model: 'dear/model', max_tokens: 1, messages: [] } })
    expect(server.calls[0]?.body).toMatchObject({ model: 'vendor/model:free', max_tokens: 1234 })
    expect(server.calls[0]?.body.messages).toHaveLength(2)
  })

  it('takes a base URL with and without a slash at its end', async () => {
    const server = await modelServer()
    const client = clientOf(server)
    await client.ask({ baseUrl: `${server.url}/` })
    await client.ask({ baseUrl: server.url })
    expect(server.count).toBe(2)
  })

  it('takes any text, whatever characters are in it', async () => {
    const server = await modelServer()
    await clientOf(server).ask({}, { user: 'lone \ud800 surrogate, 😀, \u0000, "quotes"' })
    expect(server.calls[0]?.prompt).toBe('lone \ud800 surrogate, 😀, \u0000, "quotes"')
  })
})

describe('an answer', () => {
  it('comes with its text, model, tokens and cost', async () => {
    const server = await modelServer(() => ({
      content: 'The text.',
      completion: {
        model: 'vendor/model-2026:free',
        provider: 'Some Host',
        usage: {
          prompt_tokens: 1000,
          completion_tokens: 50,
          cost: 0.0125,
          cost_details: { x: 1 },
          prompt_tokens_details: { cached_tokens: 896 },
          completion_tokens_details: { reasoning_tokens: 20 },
        },
      },
    }))
    expect(await clientOf(server).ask()).toEqual({
      content: 'The text.',
      model: 'vendor/model-2026:free',
      promptTokens: 1000,
      cachedTokens: 896,
      completionTokens: 50,
      reasoningTokens: 20,
      costUsd: 0.0125,
      servedBy: 'Some Host',
      rateLimit: null,
      cached: null,
    })
  })

  it('is worth no less for odd or missing remarks about it', async () => {
    const server = await modelServer(({ number }) => ({
      content: 'Text.',
      finishReason: number === 1 ? null : 'stop',
      completion:
        [
          { usage: undefined, model: undefined },
          { usage: { prompt_tokens: 'twelve', completion_tokens: null, cost: {} }, model: 5 },
          { usage: 'none', error: null, extra: [] },
        ][number - 1] ?? {},
    }))
    const client = clientOf(server)
    const none = {
      content: 'Text.',
      model: 'vendor/model:free',
      promptTokens: null,
      completionTokens: null,
      costUsd: null,
    }
    for (let n = 0; n < 3; n += 1) expect(await client.ask()).toMatchObject(none)
  })

  it.each([
    ['10', 10],
    [900.5, 901],
    [-1, null],
    [1e30, null],
  ])('%s tokens are counted as %s: a ledger has whole ones', async (told, counted) => {
    const usage = {
      prompt_tokens: told,
      completion_tokens: told,
      prompt_tokens_details: { cached_tokens: told },
    }
    const server = await modelServer(() => ({ content: 'Text.', completion: { usage } }))
    const counts = { promptTokens: counted, completionTokens: counted, cachedTokens: counted }
    expect(await clientOf(server).ask()).toMatchObject(counts)
  })

  it('may be preceded by blanks, come slowly, and in a stream that has but one event', async () => {
    const server = await modelServer()
    const good = { choices: [{ finish_reason: 'stop', message: { content: 'Text.' } }] }
    server.queue(
      { padEveryMs: 5, delayMs: 60, content: 'Text.' },
      { body: `\n\n   \n${JSON.stringify(good)}` },
      { body: `: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n${JSON.stringify(good)}` },
    )
    const client = clientOf(server)
    for (let n = 0; n < 3; n += 1) expect((await client.ask()).content).toBe('Text.')
  })

  it('of the stand-in has the sections that were asked for, from the paper', async () => {
    const server = await modelServer()
    const { content } = await clientOf(server).ask()
    expect(content.match(/^## .*$/gm)).toEqual(['## Core Contribution', '## Key Results'])
    expect(content).toContain(
      '"The third sentence of this paper stands on its second page, as it should be." [p. 2]',
    )
  })
})

describe('the key', () => {
  it('is asked for before anything is sent', async () => {
    const server = await modelServer()
    const client = clientOf(server, '')
    const error: unknown = await client.ask().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'api_key_missing', exitCode: 78 })
    expect((error as Error).message).toContain('TEST_KEY')
    expect(server.count).toBe(0)
  })

  it.each(['sk-or-“quoted”', 'sk-or-v1 with blanks', 'sk-or-v1\nX-Other: header'])(
    'is refused without being shown when it cannot be one: %j',
    async (key) => {
      const server = await modelServer()
      const error: unknown = await clientOf(server, key)
        .ask()
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'api_key_invalid', exitCode: 78 })
      expect(everythingOf(error)).not.toContain(key)
      expect(server.count).toBe(0)
    },
  )

  it.each([KEY, 'gsk_another_style_of_key_1234', 'plainSecretWithoutPrefix'])(
    'is in no error, even if the server sends it back: %s',
    async (key) => {
      const server = await modelServer(({ number, headers }) => {
        const said = `Bad credentials ${headers.authorization}`
        return [
          { status: 401, body: { error: { code: 401, message: said, metadata: { raw: said } } } },
          { status: 500, body: `<html><body>${said}</body></html>` },
          { body: { error: { code: 502, message: said } } },
          { body: said },
          { reset: 'mid-body' as const, body: { choices: said.repeat(50) } },
          { headers: { 'content-length': 'x' }, body: said },
        ][number - 1]
      })
      const client = clientOf(server, key)
      for (let n = 0; n < 6; n += 1) {
        const error = await client.fail()
        expect(everythingOf(error)).not.toContain(key)
      }
      expect(server.count).toBe(6)
    },
  )

  it('that stands in the base URL is not shown either', async () => {
    const error = await clientOf({ url: 'http://user:secret-word@127.0.0.1:9/v1' }).fail()
    expect(error.errorClass).toBe('unreachable')
    expect(error.message).toContain('127.0.0.1:9')
    expect(error.message).not.toContain('secret-word')
  })
})

describe('connections', () => {
  it('are kept for the next request, and gone after close()', async () => {
    const server = await modelServer()
    const client = clientOf(server)
    for (let n = 0; n < 5; n += 1) await client.ask()
    expect(await server.connections()).toBeLessThan(5)
    await client.provider.close()
    await expect.poll(() => server.connections()).toBe(0)
  })

  it('are as many as there are requests at once', async () => {
    const server = await modelServer()
    let open: (() => void) | undefined
    const until = new Promise<void>((resolve) => (open = resolve))
    server.rule(({ number }) => {
      if (number === 4) open?.()
      return { until }
    })
    const client = clientOf(server)
    const answers = await Promise.all([client.ask(), client.ask(), client.ask(), client.ask()])
    expect(answers).toHaveLength(4)
  })
})

describe('an abort', () => {
  it('ends the request with the reason that was given, not with a model error', async () => {
    const server = await modelServer(() => ({ hang: true }))
    const controller = new AbortController()
    const reason = new Error('the lease was lost')
    const asked = clientOf(server).ask({}, { signal: controller.signal })
    await expect.poll(() => server.count).toBe(1)
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
    await server.calls[0]?.closed
  })

  it('without a reason is an AbortError', async () => {
    const server = await modelServer(() => ({ hang: true }))
    const asked = clientOf(server).ask({}, { signal: AbortSignal.abort() })
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
    expect(server.count).toBe(0)
  })
})

describe('a base URL', () => {
  it.each(['', 'not a url', 'localhost:1234/v1', 'ftp://127.0.0.1/v1'])(
    'that is none is a configuration error: %j',
    async (baseUrl) => {
      const provider = new OpenAiProvider({
        env: { TEST_KEY: KEY },
        clock: { now: () => NOW },
        userAgent: 'rpa',
      })
      const asked = provider.complete({
        agent: 'a',
        profile: { ...PROFILE, baseUrl },
        system: '',
        user: '',
        input: {},
        headings: [],
        isWhole: () => true,
        session: 'paper-1',
      })
      await expect(asked).rejects.toMatchObject({ code: 'base_url', exitCode: 78 })
    },
  )
})

/** Everything a log could show of an error. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = JSON.stringify(
    Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name))),
  )
  return `${own} ${error.stack} ${error.cause === undefined ? '' : everythingOf(error.cause)}`
}
