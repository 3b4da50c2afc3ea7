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
  'token_limit',
  'TOKEN_LIMIT_REACHED',
  'incomplete',
  'truncated',
  'limit',
  'maxPredictedTokensReached',
  'REASON_MAX_LEN',
]
const finished = (reason: unknown, native?: string): ModelReply => ({
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
    ['model_context_window_exceeded', 'context_overflow'],
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
    ['shutdown', 'server_error'],
    ['server_shut_down', 'server_error'],
    ['internal_error', 'server_error'],
    ['INTERNAL_SERVER_ERROR', 'server_error'],
    ['decode_failed', 'server_error'],
    ['preempted', 'server_error'],
    ['modelUnloaded', 'server_error'],
    ['userStopped', 'server_error'],
    ['rate_limit', 'server_error'],
    ['time_limit', 'server_error'],
  ])('%s is %s', async (reason, expected) => {
    const server = await modelServer(() => finished(reason))
    expect((await clientOf(server).fail()).errorClass).toBe(expected)
  })

  const isAsked = { isWhole: () => false }
  it.each([
    ...['stop', 'STOP', 'FinishReason.STOP', 'FINISH_REASON_STOP', 'REASON_STOP', 'end', 'end_turn', 'eos'],
    ...['eos_token', 'eosFound', 'stopStringFound', 'stop_sequence', 'COMPLETE', 'completed', 'FINISH'],
    ...['endoftext', 'tool_calls', 'function_call', 'tool_use', 'word', 'normal', '', 'null', 'None'],
    ...[['stop'], { type: 'stop', matched: 2 }, { Stop: null }, null, undefined],
  ])('%j is the end of a whole answer', async (reason) => {
    const server = await modelServer(() => finished(reason, 'seen_by_nobody'))
    const alone = await modelServer(() => finished(reason))
    for (const one of typeof reason === 'string' && reason.length > 4 ? [server, alone] : [alone])
      expect((await clientOf(one).ask({}, isAsked)).content).toBe(TEXT)
  })

  it.each([
    'seen_by_nobody',
    'paused',
    7,
    true,
    { reason: 'seen_by_nobody' },
    ['seen_by_nobody'],
    { Custom: { x: 1 } },
  ])('%j says nothing: the text decides', async (reason) => {
    const client = clientOf(await modelServer(() => finished(reason)))
    expect((await client.ask({}, { isWhole: (text) => text === TEXT })).content).toBe(TEXT)
    expect((await client.fail({}, isAsked)).errorClass).toBe('server_error')
    expect((await client.fail({ maxTokens: 60 }, isAsked)).errorClass).toBe('truncated_answer')
  })

  it.each<[string, Record<string, unknown>, 'cut' | 'text']>([
    ['a flag of the body', { truncated: true, choices: [{ message: { content: TEXT } }] }, 'cut'],
    ['a flag beside a stop', { truncated: true }, 'text'],
    ['a flag of the choice', { choices: [{ is_truncated: true, message: { content: TEXT } }] }, 'cut'],
    ['a flag that is not set', { truncated: false }, 'text'],
    ['no reason, all tokens used', { choices: [{ message: { content: TEXT } }] }, 'text'],
  ])('may be told otherwise: %s', async (_, rest, expected) => {
    const client = clientOf(await modelServer(() => ({ body: { ...WHOLE, ...rest } })))
    const few = { maxTokens: 60 }
    if (expected === 'text') expect((await client.ask(few)).content).toBe(TEXT)
    if (expected === 'text' && rest['truncated'] === false)
      expect((await client.ask(few, isAsked)).content).toBe(TEXT)
    else expect((await client.fail(few, isAsked)).errorClass).toBe('truncated_answer')
  })

  it.each([
    ['a list', ['length'], 'truncated_answer'],
    ['a list of two', ['stop', 'content_filter'], 'filtered_answer'],
    ['a name of Rust', { Length: 4096 }, 'truncated_answer'],
  ])('%s is read', async (_, reason, expected) => {
    const server = await modelServer(() => finished(reason))
    expect((await clientOf(server).fail()).errorClass).toBe(expected)
  })

  it('is a status in Responses', async () => {
    const output = [{ type: 'message', content: [{ type: 'output_text', text: TEXT }] }]
    const statuses = ['incomplete', 'failed', 'cancelled', 'in_progress', 'completed']
    const server = await modelServer(() => ({
      body: { object: 'response', output, status: statuses.shift() },
    }))
    const client = clientOf(server)
    for (const expected of ['truncated_answer', 'server_error', 'server_error', 'server_error'])
      expect((await client.fail({}, isAsked)).errorClass).toBe(expected)
    expect((await client.ask({}, isAsked)).content).toBe(TEXT)
  })

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
    ...[9, 40, 70, CHUNKS[3]!.length - 1].map((lost): [string, string[], ModelErrorClass] => [
      `a part without its first ${lost} signs`,
      [CHUNKS[3]!.slice(lost), ...CHUNKS.slice(4), '[DONE]'],
      'malformed_answer',
    ]),
    ...[9, 40, 70].map((kept): [string, string[], ModelErrorClass] => [
      `a part of which came ${kept} signs`,
      [CHUNKS[3]!.slice(0, kept), ...CHUNKS.slice(4), '[DONE]'],
      'malformed_answer',
    ]),
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

describe('a stream whose parts repeat all that came before', () => {
  const grown = [12, 30, 31, 60, TEXT.length].map((end) => chunk({ content: TEXT.slice(0, end) }))
  it.each<[string, string[]]>([
    ['each', grown],
    ['each, one of them late', [...grown.slice(0, 4), grown[1]!, grown[4]!]],
    ['twice in all', [grown[3]!, grown[4]!]],
    ['each, and the thoughts as well', [chunk({ reasoning: 'Hm' }), chunk({ reasoning: 'Hmm.' }), ...grown]],
  ])('is read once: %s', async (_, pieces) => {
    const body = [...pieces, chunk({}, 'stop'), '[DONE]'].map((one) => `data: ${one}\n\n`).join('')
    const server = await modelServer(() => ({ headers: EVENTS, body }))
    expect((await clientOf(server).ask()).content).toBe(TEXT)
  })

  it.each([
    [['ha', 'haha', '!']],
    [['1', '10', '100']],
    [['The', ' gain', ' gain']],
    [['- a\n', '- a\n- b', '\n']],
    [['|---|---|', '|---|---|', '\n']],
  ])('may be meant so: %j', async (pieces) => {
    const parts = [...pieces.map((content) => chunk({ content })), chunk({}, 'stop')]
    const server = await modelServer(() => ({
      headers: EVENTS,
      body: parts.map((one) => `data: ${one}\n\n`).join(''),
    }))
    expect((await clientOf(server).ask()).content).toBe(pieces.join(''))
  })

  it('is one of pieces where Ollama sends them as messages', async () => {
    const pieces = ['#', '## Key', ' Results']
    const lines = pieces.map((content) => ({ message: { role: 'assistant', content }, done: false }))
    const end = { message: { role: 'assistant', content: '' }, done: true }
    const server = await modelServer(() => ({
      headers: { 'content-type': 'application/x-ndjson' },
      body: [...lines, end].map((one) => `${JSON.stringify(one)}\n`).join(''),
    }))
    expect((await clientOf(server).ask()).content).toBe(pieces.join(''))
  })

  it('is not whole where only its first came', async () => {
    const body = { model: 'm', message: { role: 'assistant', content: 'The' }, done: false }
    const server = await modelServer(() => ({ body }))
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
