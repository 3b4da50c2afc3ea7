import { describe, expect, it } from 'vitest'
import type { ModelErrorClass } from '../../src/llm/errors.js'
import type { ModelReply } from '../support/model-server.js'
import { accountOf, modelServer } from '../support/model-server.js'
import { clientOf, MIDNIGHT, NOW } from './client.js'

type Case = [name: string, reply: ModelReply, expected: ModelErrorClass, retryAt?: number | null]

function refused(code: number, message: string, metadata?: object, rest: object = {}): ModelReply {
  const error = { code, message, ...(metadata === undefined ? {} : { metadata }), ...rest }
  return { status: code, body: { error, user_id: 'user_1' } }
}

/** The same error, inside a 200. */
function within200({ body }: ModelReply): ModelReply {
  return { status: 200, body }
}

const PLATFORM = (limit: number, reset: number): Record<string, string> => ({
  'X-RateLimit-Limit': String(limit),
  'X-RateLimit-Remaining': '0',
  'X-RateLimit-Reset': String(reset),
})
const NEXT_MINUTE = NOW + 30_000

const perMinute = refused(429, 'Rate limit exceeded: free-models-per-min. ', {
  headers: PLATFORM(20, NEXT_MINUTE),
  provider_name: null,
  limit_source: 'openrouter_free_tier_per_minute',
})
const perDay = refused(
  429,
  'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
  { headers: PLATFORM(50, MIDNIGHT), provider_name: null },
)
const upstream = refused(429, 'Provider returned error', {
  raw: 'vendor/model:free is temporarily rate-limited upstream. Please retry shortly, or add your own key',
  provider_name: 'Cloud',
  is_byok: false,
  limit_source: 'upstream_provider_shared_pool',
})
const capacity = refused(
  429,
  'All providers for vendor/model are at capacity. Retry after 40 seconds.',
  undefined,
  {
    availability: { code: 'capacity_exhausted', retryable: true, retry_after: 40 },
  },
)

const RATE_LIMITS: Case[] = [
  ['per minute', { ...perMinute, headers: PLATFORM(20, NEXT_MINUTE) }, 'rate_limited_minute', NEXT_MINUTE],
  ['per minute, headers in the body only', perMinute, 'rate_limited_minute', NEXT_MINUTE],
  ['per day', perDay, 'rate_limited_day', MIDNIGHT],
  [
    'per day, known by its source alone',
    refused(429, 'Rate limit exceeded', { limit_source: 'openrouter_free_tier_daily' }),
    'rate_limited_day',
    MIDNIGHT,
  ],
  [
    'per day with a high balance',
    refused(429, 'Rate limit exceeded: free-models-per-day-high-balance. ', {
      headers: PLATFORM(1000, MIDNIGHT),
    }),
    'rate_limited_day',
    MIDNIGHT,
  ],
  [
    'of a model in high demand',
    refused(
      429,
      'Rate limit exceeded: limit_rpm/vendor/model-2026/0b5b-uuid. High demand for vendor/model:free on OpenRouter - limited to 8 requests per minute. Please retry shortly.',
      { headers: PLATFORM(8, NEXT_MINUTE), provider_name: null },
    ),
    'rate_limited_upstream',
    NEXT_MINUTE,
  ],
  ['upstream', upstream, 'rate_limited_upstream', null],
  [
    'upstream, with Retry-After',
    { ...upstream, headers: { 'Retry-After': '30' } },
    'rate_limited_upstream',
    NOW + 30_000,
  ],
  [
    'of a provider behind, in other words',
    refused(429, 'Provider returned error', { raw: 'Too many requests', provider_name: 'Cloud' }),
    'rate_limited_upstream',
    null,
  ],
  [
    'of a provider behind, without its name',
    refused(429, 'Provider returned error', { raw: '{"error":{"message":"Slow down, please"}}' }),
    'rate_limited_upstream',
    null,
  ],
  ['at capacity', capacity, 'rate_limited_upstream', NOW + 40_000],
  ['bare', refused(429, 'Rate limit exceeded'), 'rate_limited_minute', null],
  [
    'bare, with Retry-After',
    { ...refused(429, 'Rate limit exceeded'), headers: { 'Retry-After': '7' } },
    'rate_limited_minute',
    NOW + 7000,
  ],
  ['as raw text', { status: 429, body: 'error code: 1015' }, 'rate_limited_minute', null],
  [
    'as HTML',
    {
      status: 429,
      body: '<!DOCTYPE html><html><title>Temporarily unavailable | openrouter.ai</title></html>',
    },
    'rate_limited_minute',
    null,
  ],
  ['without a body', { status: 429, body: '' }, 'rate_limited_minute', null],
  [
    'as a 403 page',
    { status: 403, body: '<html>Attention Required! | Cloudflare</html>' },
    'rate_limited_minute',
    null,
  ],
]

