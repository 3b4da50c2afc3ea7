import { nextUtcMidnight } from '../../../src/core/clock.js'
import type { ModelReply } from '../../support/model-server.js'
import { MODEL } from '../../support/phase-bench.js'
import * as says from '../../support/refusals.js'

/**
 * What follows from one failure of each kind, with nothing waited for: `patience` is 0, so whatever closes ends the
 * command, and a paper that has to wait stays where it is.
 */
export interface Row {
  name: string
  reply: ModelReply
  /** Answers to what is asked in its place, with the same paper in hand; left out: one request is all. */
  then?: ModelReply
  errorClass: string
  /** Of the ledger row; null where there was no HTTP answer. */
  status: number | null
  paper: 'back' | 'tried' | 'failed'
  /** The paper is not taken again before this much time has passed, or some time up to that; milliseconds. */
  waits?: number | [number, number]
  circuit?: {
    name: string
    probe: boolean
    /** From now on, milliseconds; or the moment itself. */
    for: number | { at: (now: number) => number }
  }
  exit?: number
  stopped?: 'budget' | 'circuit'
  /** Seconds; the profile's deadline. */
  timeout?: number
}

const GROUP = 'group:free'
/** Its name ends in the host too. */
export const MODEL_CIRCUIT = `model:${MODEL}`
/** Its name ends in the host. */
export const ACCOUNT = 'account'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** The backoff of the bench: drawn from zero up to that. */
const JITTER: [number, number] = [0, HOUR]

/** A whole second some time from now. */
const SOON = Math.floor(Date.now() / 1000) * 1000 + 20 * MINUTE
const LATER = SOON + 5 * HOUR

const PAUSED = (at: number) => ({ name: GROUP, probe: false, for: { at: () => at } })
const stops = { exit: 75, stopped: 'circuit' } as const
const minute = { errorClass: 'rate_limited_minute', status: 429, paper: 'back', ...stops } as const
const day = { errorClass: 'rate_limited_day', paper: 'back', exit: 75, stopped: 'budget' } as const
const upstream = { errorClass: 'rate_limited_upstream', status: 429, paper: 'back' } as const
const noCredit = { errorClass: 'payment_required', paper: 'back', ...stops } as const
const gone = {
  errorClass: 'model_gone',
  paper: 'back',
  circuit: { name: MODEL_CIRCUIT, probe: true, for: 24 * HOUR },
  exit: 78,
} as const
const server = { errorClass: 'server_error', paper: 'tried', waits: JITTER } as const
const timeout = { errorClass: 'timeout', paper: 'tried', waits: JITTER } as const
const broken = { errorClass: 'connection_failed', status: null, paper: 'tried', waits: JITTER } as const
const malformed = { errorClass: 'malformed_answer', status: 200, paper: 'tried', waits: JITTER } as const
const empty = { errorClass: 'empty_answer', status: 200, paper: 'tried', waits: JITTER } as const
const refused = { errorClass: 'moderated', paper: 'failed' } as const
const wrong = (errorClass: string, status: number) =>
  ({ errorClass, status, paper: 'back', exit: 78 }) as const

