import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ModelErrorClass } from '../../src/llm/errors.js'
import type { ModelReply } from '../support/model-server.js'
import { modelServer } from '../support/model-server.js'
import { temporaryFolder } from '../support/temp.js'
import { tlsInFrontOf } from '../support/tls-server.js'
import { clientOf } from './client.js'

type Case = [name: string, reply: ModelReply, expected: ModelErrorClass]

const PAGE = '<!DOCTYPE html><html><head><title>openrouter.ai</title></head><body>Just a moment</body></html>'

const UNUSABLE: Case[] = [
  [
    'cut off by max_tokens',
    { finishReason: 'length', content: 'A sentence that ends in the mid' },
    'truncated_answer',
  ],
  ['nothing left after thinking', { finishReason: 'length', content: '' }, 'truncated_answer'],
  ['withheld', { finishReason: 'content_filter', content: 'Half' }, 'filtered_answer'],
  ['a tool call', { finishReason: 'tool_calls', content: null }, 'malformed_answer'],
  ['content null', { content: null }, 'empty_answer'],
  ['content empty', { content: '' }, 'empty_answer'],
  ['content blank', { content: ' \n\t ' }, 'empty_answer'],
  ['no content', { completion: { choices: [{ finish_reason: 'stop', message: {} }] } }, 'empty_answer'],
  ['no message', { completion: { choices: [{ finish_reason: 'stop' }] } }, 'empty_answer'],
  [
    'cold start',
    { content: '', finishReason: null, completion: { usage: { completion_tokens: 0 } } },
    'empty_answer',
  ],
  [
    'content of another type',
    { completion: { choices: [{ finish_reason: 'stop', message: { content: [{ type: 'text' }] } }] } },
    'empty_answer',
  ],
  ['choices null', { completion: { choices: null } }, 'malformed_answer'],
  ['choices empty', { completion: { choices: [] } }, 'malformed_answer'],
  ['other JSON', { body: { status: 'ok' } }, 'malformed_answer'],
  ['JSON null', { body: 'null' }, 'malformed_answer'],
  ['a JSON string', { body: '"text"' }, 'malformed_answer'],
  ['a page', { body: PAGE }, 'malformed_answer'],
  ['raw text', { body: 'error code: 1015' }, 'malformed_answer'],
  ['no body', { body: '' }, 'malformed_answer'],
  ['padding only', { body: ' \n'.repeat(500) }, 'malformed_answer'],
  ['comments only', { body: ': OPENROUTER PROCESSING\n\n' }, 'malformed_answer'],
  ['cut JSON', { cutAt: 120 }, 'malformed_answer'],
]