const REFUSALS: Case[] = [
  ['missing key', refused(401, 'No cookie auth credentials found'), 'key_rejected'],
  ['unknown key', refused(401, 'User not found.'), 'key_rejected'],
  ['no permission', refused(403, 'This key may not use this model'), 'key_rejected'],
  ['no credit', refused(402, 'Insufficient credits. Add more using https://example.org'), 'payment_required'],
  [
    'too few credits',
    refused(
      402,
      'This request requires more credits, or fewer max_tokens. You requested up to 64000 tokens, but can only afford 2666',
    ),
    'credit_short',
  ],
  [
    'too many paid calls at once',
    {
      ...refused(402, 'Budget in use', { limit_source: 'openrouter_in_flight_budget' }),
      headers: { 'retry-after': '5' },
    },
    'payment_required',
    NOW + 5000,
  ],
  [
    'spend cap of the key',
    refused(403, 'Key limit exceeded (total limit)', {
      limit_source: 'openrouter_key_limit',
      resets_at: new Date(MIDNIGHT).toISOString(),
    }),
    'payment_required',
    MIDNIGHT,
  ],
  [
    'moderation',
    refused(
      403,
      'vendor/model requires moderation on Cloud. Your input was flagged for "violence". No credits were charged.',
      { reasons: ['violence'], flagged_input: 'x' },
    ),
    'moderated',
  ],
  ['guardrail', refused(403, 'Request blocked', { patterns: ['secret'] }), 'moderated'],
  ['content policy', refused(400, 'Refused', { error_type: 'content_policy_violation' }), 'moderated'],
  ['legal', refused(451, 'Unavailable For Legal Reasons'), 'moderated'],
  ['legal, as a page', { status: 451, body: '<html></html>' }, 'moderated'],
  [
    'too long',
    refused(
      400,
      "This endpoint's maximum context length is 16384 tokens. However, you requested about 26265 tokens",
    ),
    'context_overflow',
  ],
  [
    'too long, by type',
    refused(400, 'Bad request', { error_type: 'context_length_exceeded' }),
    'context_overflow',
  ],
  [
    'too long, upstream',
    refused(400, 'Provider returned error', { raw: '{"code":"context_length_exceeded"}' }),
    'context_overflow',
  ],
  ['bad request', refused(400, 'messages: expected a list'), 'bad_request'],
  [
    'too long because of the answer asked for',
    refused(
      400,
      "This model's maximum context length is 1500 tokens. However, you requested 2034 tokens (800 of text input, 1234 in the output).",
    ),
    'max_tokens_too_large',
  ],
  ['too large', refused(413, 'Request too large'), 'context_overflow'],
  [
    'too large, as a page',
    { status: 413, body: '<html>413 Request Entity Too Large</html>' },
    'body_too_large',
  ],
  ['unprocessable', refused(422, 'messages: required'), 'bad_request'],
  ['no endpoints', refused(404, 'No endpoints found for vendor/model:free.'), 'model_gone'],
  [
    'data policy',
    refused(404, 'No endpoints found matching your data policy (Free model publication).'),
    'data_policy',
  ],
  [
    'providers that the account excludes',
    refused(404, 'No allowed providers are available for the selected model.'),
    'data_policy',
  ],
  [
    'parameters that no provider takes',
    refused(404, 'No endpoints found that can handle the requested parameters.'),
    'parameter_refused',
  ],
  [
    'tools that no provider takes',
    refused(404, 'No endpoints found that support the requested parameters: reasoning'),
    'parameter_refused',
  ],
  [
    'no longer free',
    refused(404, 'This model is unavailable for free. The paid version is available now'),
    'model_gone',
  ],
  [
    'gone for good',
    refused(503, 'Model is retired', undefined, { availability: { code: 'retired', retryable: false } }),
    'model_gone',
  ],
  ['request timeout', refused(408, 'Operation timed out. Please try again later.'), 'timeout'],
  ['gateway timeout', refused(504, 'Timeout', { error_type: 'timeout' }), 'timeout'],
  ['edge timeout', { status: 524, body: '<html>524: A timeout occurred</html>' }, 'timeout'],
  ['internal', refused(500, 'Internal Server Error', { error_type: 'server' }), 'server_error'],
  [
    'provider down',
    refused(502, 'Provider returned error', { raw: 'upstream connect error', provider_name: 'Cloud' }),
    'server_error',
  ],
  [
    'provider down, as a page',
    { status: 502, body: '<html><head><style>b{}</style></head><body>502 Bad Gateway</body></html>' },
    'server_error',
  ],
  [
    'overloaded, with a time',
    { ...refused(503, 'Overloaded'), headers: { 'Retry-After': '12' } },
    'server_error',
    NOW + 12_000,
  ],
  ['provider overloaded', refused(529, 'Overloaded'), 'server_error'],
  ['an unheard-of status', { status: 599, body: '' }, 'server_error'],
  ['an unheard-of refusal', { status: 418, body: 'teapot' }, 'bad_request'],
]