export const ROWS: Row[] = [
  // 429 of OpenRouter itself, for the account
  {
    name: 'minute, Reset in the headers',
    reply: says.minuteFull({ reset: SOON }),
    ...minute,
    circuit: PAUSED(SOON),
  },
  {
    name: 'minute, Reset in the body only',
    reply: says.minuteFull({ reset: SOON, where: 'body' }),
    ...minute,
    circuit: PAUSED(SOON),
  },
  {
    name: 'minute, Reset in seconds',
    reply: says.minuteFull({ reset: SOON / 1000 }),
    ...minute,
    circuit: PAUSED(SOON),
  },
  {
    name: 'minute, Retry-After',
    reply: {
      ...says.refusal(429, 'Rate limit exceeded: free-models-per-min. '),
      headers: { 'retry-after': '17' },
    },
    ...minute,
    circuit: { name: GROUP, probe: false, for: 17_000 },
  },
  {
    name: '429 that says nothing',
    reply: says.refusal(429, 'Rate limit exceeded'),
    ...minute,
    circuit: { name: GROUP, probe: false, for: MINUTE },
  },
  {
    name: '429 of the network in front (1015)',
    reply: { status: 429, body: 'error code: 1015' },
    ...minute,
    circuit: { name: GROUP, probe: false, for: MINUTE },
  },
  {
    name: '403 of the network in front, as HTML',
    reply: { status: 403, body: says.HTML },
    ...minute,
    status: 403,
    circuit: { name: GROUP, probe: false, for: MINUTE },
  },
  {
    name: 'minute, inside a 200',
    reply: { ...says.minuteFull({ reset: SOON, where: 'body' }), status: 200 },
    ...minute,
    status: 200,
    circuit: PAUSED(SOON),
  },
  { name: 'day', reply: says.dayFull({ reset: LATER }), ...day, status: 429, circuit: PAUSED(LATER) },
  {
    name: 'day, as an event under a 200',
    reply: says.asEvent(says.dayFull({ reset: LATER, where: 'body' })),
    ...day,
    status: 200,
    circuit: PAUSED(LATER),
  },
  {
    name: 'day, without a time',
    reply: says.refusal(429, 'Rate limit exceeded: free-models-per-day-high-balance. '),
    ...day,
    status: 429,
    circuit: { name: GROUP, probe: false, for: { at: nextUtcMidnight } },
  },
  // 429 of one model
  { name: 'upstream', reply: says.UPSTREAM, ...upstream, waits: JITTER },
  {
    name: 'upstream, in other words',
    reply: says.refusal(429, 'Provider returned error', {
      raw: 'Too many requests',
      provider_name: 'Chutes',
    }),
    ...upstream,
    waits: JITTER,
  },
  {
    name: 'upstream, Retry-After',
    reply: { ...says.UPSTREAM, headers: { 'retry-after': '30' } },
    ...upstream,
    waits: 30_000,
    circuit: { name: MODEL_CIRCUIT, probe: false, for: 30_000 },
  },
  {
    name: 'high demand (limit_rpm)',
    reply: says.highDemand(SOON),
    ...upstream,
    waits: SOON,
    circuit: { name: MODEL_CIRCUIT, probe: false, for: { at: () => SOON } },
  },
  {
    name: 'more tokens than a minute allows, and the paper cannot be cut to them',
    reply: says.TOO_MANY_TOKENS,
    errorClass: 'rate_limited_tokens',
    status: 413,
    paper: 'back',
    waits: JITTER,
  },
  {
    name: 'all providers at capacity',
    reply: says.AT_CAPACITY,
    ...upstream,
    waits: 40_000,
    circuit: { name: MODEL_CIRCUIT, probe: false, for: 40_000 },
  },
  // money
  {
    name: '402',
    reply: says.refusal(402, 'Insufficient credits. Add more using https://openrouter.ai/credits'),
    ...noCredit,
    status: 402,
    circuit: { name: ACCOUNT, probe: true, for: HOUR },
  },
  {
    name: '402, requests under way hold the credit',
    reply: says.IN_FLIGHT_BUDGET,
    ...noCredit,
    status: 402,
    circuit: { name: ACCOUNT, probe: false, for: 5000 },
  },
  {
    name: '403, limit of the key',
    reply: says.refusal(403, 'Key limit exceeded (total limit)'),
    ...noCredit,
    status: 403,
    circuit: { name: ACCOUNT, probe: true, for: HOUR },
  },
  {
    name: '403, budget with a reset',
    reply: says.refusal(403, 'Budget exceeded', {
      limit_source: 'openrouter_workspace_budget',
      resets_at: new Date(LATER).toISOString(),
    }),
    ...noCredit,
    status: 403,
    circuit: { name: ACCOUNT, probe: false, for: { at: () => LATER } },
  },
  // the key, the model
  {
    name: '401',
    reply: says.refusal(401, 'User not found.'),
    errorClass: 'key_rejected',
    status: 401,
    paper: 'back',
    exit: 78,
  },
  {
    name: '403 of the key',
    reply: says.refusal(403, 'You are not allowed to do that'),
    errorClass: 'key_rejected',
    status: 403,
    paper: 'back',
    exit: 78,
  },
  { name: '404', reply: says.refusal(404, `No endpoints found for ${MODEL}`), ...gone, status: 404 },
  { name: '503, not retryable', reply: says.NEVER_AGAIN, ...gone, status: 503 },
  // what people have to change: nothing is closed, since nothing of it ends by itself
  {
    name: 'data policy of the account',
    reply: says.refusal(404, 'No endpoints found matching your data policy (Free model training).'),
    ...wrong('data_policy', 404),
  },
  {
    name: 'privacy_restricted',
    reply: {
      status: 404,
      body: { error: { code: 404, message: 'No endpoints', availability: { code: 'privacy_restricted' } } },
    },
    ...wrong('data_policy', 404),
  },
  {
    name: 'providers that the account excludes',
    reply: says.refusal(404, 'No allowed providers are available for the selected model.'),
    ...wrong('data_policy', 404),
  },
  {
    name: 'parameters that no provider takes',
    reply: says.refusal(404, 'No endpoints found that can handle the requested parameters.'),
    ...wrong('parameter_refused', 404),
  },
  { name: '404 as HTML', reply: { status: 404, body: says.HTML }, ...wrong('endpoint_wrong', 404) },
  { name: '405', reply: { status: 405, body: '' }, ...wrong('endpoint_wrong', 405) },
  {
    name: 'an address without /v1, inside a 200',
    reply: { body: { error: 'Unexpected endpoint or method. (POST /chat/completions)' } },
    ...wrong('endpoint_wrong', 200),
  },
  {
    name: 'an organisation that is restricted',
    reply: says.RESTRICTED,
    ...wrong('account_refused', 400),
  },
  { name: '407', reply: { status: 407, body: says.HTML }, ...wrong('proxy_login', 407) },
  {
    name: 'moved to another host',
    reply: { status: 308, headers: { location: 'https://example.org/v1/chat/completions' }, body: '' },
    ...wrong('endpoint_wrong', 308),
  },
  {
    name: 'a parameter',
    reply: says.refusal(400, "Unsupported parameter: 'max_tokens' is not supported with this model."),
    ...wrong('parameter_refused', 400),
  },
  {
    name: 'an answer longer than the model takes, which has no room for a paper at all',
    reply: says.answerTooLong(1500, 1000),
    ...wrong('max_tokens_too_large', 400),
  },
  {
    name: "a proxy's limit for bodies, and again when the paper was cut",
    reply: says.BODY_LIMIT,
    then: says.BODY_LIMIT,
    ...wrong('body_too_large', 413),
  },
  // this paper
  { name: '403 moderation', reply: says.MODERATED, ...refused, status: 403 },
  { name: '403 guardrail', reply: says.GUARDRAIL, ...refused, status: 403 },
  { name: '451', reply: { status: 451, body: 'Unavailable For Legal Reasons' }, ...refused, status: 451 },
  {
    name: 'content_filter',
    reply: { finishReason: 'content_filter', content: '' },
    errorClass: 'filtered_answer',
    status: 200,
    paper: 'failed',
  },
  {
    name: 'too long, and again when it was shorter',
    reply: says.TOO_LONG,
    then: says.TOO_LONG,
    errorClass: 'context_overflow',
    status: 400,
    paper: 'failed',
  },
  {
    name: 'length, and again with more room',
    reply: { finishReason: 'length', content: 'The method works bec' },
    then: { finishReason: 'length', content: 'The method works because it is a' },
    errorClass: 'truncated_answer',
    status: 200,
    paper: 'failed',
  },
  {
    name: '400',
    reply: says.refusal(400, 'messages: expected a list'),
    errorClass: 'bad_request',
    status: 400,
    paper: 'tried',
    waits: JITTER,
    ...stops,
  },
  {
    name: '413',
    reply: says.refusal(413, 'Payload too large'),
    then: says.refusal(413, 'Payload too large'),
    errorClass: 'context_overflow',
    status: 413,
    paper: 'failed',
  },
  {
    name: '422',
    reply: says.refusal(422, 'unprocessable'),
    errorClass: 'bad_request',
    status: 422,
    paper: 'tried',
    waits: JITTER,
    ...stops,
  },
  // what passes
  { name: '500', reply: says.refusal(500, 'Internal Server Error'), ...server, status: 500 },
  {
    name: '502',
    reply: says.refusal(502, 'Provider returned error', { raw: 'oops', provider_name: 'X' }),
    ...server,
    status: 502,
  },
  { name: '503', reply: says.refusal(503, 'overloaded'), ...server, status: 503 },
  {
    name: '503, Retry-After',
    reply: { ...says.refusal(503, 'overloaded'), headers: { 'retry-after': '20' } },
    ...server,
    status: 503,
    waits: 20_000,
    circuit: { name: MODEL_CIRCUIT, probe: false, for: 20_000 },
  },
  { name: '409', reply: says.refusal(409, 'Conflict'), ...server, status: 409 },
  { name: '529', reply: says.refusal(529, 'overloaded'), ...server, status: 529 },
  { name: '500 as HTML', reply: { status: 500, body: says.HTML }, ...server, status: 500 },
  {
    name: 'error inside a 200',
    reply: { body: says.body(502, 'Provider returned error') },
    ...server,
    status: 200,
  },
  {
    name: 'error inside a 200, choices null',
    reply: { body: { choices: null, ...says.body(502, 'no') } },
    ...server,
    status: 200,
  },
  {
    name: 'error inside a 200, choices []',
    reply: { body: { choices: [], ...says.body(500, 'no') } },
    ...server,
    status: 200,
  },
  { name: 'error in the middle of an answer', reply: says.FAILED_MIDWAY, ...server, status: 200 },
  {
    name: '408',
    reply: says.refusal(408, 'Operation timed out. Please try again later.'),
    ...timeout,
    status: 408,
  },
  { name: '504', reply: says.refusal(504, 'timeout', { error_type: 'timeout' }), ...timeout, status: 504 },
  { name: '524', reply: { status: 524, body: says.HTML }, ...timeout, status: 524 },
  { name: 'no answer', reply: { hang: true }, ...timeout, status: null, timeout: 0.3 },
  { name: 'blanks for ever', reply: { padEveryMs: 20 }, ...timeout, status: null, timeout: 0.3 },
  { name: 'reset before the answer', reply: { reset: 'before' }, ...broken },
  { name: 'reset in the body', reply: { reset: 'mid-body' }, ...broken },
  { name: 'no JSON', reply: { body: '{"choices": [{"mess' }, ...malformed },
  { name: 'HTML under a 200', reply: { body: says.HTML }, ...malformed },
  { name: 'only blanks', reply: { body: '     \n   ' }, ...malformed },
  { name: 'choices null, no error', reply: { completion: { choices: null } }, ...malformed },
  { name: 'choices []', reply: { completion: { choices: [] } }, ...malformed },
  { name: 'a tool call', reply: { finishReason: 'tool_calls', content: null }, ...malformed },
  { name: 'empty', reply: { content: '' }, ...empty },
  { name: 'blank', reply: { content: ' \n ' }, ...empty },
  { name: 'thoughts only', reply: says.THOUGHTS_ONLY, ...empty },
  { name: 'content null', reply: { content: null, finishReason: null }, ...empty },
]