describe('an answer that is not whole', () => {
  it.each(UNUSABLE)('is a failure, never text: %s', async (_, reply, expected) => {
    const server = await modelServer(() => reply)
    const error = await clientOf(server).fail()
    expect(error.errorClass).toBe(expected)
    expect(error.details.statusCode).toBe(reply.status ?? 200)
    expect(error.message).toMatch(/^vendor\/model:free /)
    expect(error.message).not.toContain('<')
  })

  const words = 'The gain is 4.1 points, so let me see.'
  const event = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`
  it.each<[string, ModelReply]>([
    [
      'reasoning_content',
      {
        completion: {
          choices: [{ finish_reason: 'stop', message: { content: null, reasoning_content: words } }],
        },
      },
    ],
    [
      'reasoning',
      { completion: { choices: [{ finish_reason: 'stop', message: { content: '', reasoning: words } }] } },
    ],
    [
      'thinking of Ollama',
      {
        body: {
          message: { role: 'assistant', content: '', thinking: words },
          done: true,
          done_reason: 'stop',
        },
      },
    ],
    [
      'a part',
      {
        completion: {
          choices: [{ finish_reason: 'stop', message: { content: [{ type: 'thinking', thinking: words }] } }],
        },
      },
    ],
    [
      'a stream',
      {
        headers: { 'content-type': 'text/event-stream' },
        body: `${event({ reasoning_content: words })}${event({}, 'stop')}data: [DONE]\n\n`,
      },
    ],
    ['the text itself', { content: `<think>${words}</think>` }],
  ])('says so where all of it is reasoning: %s', async (_, reply) => {
    const server = await modelServer(() => reply)
    const error = await clientOf(server).fail()
    expect(error.errorClass).toBe('empty_answer')
    expect(error.message).toContain('all of its text is reasoning')
    expect(error.hint).toContain('reasoning')
    expect(error.message).not.toContain('4.1')
  })

  const sections = '## Core Contribution\n\nIt answers.\n\n## Key Results\n\n- 4.1 points'
  it.each([
    ['the whole of it', sections, sections],
    ['behind the end mark', `So, two sections.\n</think>\n\n${sections}`, sections],
    ['a plan before it', `I begin with\n\n${sections}`, null],
    ['one of two', '## Core Contribution\n\nIt answers.', null],
  ])('is used where a server took the sections asked for as thoughts: %s', async (_, reasoning, expected) => {
    const choices = [{ finish_reason: 'stop', message: { content: '', reasoning_content: reasoning } }]
    const client = clientOf(await modelServer(() => ({ completion: { choices } })))
    const request = { headings: ['Core Contribution', 'Key Results'] }
    if (expected === null) expect((await client.fail({}, request)).errorClass).toBe('empty_answer')
    else expect((await client.ask({}, request)).content).toBe(expected)
  })

  const args = JSON.stringify({ content: sections })
  it.each<[string, ModelReply]>([
    [
      'of a call',
      {
        completion: {
          choices: [
            {
              finish_reason: 'tool_calls',
              message: { content: null, tool_calls: [{ function: { name: 'write', arguments: args } }] },
            },
          ],
        },
      },
    ],
    [
      'of a function',
      {
        completion: {
          choices: [
            {
              finish_reason: 'function_call',
              message: { content: '', function_call: { name: 'write', arguments: args } },
            },
          ],
        },
      },
    ],
    [
      'of a part',
      {
        completion: {
          choices: [
            {
              finish_reason: 'tool_use',
              message: { content: [{ type: 'tool_use', input: JSON.parse(args) as object }] },
            },
          ],
        },
      },
    ],
    [
      'of a stream',
      {
        headers: { 'content-type': 'text/event-stream' },
        body:
          [...args]
            .map((letter) => event({ tool_calls: [{ index: 0, function: { arguments: letter } }] }))
            .join('') + event({}, 'tool_calls'),
      },
    ],
  ])('is used where it stands in the arguments %s', async (_, reply) => {
    const client = clientOf(await modelServer(() => reply))
    const request = { headings: ['Core Contribution', 'Key Results'] }
    expect((await client.ask({}, request)).content).toBe(args)
    expect((await client.fail({}, { ...request, isWhole: () => false })).errorClass).toBe('malformed_answer')
    expect((await client.fail()).errorClass).toBe('malformed_answer')
  })

  it('is judged by no word that every object has', async () => {
    const server = await modelServer(() => ({ body: { error: { code: 'constructor', message: 'x' } } }))
    expect((await clientOf(server).fail()).errorClass).toBe('server_error')
  })

  it('keeps what it cost', async () => {
    const server = await modelServer(() => ({
      finishReason: 'length',
      completion: { usage: { prompt_tokens: 9000, completion_tokens: 1234, cost: 0.5 } },
    }))
    const { details, hint, message } = await clientOf(server).fail()
    expect(details).toMatchObject({ promptTokens: 9000, completionTokens: 1234, costUsd: 0.5 })
    expect(message).toContain('1234')
    expect(hint).toContain('max_tokens')
  })

  it('may not be larger than 8 MB', async () => {
    const server = await modelServer(() => ({ content: 'x'.repeat(9 * 1024 * 1024) }))
    const error = await clientOf(server).fail()
    expect(error.errorClass).toBe('malformed_answer')
    expect(error.message).toContain('larger')
    await server.calls[0]?.closed
  })
})

describe('the deadline', () => {
  const SHORT = { timeout: 0.3 }

  it.each<[string, ModelReply]>([
    ['nothing comes', { hang: true }],
    ['padding keeps coming', { padEveryMs: 10 }],
    ['the body does not end', { padEveryMs: 1000, delayMs: 60_000 }],
  ])('ends the request although %s', async (_, reply) => {
    const server = await modelServer(() => reply)
    const error = await clientOf(server).fail(SHORT)
    expect(error.errorClass).toBe('timeout')
    expect(error.message).toBe('vendor/model:free did not answer within 0.3 s.')
    // The server sees it too: nothing is left open.
    await server.calls[0]?.closed
  })

  it('may be a fraction of a millisecond', async () => {
    const server = await modelServer(() => ({ hang: true }))
    expect((await clientOf(server).fail({ timeout: 0.000_2 })).errorClass).toBe('timeout')
  })
})

describe('a connection', () => {
  it.each<[string, ModelReply]>([
    ['before the answer', { reset: 'before' }],
    ['in the middle of the body', { reset: 'mid-body', content: 'x'.repeat(100_000) }],
    ['before the announced length', { headers: { 'content-length': '100000' }, reset: 'mid-body' }],
  ])('that is reset %s is connection_failed', async (_, reply) => {
    const server = await modelServer(() => reply)
    const error = await clientOf(server).fail()
    expect(error.errorClass).toBe('connection_failed')
    expect(error.message).toContain(server.url)
    expect(error.details.statusCode ?? null).toBeNull()
  })

  const event = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`
  const EVENTS = { 'content-type': 'text/event-stream' }
  const closed = JSON.stringify({ choices: [{ finish_reason: 'stop', message: { content: 'All of it.' } }] })
  const longer = { 'content-length': String(closed.length + 2) }
  it.each<[string, ModelReply]>([
    ['without the last chunk', { body: closed }],
    ['before the blanks that were announced', { body: closed, headers: longer }],
    ['packed', { body: gzipSync(closed) }],
    [
      'a stream with its reason',
      { headers: EVENTS, body: event({ content: 'All of it.' }) + event({}, 'stop') },
    ],
    ['a stream with its end', { headers: EVENTS, body: `${event({ content: 'All of it.' })}data: [DONE]` }],
  ])('that broke behind a whole answer takes nothing away: %s', async (_, reply) => {
    const server = await modelServer(() => ({ ...reply, reset: 'behind-body' }))
    expect((await clientOf(server).ask()).content).toBe('All of it.')
    expect(server.count).toBe(1)
  })

  it.each<[string, ModelReply, ModelErrorClass]>([
    ['nothing', { body: '' }, 'connection_failed'],
    ['JSON that is not closed', { body: closed.slice(0, -1) }, 'connection_failed'],
    ['a page', { body: PAGE }, 'connection_failed'],
    ['a stream that goes on', { headers: EVENTS, body: event({ content: 'Half.' }) }, 'connection_failed'],
    ['a refusal', { status: 429, body: { error: { message: 'Slow down' } } }, 'rate_limited_minute'],
    ['a cut answer', { body: closed.replace('stop', 'length') }, 'truncated_answer'],
  ])('that broke behind %s is what that is', async (_, reply, expected) => {
    const server = await modelServer(() => ({ ...reply, reset: 'behind-body' }))
    expect((await clientOf(server).fail()).errorClass).toBe(expected)
  })

  it('that stays open behind a whole answer costs time alone', async () => {
    const server = await modelServer(() => ({ body: closed, reset: 'never' }))
    expect((await clientOf(server).ask({ timeout: 0.5 })).content).toBe('All of it.')
  })

  it('serves the next request after a reset', async () => {
    const server = await modelServer()
    server.queue({ reset: 'before' }, { reset: 'mid-body' })
    const client = clientOf(server)
    await client.fail()
    await client.fail()
    expect((await client.ask()).content).toContain('## Key Results')
    expect(server.count).toBe(3)
  })

  it('that is refused is unreachable, with a hint', async () => {
    const server = await modelServer()
    await server.close()
    const error = await clientOf(server).fail()
    expect(error.errorClass).toBe('unreachable')
    expect(error.message).toContain('ECONNREFUSED')
    expect(error.hint).toContain('OPENROUTER_BASE_URL')
  })

  it('that cannot be encrypted, or that ought to be, never was one: what to change is named', async () => {
    const server = await modelServer()
    const safe = await tlsInFrontOf(Number(new URL(server.url).port), 'localhost', temporaryFolder())
    const untrusted = await clientOf({ url: `https://localhost:${safe.port}/v1` }).fail()
    expect(untrusted.errorClass).toBe('unreachable')
    expect(untrusted.hint).toContain('NODE_EXTRA_CA_CERTS')
    const plain = await clientOf({ url: server.url.replace('http:', 'https:') }).fail()
    expect(plain.errorClass).toBe('unreachable')
    expect(plain.message).toContain('speaks http, not https')
    const safePort = await clientOf({ url: `http://127.0.0.1:${safe.port}/v1` }).fail()
    expect(safePort.errorClass).toBe('endpoint_wrong')
    expect(safePort.message).toContain('speaks https, not http')
  })

  it('to a host that does not exist is unreachable', async () => {
    const error = await clientOf({ url: 'http://no-such-host.invalid/v1' }).fail()
    expect(error.errorClass).toBe('unreachable')
  })

  it('with something that does not speak HTTP is connection_failed', async () => {
    const babbler = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n')
    })
    await new Promise<void>((resolve) => babbler.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void babbler.close())
    const { port } = babbler.address() as AddressInfo
    const error = await clientOf({ url: `http://127.0.0.1:${port}` }).fail()
    expect(error.errorClass).toBe('connection_failed')
  })
})