const WITHIN_200: Case[] = [
  ['per minute', within200(perMinute), 'rate_limited_minute', NEXT_MINUTE],
  ['per day', within200(perDay), 'rate_limited_day', MIDNIGHT],
  [
    'per day, as an event of a stream',
    { body: `data: ${JSON.stringify(perDay.body)}\n\n` },
    'rate_limited_day',
    MIDNIGHT,
  ],
  [
    'upstream, choices: null',
    { body: { ...(upstream.body as object), choices: null } },
    'rate_limited_upstream',
  ],
  [
    'at capacity, choices: []',
    { body: { ...(capacity.body as object), choices: [] } },
    'rate_limited_upstream',
    NOW + 40_000,
  ],
  [
    'code as a word',
    { body: { error: { code: 'rate_limit_exceeded', message: 'Slow down' } } },
    'rate_limited_minute',
  ],
  ['code as text', { body: { error: { code: '429', message: 'Slow down' } } }, 'rate_limited_minute'],
  ['without a code', { body: { error: { message: 'Something failed' } } }, 'server_error'],
  ['without anything', { body: { error: {} } }, 'server_error'],
  ['as text', { body: { error: 'overloaded' } }, 'server_error'],
  ['as a list', { body: { error: ['overloaded'] } }, 'server_error'],
  ['with an absurd code', { body: { error: { code: 7, message: 'x' } } }, 'server_error'],
  [
    'finish_reason error, with its cause',
    {
      finishReason: 'error',
      content: 'Half a sen',
      completion: {
        choices: [
          {
            finish_reason: 'error',
            message: { content: 'Half' },
            error: {
              code: 502,
              message: 'Provider disconnected',
              metadata: { error_type: 'provider_unavailable' },
            },
          },
        ],
      },
    },
    'server_error',
  ],
  [
    'finish_reason error, cause by type',
    {
      completion: {
        choices: [
          {
            finish_reason: 'error',
            message: { content: 'Half' },
            error: { code: 'x', message: 'x', metadata: { error_type: 'timeout' } },
          },
        ],
      },
    },
    'timeout',
  ],
  [
    'finish_reason error, no cause',
    { finishReason: 'error', content: 'Half a sentence that must not be taken for' },
    'server_error',
  ],
  [
    'an error beside text',
    {
      completion: {
        choices: [
          { finish_reason: 'stop', message: { content: 'Text' }, error: { code: 429, message: 'limit' } },
        ],
      },
    },
    'rate_limited_minute',
  ],
]

