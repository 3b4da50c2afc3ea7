import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ModelErrorClass } from '../../src/llm/errors.js'
import type { ModelReply } from '../support/model-server.js'
import { modelServer } from '../support/model-server.js'
import { clientOf } from './client.js'

const TEXT = 'The gain is 4.1 points – the largest where labels are noisy, “as expected”.'
const USAGE = { prompt_tokens: 900, completion_tokens: 60, total_tokens: 960 }

function completion(message: object, rest: object = {}): Record<string, unknown> {
  const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', ...message } }]
  return { id: 'gen-1', model: 'vendor/other', choices, usage: USAGE, ...rest }
}
const WHOLE = completion({ content: TEXT })
const JSON_TEXT = JSON.stringify(WHOLE)
const BYTES = Buffer.from(JSON_TEXT)

function chunk(delta: object, finish: string | null = null, rest: object = {}): string {
  return JSON.stringify({
    model: 'vendor/other',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...rest,
  })
}
const CHUNKS = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning: 'Let me see.' }),
  chunk({ content: TEXT.slice(0, 20) }),
  chunk({ content: TEXT.slice(20) }),
  chunk({}, 'stop'),
  JSON.stringify({ choices: [], usage: USAGE }),
]
const stream = (begin: string, end: string): string => CHUNKS.map((one) => `${begin}${one}${end}`).join('')
const EVENTS = { 'content-type': 'text/event-stream' }

type Dress = [name: string, reply: ModelReply]

