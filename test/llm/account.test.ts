import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AccountState } from '../../src/llm/account.js'
import { accountState, readAccount } from '../../src/llm/account.js'
import { ModelError } from '../../src/llm/errors.js'
import { accountOf, modelServer } from '../support/model-server.js'
import type { KeyReply } from '../support/model-server.js'
import { KEY } from './client.js'

const NOTHING: AccountState = {
  freeUsed: null,
  freeLimit: null,
  isFreeTier: null,
  limitRemaining: null,
  usage: null,
}

const options = { userAgent: 'rpa/1.2.3' }

async function read(reply: KeyReply | undefined, timeoutMs = 20_000): Promise<AccountState | null> {
  const server = await modelServer()
  server.key(reply)
  return readAccount(server.url, KEY, { ...options, timeoutMs })
}

describe('the account that an endpoint tells of', () => {
  it('is asked for once, with the key and nothing else', async () => {
    const server = await modelServer()
    server.key(accountOf(57, 1000, { is_free_tier: false, limit_remaining: 4.5, usage: 5.5 }))
    expect(await readAccount(`${server.url}/`, KEY, options)).toEqual({
      freeUsed: 57,
      freeLimit: 1000,
      isFreeTier: false,
      limitRemaining: 4.5,
      usage: 5.5,
    })
    expect(server.keyAsked).toEqual([`Bearer ${KEY}`])
    expect(server.count).toBe(0)
  })

  it('may be asked for without a key', async () => {
    const server = await modelServer()
    server.key(accountOf(1, 50))
    expect(await readAccount(server.url, null, options)).toMatchObject({ freeUsed: 1, isFreeTier: true })
    expect(server.keyAsked).toEqual([undefined])
  })

  it('may have used more than its limit', async () => {
    expect(await read(accountOf(1060, 1000))).toMatchObject({ freeUsed: 1060, freeLimit: 1000 })
  })

  it.each<[string, unknown, Partial<AccountState>]>([
    ['older, without a count', { is_free_tier: true, limit: null }, { isFreeTier: true }],
    ['a count of strings', { free_model_daily_requests: { used: '57', limit: '1000' } }, {}],
    ['a negative count', { free_model_daily_requests: { used: -1, limit: 50 } }, { freeLimit: 50 }],
    ['a limit of zero', { free_model_daily_requests: { used: 3, limit: 0 } }, { freeUsed: 3 }],
    ['half a request', { free_model_daily_requests: { used: 1.5, limit: 50 } }, { freeLimit: 50 }],
    [
      'a number beyond all numbers',
      { free_model_daily_requests: { used: 1e300, limit: 50 } },
      { freeLimit: 50 },
    ],
    [
      'no object',
      { free_model_daily_requests: 12, is_free_tier: false, usage: 1 },
      { isFreeTier: false, usage: 1 },
    ],
    ['a list', { free_model_daily_requests: [57], limit_remaining: {} }, {}],
    ['words for flags', { is_free_tier: 'yes', usage: 'much' }, {}],
  ])('keeps of %s what makes sense', (_, data, known) => {
    expect(accountState({ data })).toEqual({ ...NOTHING, ...known })
  })
})

describe('an endpoint that tells of no account', () => {
  const json = (body: unknown, status = 200): KeyReply => ({ status, body })
  it.each<[string, KeyReply | undefined]>([
    ['knows no such path', undefined],
    ['takes no GET', json({ error: 'method not allowed' }, 405)],
    ['serves a page', { body: '<!doctype html><title>Sign in</title>' }],
    ['serves another JSON', json({ data: { object: 'list' } })],
    ['serves a list', json([1, 2, 3])],
    ['serves null', json({ data: null })],
    ['serves half a document', { body: '{"data": {"is_free_tier": tr' }],
    ['serves nothing', { body: '' }],
    ['sends the right body with a fault', { ...accountOf(1, 50), status: 500 }],
    ['sends us elsewhere', { ...accountOf(1, 50), status: 302 }],
    ['asks others for keys in its own words', json({ error: 'Unauthorized' }, 401)],
    ['refuses as other servers do', json({ error: { message: 'no', code: 'invalid_api_key' } }, 401)],
    ['forbids it', json({ error: { code: 403, message: 'no' } }, 403)],
    ['sends more than anybody reads', { body: `{"data": {"is_free_tier": true}}${' '.repeat(1_000_000)}` }],
  ])('%s', async (_, reply) => {
    expect(await read(reply)).toBeNull()
  })

  it('does not answer in time', async () => {
    expect(await read({ hang: true }, 50)).toBeNull()
  })

  it('is not there', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    expect(await readAccount(`http://127.0.0.1:${port}/v1`, KEY, options)).toBeNull()
  })

  it('speaks no HTTP', async () => {
    const server = createServer((socket) => socket.end('220 mail.example.org ESMTP\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    expect(await readAccount(`http://127.0.0.1:${port}`, KEY, options)).toBeNull()
  })

  it.each(['', 'not a url', 'ftp://127.0.0.1'])('has the address "%s"', async (url) => {
    expect(await readAccount(url, KEY, options)).toBeNull()
  })
})

it('says so where the key is refused, without the key', async () => {
  const refusal = read({ status: 401, body: { error: { code: 401, message: `User not found: ${KEY}` } } })
  await expect(refusal).rejects.toThrow(ModelError)
  const error = (await refusal.catch((thrown: unknown) => thrown)) as ModelError
  expect(error).toMatchObject({ errorClass: 'key_rejected', details: { statusCode: 401 } })
  expect(JSON.stringify(error) + error.stack).not.toContain(KEY)
})