describe.each([
  ['a rate limit', RATE_LIMITS],
  ['a refusal', REFUSALS],
  ['an error within a 200', WITHIN_200],
])('%s', (_, cases) => {
  it.each(cases)('%s', async (_name, reply, expected, retryAt) => {
    const server = await modelServer(() => reply)
    const error = await clientOf(server).fail()
    expect({ class: error.errorClass, code: error.code, status: error.details.statusCode }).toEqual({
      class: expected,
      code: expected,
      status: reply.status ?? 200,
    })
    if (retryAt !== undefined) expect(error.details.retryAt).toBe(retryAt)
    expect(error.retryable).toBe(false)
    expect(error.message).toContain('vendor/model:free')
    expect(error.message).not.toMatch(/[<>]|undefined|\[object/)
    expect(server.count).toBe(1)
  })
})

describe('what a server says of an error', () => {
  it('is shown on one short line, without markup and control characters', async () => {
    const server = await modelServer(() => ({
      status: 502,
      body: `<html><script>var a = "<b>"; alert(1)</script><body>\u001b[31mBad\r\n\u202e  gateway ${'x'.repeat(5000)}</body>`,
    }))
    const { message } = await clientOf(server).fail()
    expect(message).toMatch(/^vendor\/model:free: server error \(502\): \[31mBad gateway x+…$/)
    expect(message.length).toBeLessThan(400)
  })

  it('names the member of the body, not one of the same name inside another', async () => {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    const server = await modelServer(() => refused(400, message, undefined, { param: 'max_tokens' }))
    const profile = { extraBody: { reasoning: { max_tokens: 400 } } }
    const error = await clientOf(server).fail(profile)
    expect(error.message).toContain('of "max_tokens" in profile')
    expect(error.hint).toContain('max_tokens_member: max_completion_tokens')
    const inner = await clientOf(server).fail({ ...profile, maxTokensMember: 'max_completion_tokens' })
    expect(inner.message).toContain('of "reasoning.max_tokens" in profile')
  })

  it('of a key is believed where the endpoint, asked for the key, says so or nothing', async () => {
    const server = await modelServer(() => refused(401, 'User not found.'))
    const client = clientOf(server)
    expect((await client.fail()).errorClass).toBe('key_rejected')
    server.key({ status: 401, body: { error: { code: 401, message: 'User not found.' } } })
    expect((await client.fail()).errorClass).toBe('key_rejected')
    server.key(accountOf(3, 50))
    const passing = await client.fail()
    expect(passing.errorClass).toBe('server_error')
    expect(passing.message).toContain('says that the key is good')
    expect(passing.hint).toBeUndefined()
    expect(server.keyAsked).toHaveLength(3)
  })

  it('is followed by what to do', async () => {
    const server = await modelServer()
    server.queue(
      refused(401, 'User not found.'),
      refused(404, 'No endpoints found'),
      refused(402, 'Insufficient credits'),
    )
    const client = clientOf(server)
    expect((await client.fail()).hint).toContain('TEST_KEY')
    expect((await client.fail()).hint).toContain('"cheap"')
    expect((await client.fail()).hint).toContain('credit')
  })
})
