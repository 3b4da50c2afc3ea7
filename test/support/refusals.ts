import type { ModelReply } from './model-server.js'

/** What OpenRouter says when it does not answer, as seen by others. */

export const HTML =
  '<!DOCTYPE html><html><head><title>Temporarily unavailable | openrouter.ai</title></head><body>Please wait</body></html>'

/** Returns the body of a refusal. */
export function body(code: number, message: string, metadata?: Record<string, unknown>): object {
  return { error: { code, message, ...(metadata === undefined ? {} : { metadata }) }, user_id: 'user_2f' }
}

/** A refusal with this status and text. */
export function refusal(status: number, message: string, metadata?: Record<string, unknown>): ModelReply {
  return { status, body: body(status, message, metadata) }
}

interface Limit {
  /** What X-RateLimit-Reset says. */
  reset: number | string
  where?: 'headers' | 'body'
  limit?: number
}

export function minuteFull({ limit = 20, ...rest }: Limit): ModelReply {
  return limited('Rate limit exceeded: free-models-per-min. ', 'openrouter_free_tier_per_minute', {
    limit,
    ...rest,
  })
}

export function dayFull({ limit = 50, ...rest }: Limit): ModelReply {
  const message =
    'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day'
  return limited(message, 'openrouter_free_tier_daily', { limit, ...rest })
}

/** One model is asked for too often, by everyone together. */
export function highDemand(reset: number): ModelReply {
  const message =
    'Rate limit exceeded: limit_rpm/vendor/first/0b5c. High demand for vendor/first:free on OpenRouter - limited to 8 requests per minute. Please retry shortly.'
  return limited(message, null, { limit: 8, reset })
}

function limited(
  message: string,
  source: string | null,
  { reset, where = 'headers', limit }: Limit,
): ModelReply {
  const headers = {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': String(reset),
  }
  const metadata = {
    ...(source === null ? { provider_name: null } : { limit_source: source }),
    ...(where === 'body' ? { headers } : {}),
  }
  return { ...refusal(429, message, metadata), ...(where === 'headers' ? { headers } : {}) }
}

/** The same body as one event of a stream under a 200. */
export function asEvent(reply: ModelReply): ModelReply {
  return { body: `: OPENROUTER PROCESSING\n\ndata: ${JSON.stringify(reply.body)}\n\n` }
}

export const UPSTREAM = refusal(429, 'Provider returned error', {
  raw: 'vendor/first:free is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits',
  provider_name: 'Chutes',
  is_byok: false,
  limit_source: 'upstream_provider_shared_pool',
})

export const AT_CAPACITY: ModelReply = {
  status: 429,
  body: {
    error: {
      code: 429,
      message: 'All providers for vendor/first:free are at capacity. Retry after 40 seconds.',
      availability: { code: 'capacity_exhausted', retryable: true, retry_after: 40 },
    },
  },
}

export const NEVER_AGAIN: ModelReply = {
  status: 503,
  body: {
    error: {
      code: 503,
      message: 'No provider serves vendor/first:free any more.',
      availability: { code: 'no_endpoints', retryable: false },
    },
  },
}

export const IN_FLIGHT_BUDGET: ModelReply = {
  ...refusal(402, 'Too many requests are under way for the credit that is left.', {
    reason: 'in_flight_budget_exhausted',
    limit_source: 'openrouter_in_flight_budget',
  }),
  headers: { 'retry-after': '5' },
}

export const MODERATED = refusal(
  403,
  'vendor/first requires moderation on Chutes. Your input was flagged for "violence". No credits were charged.',
  {
    reasons: ['violence'],
    flagged_input: 'We attack the',
    provider_name: 'Chutes',
    model_slug: 'vendor/first',
  },
)

export const GUARDRAIL = refusal(403, 'Request blocked by a guardrail.', { patterns: ['email'] })

export const TOO_LONG = refusal(
  400,
  "This endpoint's maximum context length is 16384 tokens. However, you requested about 26265 tokens (25265 of text input, 1000 in the output). Please reduce the length of either one, or use the context-compression plugin.",
)

/** The answer asked for is larger than all that the model takes. */
export const answerTooLong = (limit: number, answer: number): ModelReply =>
  refusal(
    400,
    `This model's maximum context length is ${limit} tokens. However, you requested ${8000 + answer} tokens (8000 of text input, ${answer} in the output). Please reduce the length of either one.`,
  )

/** A proxy in front takes no request of this size (nginx). */
export const BODY_LIMIT: ModelReply = {
  status: 413,
  headers: { 'content-type': 'text/html' },
  body: '<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body><center><h1>413 Request Entity Too Large</h1></center><hr><center>nginx/1.25.3</center></body>\r\n</html>',
}

/** The account may not ask, whatever the paper (Groq). */
export const RESTRICTED: ModelReply = {
  status: 400,
  body: { error: { message: 'Organization has been restricted.', code: 'organization_restricted' } },
}

/** A refusal in words that nobody knows. */
export const UNHEARD_OF = refusal(400, 'The request was not to our liking.')

export const FAILED_MIDWAY: ModelReply = {
  body: {
    id: 'gen-1',
    choices: [
      {
        finish_reason: 'error',
        message: { role: 'assistant', content: 'The method works bec' },
        error: { code: 502, message: 'Provider disconnected', metadata: { error_type: 'server' } },
      },
    ],
  },
}

export const THOUGHTS_ONLY: ModelReply = {
  completion: {
    choices: [
      {
        finish_reason: 'stop',
        message: { role: 'assistant', content: null, reasoning: 'The paper says that …' },
      },
    ],
    usage: {
      prompt_tokens: 900,
      completion_tokens: 700,
      completion_tokens_details: { reasoning_tokens: 700 },
    },
  },
}

/** Prompt and answer together are more than a minute allows (Groq). */
export const TOO_MANY_TOKENS: ModelReply = {
  status: 413,
  body: {
    error: {
      message:
        'Request too large for model `x` in organization `o` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 13250, please reduce your message size and try again.',
      type: 'tokens',
      code: 'rate_limit_exceeded',
    },
  },
}

/** Fewer tokens of answer could be paid for. */
export function affords(tokens: number): ModelReply {
  return refusal(
    402,
    `This request requires more credits, or fewer max_tokens. You requested up to 64000 tokens, but can only afford ${tokens}.`,
  )
}
