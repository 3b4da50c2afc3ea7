import { describe, expect, it } from 'vitest'
import { toModelProfile } from '../../src/llm/profiles.js'
import { profileFaults } from '../../src/llm/profile-faults.js'
import type { ModelReply } from '../support/model-server.js'
import { modelServer } from '../support/model-server.js'
import { clientOf, KEY } from './client.js'

const BASE = 'https://openrouter.ai/api/v1'
const keyOf = (raw: object, base = BASE): string | null =>
  toModelProfile('x', { name: 'm', ...raw }, base).apiKeyEnv

describe('a key', () => {
  it('goes by default to the endpoint of the settings alone', () => {
    expect(keyOf({})).toBe('OPENROUTER_API_KEY')
    expect(keyOf({}, 'http://10.0.0.7/v1')).toBe('OPENROUTER_API_KEY')
    expect(keyOf({ base_url: `${BASE}/` })).toBe('OPENROUTER_API_KEY')
    expect(keyOf({ base_url: 'https://other.example/v1' })).toBeNull()
    expect(keyOf({ base_url: 'https://other.example/v1', api_key_env: 'OTHER_API_KEY' })).toBe(
      'OTHER_API_KEY',
    )
    expect(() => keyOf({ base_url: 'https://other.example/v1', api_key_env: 'OPENROUTER_API_KEY' })).toThrow(
      /is the key to openrouter\.ai, not to other\.example/,
    )
  })

  it.each(['HOME', 'PATH', 'constructor', '__proto__', 'AWS_REGION', 'MY-KEY', 'KEYS', ''])(
    'is in no variable called %j',
    (api_key_env) =>
      expect(profileFaults({ name: 'm', api_key_env })).toMatchObject([{ path: ['api_key_env'] }]),
  )

  it.each(['A_KEY', 'HF_TOKEN', 'MY_API_KEY', 'MY_APIKEY', 'MY_SECRET', 'KEY', 'A_KEY_2'])(
    'may be in %s',
    (api_key_env) => {
      expect(profileFaults({ name: 'm', api_key_env })).toEqual([])
    },
  )

  it('is masked also where an escape hides it, at every depth', async () => {
    const key = 'sk-or/v1-0123456789abcdef'
    const escaped = key.replace('/', '\\/').replace('sk', '\\u0073k')
    const server = await modelServer()
    const raw = JSON.stringify(`{"error":{"message":"you sent ${escaped}"}}`)
    server.queue(
      { status: 400, body: `{"error":{"message":"bad key ${escaped}"}}` },
      { status: 400, body: `{"error":{"message":"Provider returned error","metadata":{"raw":${raw}}}}` },
      { body: `{"choices":[{"message":{"content":"You sent ${escaped}."}}]}` },
    )
    const client = clientOf(server, key)
    expect((await client.fail()).message).toContain('bad key [key]')
    expect((await client.fail()).message).toContain('you sent [key]')
    expect((await client.ask()).content).toBe('You sent [key].')
    expect(server.calls[0]?.headers.authorization).toBe(`Bearer ${key}`)
  })

  const key = 'sk-or/v1-0123456789abcdef'
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/')
  const chunk = (content: string): string =>
    `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
  const part = (text: string): object => ({ type: 'text', text })

  it.each<[string, ModelReply]>([
    [
      'in a body inside a body that says no message',
      { status: 400, body: { error: { message: 'x', metadata: { raw: `{"told":"${inJson(key)}"}` } } } },
    ],
    ['escaped twice', { status: 400, body: { error: { message: `you sent ${inJson(inJson(key))}` } } }],
    ['escaped for a URL', { status: 400, body: { error: { message: `?key=${encodeURIComponent(key)}` } } }],
    [
      'on a page',
      { status: 502, body: `<html><p>key ${key.replace('/', '&#x2F;').replace('-', '&#45;')}</p></html>` },
    ],
    [
      'where a long message is cut',
      { status: 400, body: { error: { message: `${'x '.repeat(135)}${key}` } } },
    ],
    [
      'in the words of a refusal, cut',
      { completion: { choices: [{ message: { refusal: `${'x'.repeat(190)}${key}` } }] } },
    ],
    [
      'in the address it has moved to',
      { status: 308, headers: { location: `https://other.test/v1?key=${key}` }, body: '' },
    ],
    ['as a model that is none', { content: '', completion: { model: key } }],
  ])('is masked in what is said of a failure: %s', async (_, reply) => {
    const server = await modelServer()
    server.queue(reply)
    const error = await clientOf(server, key).fail()
    expect(`${error.message} ${error.hint} ${error.stack}`).not.toMatch(/0123456|v1-0|or.{1,6}v1/)
  })

  it.each<[string, ModelReply]>([
    [
      'in the pieces of a stream',
      { body: `${chunk('It is sk-or/v1-01234')}${chunk('56789abcdef.')}data: [DONE]\n\n` },
    ],
    [
      'in parts',
      {
        completion: {
          choices: [{ message: { content: [part('It is sk-or'), part('/v1-0123456789abcdef.')] } }],
        },
      },
    ],
    ['around thinking', { content: 'It is sk-or/v1-<think>hm</think>0123456789abcdef.' }],
  ])('is masked in an answer that holds it %s', async (_, reply) => {
    const server = await modelServer()
    server.queue(reply)
    const answer = await clientOf(server, key).ask()
    expect(answer.content).toMatch(/It is/)
    expect(answer.content).not.toMatch(/sk-or\/v1-0123456789abcdef/)
  })

  it('is looked for in no time, in a text made to take long', async () => {
    const server = await modelServer()
    server.queue({ body: `{"choices":[{"message":{"content":${JSON.stringify('\\'.repeat(3_000_000))}}}]}` })
    const began = performance.now()
    await clientOf(server, key).ask()
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it('follows a move on the same host and no other', async () => {
    const [server, other] = [await modelServer(), await modelServer()]
    const target = new URL(server.url)
    server.queue({ status: 307, headers: { location: `${target.pathname}/v2/chat/completions` }, body: '' })
    const client = clientOf(server)
    expect((await client.ask()).content).not.toBe('')
    expect(server.calls.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${KEY}`,
      `Bearer ${KEY}`,
    ])
    server.queue({ status: 307, headers: { location: `${other.url}/chat/completions` }, body: '' })
    const error = await client.fail()
    expect(error.errorClass).toBe('endpoint_wrong')
    expect(error.message).toContain(other.url)
    expect(other.count).toBe(0)
  })
})

describe('a profile', () => {
  it.each([
    ['stream', true],
    ['n', 2],
    ['model', 'x'],
    ['messages', []],
    ['max_tokens', 9],
    ['max_completion_tokens', 9],
    ['temperature', 5],
  ])('may not change %s by extra_body', (name, value) => {
    expect(profileFaults({ name: 'm', extra_body: { [name]: value, seed: 1 } })).toMatchObject([
      { path: ['extra_body', name] },
    ])
  })

  it('has no members that nobody knows, and says which was meant', () => {
    expect(profileFaults({ name: 'm', max_token: 7, provider: 'opnai' })).toMatchObject([
      { path: ['provider'] },
      { path: ['max_token'], hint: 'did you mean "max_tokens"?' },
    ])
  })

  it.each([
    'ftp://x/v1',
    'not a url',
    'https://me:p@ss/w@host/v1',
    'https://host/v1?key=1',
    'https://host/v1/chat/completions',
  ])('has no base URL like %s', (base_url) => {
    const [fault] = profileFaults({ name: 'm', base_url })
    expect(fault?.path).toEqual(['base_url'])
    expect(fault?.message).not.toMatch(/p@ss|w@host|me:/)
  })
})