const DRESSES: Dress[] = [
  ['content in parts', { body: completion({ content: [{ type: 'text', text: TEXT }] }) }],
  [
    'content in several parts',
    { body: completion({ content: [{ text: TEXT.slice(0, 9) }, TEXT.slice(9)] }) },
  ],
  [
    'parts with thinking among them',
    {
      body: completion({
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hmm, 12 percent?' }] },
          { type: 'reasoning', text: 'Let me see.' },
          { type: 'redacted_thinking', data: 'x' },
          { type: 'text', text: TEXT },
        ],
      }),
    },
  ],
  ['content as an object', { body: completion({ content: { type: 'text', text: TEXT } }) }],
  [
    'thinking beside it',
    { body: completion({ content: TEXT, reasoning_content: 'Hmm.', reasoning: 'Hmm.' }) },
  ],
  ['an event stream', { headers: EVENTS, body: `${stream('data: ', '\n\n')}data: [DONE]\n\n` }],
  [
    'an event stream under JSON’s name',
    { headers: { 'content-type': 'application/json' }, body: stream('data: ', '\n\n') },
  ],
  ['a stream without blanks', { headers: EVENTS, body: `${stream('data:', '\n')}data:[DONE]` }],
  ['a stream with CRLF', { headers: EVENTS, body: `${stream('data: ', '\r\n\r\n')}data: [DONE]\r\n` }],
  [
    'a stream with comments and names',
    {
      headers: EVENTS,
      body: `: OPENROUTER PROCESSING {\n\n${stream('id: 1\nevent: message\ndata: ', '\n\n: x\n\n')}`,
    },
  ],
  [
    'a stream whose comments came as data',
    {
      headers: EVENTS,
      body: `data: : OPENROUTER PROCESSING\n\n${stream('data: ', '\n\ndata: \n\n')}data: [DONE]\n\n`,
    },
  ],
  ['a stream with its JSON on the next line', { headers: EVENTS, body: stream('data:\n ', '\n\n') }],
  [
    'a stream with the end glued to it',
    { headers: EVENTS, body: `${stream('data: ', '\n\n').trimEnd()}[DONE]` },
  ],
  ['a stream in one line', { headers: EVENTS, body: `${stream('data: ', '')}data: [DONE]` }],
  ['one JSON a line', { headers: { 'content-type': 'application/x-ndjson' }, body: stream('', '\n') }],
  [
    'a stream that ends with the whole message',
    { headers: EVENTS, body: `${stream('data: ', '\n\n')}data: ${JSON_TEXT}\n\ndata: [DONE]\n\n` },
  ],
  ['a whole answer with the end glued to it', { body: `${JSON_TEXT}[DONE]` }],
  ['a whole answer and the end as an event', { body: `${JSON_TEXT}\n\ndata: [DONE]\n\n` }],
  ['a whole answer as an event', { headers: EVENTS, body: `data: ${JSON_TEXT}\n\n` }],
  ['a byte order mark', { body: `\uFEFF${JSON_TEXT}` }],
  ['UTF-16', { body: Buffer.from(`\uFEFF${JSON_TEXT}`, 'utf16le') }],
  ['gzip', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(BYTES) }],
  ['gzip without a word', { body: gzipSync(BYTES) }],
  ['gzip twice', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(gzipSync(BYTES)) }],
  ['gzip in name only', { headers: { 'content-encoding': 'gzip' }, body: BYTES }],
  ['brotli', { headers: { 'content-encoding': 'br' }, body: brotliCompressSync(BYTES) }],
  ['brotli in name only', { headers: { 'content-encoding': 'br' }, body: BYTES }],
  ['deflate', { headers: { 'content-encoding': 'deflate' }, body: deflateSync(BYTES) }],
  ['deflate without a word', { body: deflateSync(BYTES) }],
  ['raw deflate', { headers: { 'content-encoding': 'deflate' }, body: deflateRawSync(BYTES) }],
  [
    'a packed stream',
    { headers: { ...EVENTS, 'content-encoding': 'gzip' }, body: gzipSync(stream('data: ', '\n\n')) },
  ],
  ['Windows-1252', { headers: { 'content-type': 'application/json' }, body: windows1252(JSON_TEXT) }],
  [
    'a charset that is not true',
    { headers: { 'content-type': 'application/json; charset=iso-8859-1' }, body: BYTES },
  ],
  ['tool calls beside text', { body: completion({ content: TEXT, tool_calls: [{ id: 'a' }] }) }],
  [
    'a finish of tool calls beside text',
    { body: { ...WHOLE, choices: [{ finish_reason: 'tool_calls', message: { content: TEXT } }] } },
  ],
  ['a list around it', { body: [WHOLE] }],
  ['JSON in a string', { body: JSON.stringify(JSON_TEXT) }],
  ['an envelope', { body: { success: true, data: WHOLE } }],
  ['an empty refusal', { body: completion({ content: TEXT, refusal: '' }) }],
  ['error null', { body: { ...WHOLE, error: null } }],
  ['error {}', { body: { ...WHOLE, error: {} } }],
  ['error ""', { body: { ...WHOLE, error: '' } }],
  ['error false', { body: { ...WHOLE, error: false } }],
  ['error "null"', { body: { ...WHOLE, error: 'null' } }],
  ['an error of success', { body: { ...WHOLE, error: { code: 0, message: 'success' } } }],
  [
    'an empty choice before it',
    {
      body: {
        ...WHOLE,
        choices: [
          { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: '' } },
          { index: 1, finish_reason: 'stop', message: { role: 'assistant', content: TEXT } },
        ],
      },
    },
  ],
  ['a hollow error', { body: { ...WHOLE, error: { message: '', type: '', param: '', code: null } } }],
  [
    'a hollow error of the choice',
    { body: { ...WHOLE, choices: [{ finish_reason: 'stop', error: {}, message: { content: TEXT } }] } },
  ],
  ['text of a choice', { body: { ...WHOLE, choices: [{ finish_reason: 'stop', text: TEXT }] } }],
  [
    'a choice that is no list',
    { body: { ...WHOLE, choices: { finish_reason: 'stop', message: { content: TEXT } } } },
  ],
  [
    'Ollama’s own dialect',
    {
      body: {
        model: 'vendor/other',
        message: { role: 'assistant', content: TEXT, thinking: 'Hmm.' },
        done: true,
        done_reason: 'stop',
        prompt_eval_count: 900,
        eval_count: 60,
      },
    },
  ],
  [
    'Responses',
    {
      body: {
        object: 'response',
        status: 'completed',
        model: 'vendor/other',
        error: null,
        incomplete_details: null,
        output: [
          { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hmm.' }] },
          { type: 'message', content: [{ type: 'output_text', text: TEXT }] },
        ],
        usage: { input_tokens: 900, output_tokens: 60 },
      },
    },
  ],
  ['output_text', { body: { model: 'vendor/other', output_text: TEXT, usage: USAGE } }],
  [
    'Cloudflare',
    {
      body: {
        result: { response: TEXT, model: 'vendor/other', usage: USAGE },
        success: true,
        errors: [],
        messages: [],
      },
    },
  ],
  [
    'Anthropic',
    {
      body: {
        type: 'message',
        model: 'vendor/other',
        content: [
          { type: 'thinking', thinking: 'Hmm.', signature: 'x' },
          { type: 'text', text: TEXT },
        ],
        stop_reason: 'end_turn',
        usage: { input_tokens: 900, output_tokens: 60 },
      },
    },
  ],
  [
    'Google',
    {
      body: {
        modelVersion: 'vendor/other',
        candidates: [
          {
            content: { role: 'model', parts: [{ thought: true, text: 'Hmm.' }, { text: TEXT }] },
            finishReason: 'STOP',
          },
        ],
        usageMetadata: { promptTokenCount: 900, candidatesTokenCount: 60 },
      },
    },
  ],
]

function windows1252(text: string): Buffer {
  const signs: Record<string, number> = { '–': 0x96, '“': 0x93, '”': 0x94 }
  return Buffer.from([...text].map((sign) => signs[sign] ?? sign.charCodeAt(0)))
}

describe('a whole answer', () => {
  it.each(DRESSES)('is used, with its tokens, dressed as %s', async (_, reply) => {
    const server = await modelServer(() => reply)
    expect(await clientOf(server).ask()).toMatchObject({
      content: TEXT,
      model: 'vendor/other',
      promptTokens: 900,
      completionTokens: 60,
    })
    expect(server.count).toBe(1)
  })
})

it('half of a pair of code units becomes what UTF-8 makes of it', async () => {
  const server = await modelServer(() => ({
    body: JSON.stringify(completion({ content: 'A \ud83d smile \u{1f600}.' })),
  }))
  expect((await clientOf(server).ask()).content).toBe('A \ufffd smile \u{1f600}.')
})

const CUTS = [
  'length',
  'LENGTH',
  'max_tokens',
  'MAX_TOKENS',
  'maxTokens',
  'max-tokens',
  'FinishReason.MAX_TOKENS',
  'max_output_tokens',
  'max_completion_tokens',
  'max_new_tokens',
  'model_length',
  'model_context_window_exceeded',
  'token_limit',
  'TOKEN_LIMIT_REACHED',
  'incomplete',
  'truncated',
  'limit',
]
const finished = (reason: string, native?: string): ModelReply => ({
  body: {
    ...WHOLE,
    choices: [{ finish_reason: reason, native_finish_reason: native, message: { content: TEXT } }],
  },
})

describe('a reason to finish', () => {
  it.each(CUTS)('%s is a cut', async (reason) => {
    const server = await modelServer()
    server.queue(finished(reason), finished('stop', reason))
    const client = clientOf(server)
    for (let n = 0; n < 2; n += 1) {
      const error = await client.fail()
      expect(error.errorClass).toBe('truncated_answer')
      expect(error.details).toMatchObject({ promptTokens: 900, completionTokens: 60 })
    }
  })

  it.each<[string, ModelErrorClass]>([
    ['content_filter', 'filtered_answer'],
    ['SAFETY', 'filtered_answer'],
    ['PROHIBITED_CONTENT', 'filtered_answer'],
    ['RECITATION', 'filtered_answer'],
    ['sensitive', 'filtered_answer'],
    ['guardrail_intervened', 'filtered_answer'],
    ['refusal', 'moderated'],
    ['error', 'server_error'],
    ['insufficient_system_resource', 'server_error'],
    ['OTHER', 'server_error'],
    ['MALFORMED_RESPONSE', 'server_error'],
    ['USER_CANCEL', 'server_error'],
    ['request_cancelled', 'server_error'],
    ['user_aborted', 'server_error'],
    ['TIMEOUT', 'server_error'],
    ['engine_overloaded', 'server_error'],
    ['repetition', 'server_error'],
    ['ERROR_TOXIC', 'filtered_answer'],
    ['blocked', 'filtered_answer'],
    ['policy_violation', 'filtered_answer'],
    ['ERROR_LIMIT', 'truncated_answer'],
  ])('%s is %s', async (reason, expected) => {
    const server = await modelServer(() => finished(reason))
    expect((await clientOf(server).fail()).errorClass).toBe(expected)
  })

  it.each(['stop', 'STOP', 'end_turn', 'eos', 'stop_sequence', 'COMPLETE', 'tool_calls', ''])(
    '%s is the end of a whole answer',
    async (reason) => {
      const server = await modelServer(() => finished(reason, reason))
      expect((await clientOf(server).ask()).content).toBe(TEXT)
    },
  )

  it.each([
    [{ type: 'length', length: 6000 }, 'truncated_answer'],
    [{ type: 'abort' }, 'server_error'],
  ])('%j is read by its type', async (reason, expected) => {
    const body = { ...WHOLE, choices: [{ finish_reason: reason, message: { content: TEXT } }] }
    const server = await modelServer(() => ({ body }))
    expect((await clientOf(server).fail()).errorClass).toBe(expected)
  })

  it.each<[string, string[], ModelErrorClass]>([
    ['a stop behind a cut', [CHUNKS[3] ?? '', chunk({}, 'length'), chunk({}, 'stop')], 'truncated_answer'],
    ['[DONE] among the words', [chunk({ content: 'It says [DONE]\n' })], 'malformed_answer'],
    [
      'a part that nobody can read',
      ['{"choices":[{"delta":{"content":"a" "b"}}]}', '[DONE]'],
      'malformed_answer',
    ],
  ])('a stream is not whole for %s', async (_, pieces, expected) => {
    const lines = [...CHUNKS.slice(0, 3), ...pieces]
    const server = await modelServer(() => ({
      headers: EVENTS,
      body: lines.map((one) => `data: ${one}\n\n`).join(''),
    }))
    expect((await clientOf(server).fail()).errorClass).toBe(expected)
  })

  it.each([
    ['no number', JSON_TEXT.replace('{', '{"timings":{"x":NaN,"y":-Infinity,"z":undefined},')],
    ['a comma at the end', JSON_TEXT.replace(/}$/, ',}')],
    ['line breaks as they are', JSON_TEXT.replaceAll('\\n', '\n')],
    [
      'no number in a stream',
      stream('data: ', '\n\n').replaceAll('"finish_reason"', '"logprobs":{"x":NaN},"finish_reason"'),
    ],
  ])('JSON with %s is read', async (_, body) => {
    const server = await modelServer(() => ({ body, headers: body.startsWith('data') ? EVENTS : {} }))
    expect((await clientOf(server).ask()).content).toBe(TEXT)
  })

  it('is missed in a stream that was cut', async () => {
    const server = await modelServer(() => ({
      headers: EVENTS,
      body: CHUNKS.slice(0, 3)
        .map((one) => `data: ${one}\n\n`)
        .join(''),
    }))
    expect((await clientOf(server).fail()).errorClass).toBe('malformed_answer')
  })
})

describe('what is no answer', () => {
  it.each<[string, ModelReply]>([
    ['refusal', { body: completion({ content: null, refusal: 'I cannot help with that.' }) }],
    [
      'refusal part',
      { body: completion({ content: [{ type: 'refusal', refusal: 'I cannot help with that.' }] }) },
    ],
    [
      'refusal in a stream',
      {
        headers: EVENTS,
        body: `data: ${chunk({ refusal: 'I cannot ' })}\n\ndata: ${chunk({ refusal: 'help.' }, 'stop')}\n\n`,
      },
    ],
  ])('%s is a refusal, and shown', async (_, reply) => {
    const server = await modelServer(() => reply)
    const error = await clientOf(server).fail()
    expect(error.errorClass).toBe('moderated')
    expect(error.message).toContain('I cannot help')
  })

  it('may be an error in a stream', async () => {
    const event = JSON.stringify({
      error: { code: 429, message: 'limit' },
      choices: [{ delta: {}, finish_reason: 'error' }],
    })
    const server = await modelServer(() => ({
      headers: EVENTS,
      body: `data: ${CHUNKS[2]}\n\ndata: ${event}\n\n`,
    }))
    expect((await clientOf(server).fail()).errorClass).toBe('rate_limited_minute')
  })

  it('may be a page with JSON in it', async () => {
    const server = await modelServer(() => ({ body: `<html><script>x = ${JSON_TEXT}</script></html>` }))
    expect((await clientOf(server).fail()).errorClass).toBe('malformed_answer')
  })

  it('may unpack to more than fits', async () => {
    const server = await modelServer(() => ({ body: gzipSync(Buffer.alloc(64 * 1024 * 1024, 32)) }))
    const error = await clientOf(server).fail()
    expect(error.errorClass).toBe('malformed_answer')
    expect(error.message).toContain('larger')
  })
})
