import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../src/llm/answer.js'
import type { JsonObject } from '../../src/core/json.js'
import type { ModelErrorClass } from '../../src/llm/errors.js'
import { ModelError } from '../../src/llm/errors.js'
import type { ModelAnswer, ModelRequest } from '../../src/llm/provider.js'
import { MIDNIGHT, NOW, PROFILE, PROMPT } from './client.js'

type Body = object | string
type Case = [status: number, body: Body, told?: { retryAt?: number; context?: object; hint?: RegExp }]

function read(status: number, body: Body, request: Partial<ModelRequest> = {}): ModelAnswer {
  const profile = { ...PROFILE, baseUrl: 'http://models.test/v1', temperature: 0.3 }
  const asked = {
    agent: 'why',
    profile,
    system: 's',
    user: PROMPT,
    input: {},
    headings: [],
    isWhole: () => true,
    session: 'x',
    ...request,
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return readAnswer(asked, { status, headers: {}, text }, (said) => said, NOW)
}

function refused(status: number, body: Body, request: Partial<ModelRequest> = {}): ModelError {
  try {
    read(status, body, request)
  } catch (error) {
    if (error instanceof ModelError) return error
    throw error
  }
  throw new Error('it was taken for an answer')
}

/** OpenAI's form, and those of others. */
const said = (message: string, rest: object = {}): object => ({ error: { message, ...rest } })
const coded = (message: string, code: string): object => said(message, { code, type: code })
const vllm = (message: string): object => ({ object: 'error', message, type: 'BadRequestError', code: 400 })
const plain = (error: string): object => ({ error })
const gemini = (message: string, reason?: string): object => [
  { error: { code: 400, message, status: 'FAILED_PRECONDITION', details: reason ? [{ reason }] : [] } },
]

const CREDIT: Case[] = [
  [400, coded('Budget has been exceeded! Current cost: 10.1, Max budget: 10.0', 'budget_exceeded')],
  [429, coded('Budget has been exceeded! Current cost: 10.1, Max budget: 10.0', 'budget_exceeded')],
  [
    401,
    said('Authentication Error, ExceededTokenBudget: Current spend for token: 5.1', { type: 'auth_error' }),
  ],
  [
    412,
    coded(
      'Account x is suspended, possibly due to reaching the monthly spending limit',
      'PRECONDITION_FAILED',
    ),
  ],
  [
    400,
    said(
      'You have reached your specified API usage limits. You will regain access on 2026-03-05 at 00:00 UTC.',
    ),
    { retryAt: MIDNIGHT },
  ],
  [400, coded('Access denied, please make sure your account is in good standing.', 'Arrearage')],
  [400, coded('Organization has reached its spend limit.', 'blocked_api_access')],
  [403, coded('用户额度不足, 剩余额度: $-0.01', 'insufficient_user_quota')],
  [403, said("[key] This token's quota has been exhausted (token quota exhausted)")],
  [403, { code: 30001, message: 'Sorry, your account balance is insufficient', data: null }],
  [403, coded('The request failed because your account has an overdue balance.', 'AccountOverdueError')],
  [403, coded('The free tier of the model has been exhausted.', 'AllocationQuota.FreeTierOnly')],
  [429, coded('余额不足或无可用资源包,请充值。', '1113')],
  [429, coded('Your account has reached the set inference limit for the model', 'SetLimitExceeded')],
  [402, { status: 402, title: 'Payment Required', detail: "Account 'x': Cloud credits expired" }],
  [
    429,
    coded(
      'You exceeded your current quota, please check your plan and billing details.',
      'insufficient_quota',
    ),
  ],
  [402, said('Insufficient Balance')],
  [400, said('You are out of credits')],
  [429, coded('Your account is suspended', 'exceeded_current_quota_error')],
  [429, coded('Hard limit reached', 'billing_hard_limit_reached')],
  [403, said('This account has never purchased credits')],
  [403, said('Key limit exceeded (monthly limit). Manage it using https://openrouter.ai/settings/keys')],
  [
    403,
    said('Key limit exceeded (daily limit)', { metadata: { resets_at: new Date(MIDNIGHT).toISOString() } }),
    { retryAt: MIDNIGHT },
  ],
  [400, said('Your credit balance is too low to access the API')],
  [200, { choices: null, base_resp: { status_code: 1008, status_msg: 'insufficient balance' } }],
]

const QUOTA: Case[] = [
  [
    400,
    { errors: { message: "We have exceeded today's quota for model X, please try again tomorrow" } },
    { retryAt: MIDNIGHT },
  ],
  [429, { errors: { message: "You have exceeded today's quota for model X" } }, { retryAt: MIDNIGHT }],
  [
    403,
    { statusCode: 403, message: 'Out of call volume quota. Quota will be replenished in 11:34:56.' },
    { retryAt: NOW + ((11 * 60 + 34) * 60 + 56) * 1000 },
  ],
  // Beijing's time where that is to come, else UTC.
  [
    429,
    coded('Usage limit reached for 5 hour. Your limit will reset at 2026-03-04 22:24:31', '1308'),
    { retryAt: Date.UTC(2026, 2, 4, 14, 24, 31) },
  ],
  [
    429,
    coded('Usage limit reached for 5 hour. Your limit will reset at 2026-03-04 14:24:31', '1308'),
    { retryAt: Date.UTC(2026, 2, 4, 14, 24, 31) },
  ],
  [429, plain('you have reached your weekly usage limit, upgrade for higher limits'), { retryAt: MIDNIGHT }],
  [
    429,
    { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' },
    { retryAt: MIDNIGHT },
  ],
  [
    429,
    coded(
      'Rate limit of 50 per 86400s exceeded for UserByModelByDay. Please wait 40000 seconds before retrying.',
      'RateLimitReached',
    ),
    { retryAt: NOW + 40_000_000 },
  ],
  [
    429,
    { errors: [{ message: 'you have used up your daily free allocation of 10,000 neurons', code: 4006 }] },
  ],
  [429, { message: 'Requests per day limit exceeded', code: 'request_quota_exceeded' }],
  [429, said('Rate limit reached on tokens per day (TPD): Limit 100000, Used 99400, Requested 1800')],
  [400, said('TPD exceeded')],
  [429, said('RPD exceeded')],
  [200, { error_code: 17, error_msg: 'Open api daily request limit reached' }, { retryAt: MIDNIGHT }],
]

const MINUTE: Case[] = [
  [
    429,
    { statusCode: 429, message: 'Rate limit is exceeded. Try again in 21 seconds.' },
    { retryAt: NOW + 21_000 },
  ],
  [400, said('Rate limit exceeded')],
  [400, said('Request was throttled')],
  [200, { code: 1302, message: '请求过于频繁' }],
  [403, said('You have exceeded a rate limit')],
  [200, { code: 429, message: 'Too many requests', data: null }],
  [200, { choices: null, base_resp: { status_code: 1002, status_msg: 'rate limit' } }],
  [200, plain('Rate limit exceeded')],
]

const CAPACITY: Case[] = [
  [
    429,
    said('No deployments available for selected model, Try again in 60 seconds.'),
    { retryAt: NOW + 60_000 },
  ],
  [429, { detail: 'Infrastructure is at maximum capacity, try again later' }],
  [429, coded('The engine is currently overloaded, please try again later', 'engine_overloaded')],
  [
    429,
    { message: 'Service tier capacity exceeded for this model.', type: 'service_tier_capacity_exceeded' },
  ],
]

const ACCOUNT: Case[] = [
  [400, coded('Organization has been restricted. Please reach out to support', 'organization_restricted')],
  [400, coded('The model `m` requires terms acceptance.', 'model_terms_required')],
  [400, gemini('User location is not supported for the API use.')],
  [400, gemini('Gemini API free tier is not available in your country. Please enable billing')],
  [403, coded('Country, region, or territory not supported', 'unsupported_country_region_territory')],
  [400, coded('Your organization must be verified to use the model `m`.', 'model_not_found')],
  [403, said('Access denied due to Virtual Network/Firewall rules.')],
  [200, { code: 11200, message: 'AppIdNoAuthError: tokens total' }],
  [401, said('Your account has been deactivated', { code: 'account_deactivated' })],
]

const KEY: Case[] = [
  [400, gemini('API key expired. Please renew the API key.', 'API_KEY_INVALID')],
  [400, gemini('API key not valid. Please pass a valid API key.')],
  [401, said('key not allowed to access model. This key can only access models')],
  [200, { success: false, message: 'Invalid API key', code: 401 }],
  [200, { error_code: 110, error_msg: 'Access token invalid or no longer valid' }],
  [200, plain('Invalid API key')],
]

const FORM: Case[] = [
  [400, vllm('System role not supported'), { hint: /no system message/ }],
  [500, said('System role not supported at row 1, column 45'), { hint: /chat template/ }],
  [400, vllm('As of transformers v4.44, default chat template is no longer allowed')],
  [400, plain('Error rendering prompt with jinja template: "Conversation roles must alternate"')],
  [
    400,
    said('parameter.enable_thinking must be set to false for non-streaming calls'),
    { hint: /enable_thinking: false/ },
  ],
  [
    400,
    said('This model only support stream mode, please enable the stream parameter'),
    { hint: /streams only/ },
  ],
  [400, said('Requests with max_tokens > 4096 must have stream=true'), { hint: /lower max_tokens/ }],
  [
    400,
    said("UnsupportedParamsError: models don't support temperature=0.3."),
    { hint: /remove temperature/ },
  ],
  [400, said('stream must be set to true for this model'), { hint: /streams only/ }],
  [400, said('Range of max_tokens should be [1, 2000]'), { hint: /max_tokens/ }],
]

const PLACE: Case[] = [
  [200, plain('Unexpected endpoint or method. (POST /chat/completions)'), { hint: /base_url/ }],
  [400, said('Missing required query parameter: api-version')],
  [400, '<html><h1>400 Bad Request</h1><p>The plain HTTP request was sent to HTTPS port</p></html>'],
  [400, 'Client sent an HTTP request to an HTTPS server.'],
  [404, said('Resource not found')],
  [404, { detail: 'Not Found' }],
  [404, said('Cannot POST /chat/completions')],
  [404, said('no such route')],
  [404, { error: {} }],
  [404, said('Invalid URL (POST /chat/completions)')],
  [404, said('Unknown request URL')],
]

const MODEL: Case[] = [
  [400, coded('模型不存在，请检查模型代码。', '1211')],
  [400, { code: 20012, message: 'Model does not exist. Please check it carefully.', data: null }],
  [404, said('model "llama3" not found, try pulling it first')],
  [403, plain('The model x is too large to be loaded automatically (16GB > 10GB).')],
  [200, plain("model 'x' not found")],
  [400, said('Unknown model: x')],
  [400, said('x is not a valid model ID')],
]

const POLICY: Case[] = [
  [400, coded('系统检测到输入或生成内容可能包含不安全或敏感内容', '1301')],
  [400, said('Refused under our usage policies')],
  [400, coded('Input data may contain inappropriate content.', 'data_inspection_failed')],
]

const TROUBLE: Case[] = [
  [400, plain('The model has crashed without additional information. (Exit code: 1)')],
  [400, plain('Model unloaded.')],
  [200, plain('No models loaded. Please load a model in the developer page or use the lms load command.')],
  [404, coded('No models loaded. Please load a model in the developer page.', 'model_not_found')],
  [400, plain('Channel Error')],
  [
    400,
    plain('Failed to load model "x". Error: Model loading was stopped due to insufficient system resources.'),
  ],
  [400, said('Model is loading')],
  [
    400,
    { status: 400, title: 'Bad Request', detail: "Function id 'a': DEGRADED function cannot be invoked" },
  ],
  [400, said('Something went wrong, please try again later')],
  [400, said('服务异常，请稍后再试')],
  [409, said('Another operation is in progress.')],
  [421, 'Misdirected Request'],
  [423, plain('locked')],
  [425, ''],
  [499, said('Client Closed Request', { code: 499 })],
  [503, said('当前分组 default 下对于模型 m 无可用渠道')],
  [200, { code: 11999, message: 'Something new' }],
  [200, { choices: null, base_resp: { status_code: 1013, status_msg: 'unknown error' } }],
]

const told = (limit: number, prompt: number | null, requested: number | null = prompt) => ({
  context: { limit, requested, prompt },
})

const CONTEXT: Case[] = [
  [
    400,
    plain(
      'Trying to keep the first 5120 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens',
    ),
    told(4096, 5120),
  ],
  [400, plain('The number of tokens to keep from the initial prompt is greater than the context length.')],
  [200, plain('Cannot truncate prompt with n_keep (15028) >= n_ctx (9424)'), told(9424, 15028)],
  [
    400,
    plain(
      'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 15028>= n_ctx: 9424).',
    ),
    told(9424, 15028),
  ],
  [400, plain('Reached context length of 4096 tokens with model (arch: llama)'), told(4096, null)],
  [
    400,
    vllm('The decoder prompt (length 35000) is longer than the maximum model length of 32768.'),
    told(32_768, 35_000),
  ],
  [400, vllm('max_tokens must be at least 1, got -2200.')],
  [400, said('InvalidParameter: Range of input length should be [1, 30720]'), told(30_720, null)],
  [
    400,
    { code: 20015, message: 'length of prompt_tokens (30000) must be less than max_seq_len (16384).' },
    told(16_384, 30_000),
  ],
  [
    400,
    vllm(
      'The sum of prompt length (35000.0) and query length (0) max_tokens 6000 should not exceed max_num_tokens (8192)',
    ),
    told(8192, 35_000),
  ],
  [500, said('Context size has been exceeded.', { code: 500, type: 'server_error' })],
  [200, said('Context size has been exceeded.', { code: 500, type: 'server_error' })],
  [500, said('input is too large to process. increase the physical batch size', { code: 500 })],
  [400, said('Tokens exceed the configured limit of 8192'), told(8192, null)],
  [500, said('context shift is disabled', { code: 500 })],
  [
    400,
    vllm("The input (35012 tokens) is longer than the model's context length (32768 tokens)."),
    told(32_768, 35_012),
  ],
  [
    400,
    { message: 'Current length is 9024 while limit is 8192', code: 'context_length_exceeded' },
    told(8192, null, 9024),
  ],
  [
    413,
    coded('Request body too large for model. Max size: 8000 tokens.', 'tokens_limit_reached'),
    told(8000, null),
  ],
]

const UNKNOWN: Case[] = [
  [400, said('messages: expected a list')],
  [422, { detail: [{ loc: ['body', 'messages', 0, 'role'], msg: 'value is not permitted' }] }],
  [406, ''],
  [412, said('A condition was not met')],
  [431, ''],
]

/** A provider's error, as a router hands it on. */
const behind = (raw: string, metadata: object = { provider_name: 'Cloud' }): object =>
  said('Provider returned error', { metadata: { raw, ...metadata } })

const BEHIND: Case[] = [
  [404, behind('')],
  [404, behind('404 page not found')],
  [404, behind('{"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist."}}')],
  [
    400,
    behind('{"error":{"message":"The model `x` has been decommissioned","code":"model_decommissioned"}}'),
  ],
  [400, behind('{"error":{"message":"Unknown model: x"}}', {})],
  [401, behind('{"error":{"message":"Invalid API key"}}')],
  [403, behind('{"detail":"Forbidden"}')],
  [403, behind('{"error":{"message":"Country, region, or territory not supported"}}')],
  [400, behind('{"error":{"message":"Organization has been restricted","code":"organization_restricted"}}')],
  [402, behind('{"error":{"message":"Insufficient balance"}}')],
  [402, behind('you can only afford 2666', {})],
  [502, said('Upstream error from Cloud: insufficient balance (1008)', { code: 502 })],
  [200, said('Upstream error from Cloud: insufficient balance (1008)', { code: 1008 })],
  [200, plain('Upstream error from Cloud: Invalid API key')],
  [402, said("Upstream request failed: [insufficient_user_quota] You're out of credits")],
]

const BEHIND_LIMITED: Case[] = [
  [
    429,
    said('Error from provider: Provider returned error', {
      metadata: {
        raw: '{"error":{"message":"Your account is suspended due to insufficient balance, please check your plan and billing details","type":"exceeded_current_quota_error"}}',
        provider_name: 'Cloud',
      },
    }),
  ],
]

/** What a provider behind a router has against paper, length or parameters is meant for whoever asks; so is what the router says itself. */
const BEHIND_BUT_MEANT: [ModelErrorClass, number, object][] = [
  ['moderated', 400, behind('{"error":{"message":"Input data may contain inappropriate content."}}')],
  [
    'moderated',
    403,
    said('Your input was flagged', { metadata: { reasons: ['x'], provider_name: 'Cloud' } }),
  ],
  ['context_overflow', 400, behind('{"error":{"message":"prompt is too long: 300000 tokens > 200000"}}')],
  ['parameter_refused', 400, behind("Unsupported value: 'temperature' is not supported")],
  ['bad_request', 400, behind('{"error":{"message":"messages: expected a list"}}')],
  ['key_rejected', 401, behind('Invalid API key', { provider_name: 'Cloud', is_byok: true })],
  [
    'payment_required',
    402,
    said('Insufficient credits. Add more using https://openrouter.ai/settings/credits', {
      metadata: { provider_name: 'Cloud' },
    }),
  ],
  ['model_gone', 404, said('No endpoints found for x.', { metadata: { provider_name: null } })],
]

it.each(BEHIND_BUT_MEANT)('%s from behind a router stays what it is', (errorClass, status, body) => {
  expect(refused(status, body).errorClass).toBe(errorClass)
})

it('a provider behind a router is named, and no advice is given about a key that is not its', () => {
  const error = refused(401, behind('{"error":{"message":"Invalid API key"}}'))
  expect(error.message).toContain('server error (401) of Cloud behind the endpoint: Provider returned error')
  expect(error.hint).toBeUndefined()
})

const BY_CLASS: [ModelErrorClass, Case[]][] = [
  ['payment_required', CREDIT],
  ['rate_limited_day', QUOTA],
  ['rate_limited_minute', MINUTE],
  ['rate_limited_upstream', CAPACITY],
  ['account_refused', ACCOUNT],
  [
    'data_policy',
    [
      [
        400,
        coded(
          "The requested model 'm' is not supported by any provider you have enabled.",
          'model_not_supported',
        ),
      ],
      [403, said('See https://openrouter.ai/settings/privacy')],
    ],
  ],
  ['proxy_login', [[407, '<html>Proxy Authentication Required</html>', { hint: /USER:PASSWORD/ }]]],
  ['key_rejected', KEY],
  ['parameter_refused', FORM],
  ['endpoint_wrong', PLACE],
  ['model_gone', MODEL],
  ['moderated', POLICY],
  ['server_error', [...TROUBLE, ...BEHIND]],
  ['rate_limited_upstream', BEHIND_LIMITED],
  ['context_overflow', CONTEXT],
  ['bad_request', UNKNOWN],
]

describe.each(BY_CLASS)('%s', (errorClass, cases) => {
  it.each(cases)('%i %j', (status, body, { retryAt, context, hint } = {}) => {
    const error = refused(status, body)
    expect(error.errorClass).toBe(errorClass)
    if (retryAt !== undefined) expect(error.details.retryAt).toBe(retryAt)
    if (context !== undefined) expect(error.details.context).toEqual(context)
    if (hint !== undefined) expect(error.hint).toMatch(hint)
    expect(error.message).not.toMatch(/undefined|\[object/)
  })
})

it('JSON that is neither answer nor error is quoted', () => {
  const error = refused(200, { message: 'Welcome to the gateway', data: null })
  expect(error.errorClass).toBe('malformed_answer')
  expect(error.message).toContain('"Welcome to the gateway"')
})

it('an announced moment beyond 26 hours is not believed', () => {
  const words =
    'You have reached your specified API usage limits. You will regain access on 2026-04-01 at 00:00 UTC.'
  expect(refused(400, said(words)).details.retryAt).toBeNull()
})

const TEXT =
  'Rate limit exceeded: insufficient balance, invalid API key, model not found, context size has been exceeded.'
const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: TEXT } }]

const cutAfter = (
  prompt_tokens: number,
  completion_tokens: number,
  finish_reason = 'length',
): JsonObject => ({
  choices: [{ finish_reason, message: { content: 'Half a' } }],
  usage: { prompt_tokens, completion_tokens },
})

it('an answer that is cut though it may be longer tells that the context is full, and how long it is', () => {
  const error = refused(200, cutAfter(3900, 196))
  expect(error.errorClass).toBe('context_overflow')
  expect(error.message).toMatch(/after 196 tokens, though max_tokens allows \d+: with 3900 of the prompt/)
  expect(error.hint).toMatch(/OLLAMA_CONTEXT_LENGTH/)
  expect(error.details.context).toMatchObject({ limit: 4096, prompt: 3900 })
})

it.each([
  ['max_tokens_too_large', cutAfter(1900, 148), 2048],
  ['truncated_answer', cutAfter(7000, 321), null],
  ['truncated_answer', cutAfter(7000, 1024), null],
  ['truncated_answer', { ...cutAfter(0, 0), usage: {} }, null],
  ['truncated_answer', { ...cutAfter(0, 0), usage: { prompt_tokens: 4096 } }, null],
  ['context_overflow', { ...cutAfter(0, 0, 'model_context_window_exceeded'), usage: {} }, null],
] as const)('%s is what a cut answer says: %j', (errorClass, body, limit) => {
  const error = refused(200, body)
  expect([error.errorClass, error.details.context?.limit ?? null]).toEqual([errorClass, limit])
})

it.each([
  ['refusal', 'moderated', /refused: "I cannot"/],
  ['limit', 'rate_limited_upstream', /a limit: "I cannot"/],
  ['error', 'server_error', /an error: "I cannot"/],
  ['chatter', 'malformed_answer', /none of the sections asked for: "I cannot"/],
] as const)('a %s in the place of an answer is %s', (kind, errorClass, message) => {
  const completion = { choices: [{ finish_reason: 'stop', message: { content: 'I cannot' } }] }
  const error = refused(200, completion, { noAnswer: () => kind })
  expect(error.errorClass).toBe(errorClass)
  expect(error.message).toMatch(message)
})

it.each([{}, { candidates: [] }])('a prompt that is blocked is no broken answer: %j', (rest) => {
  const error = refused(200, { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, ...rest })
  expect(error.errorClass).toBe('filtered_answer')
  expect(error.message).toContain('the prompt is blocked (PROHIBITED_CONTENT)')
})

describe('an answer is no error, whatever stands in it or beside it', () => {
  it.each([
    { choices, base_resp: { status_code: 0, status_msg: '' } },
    { choices, base_resp: { status_code: 1000, status_msg: 'unknown' } },
    { choices, code: 0, message: 'success' },
    { choices, code: 200, msg: 'ok', success: true },
    { choices, code: 20000, message: 'done' },
    { choices, status: 'completed', title: 'An answer' },
    { choices, error_code: 0, error_msg: '' },
    { choices, error: null, detail: 'cached' },
    { code: 200, message: 'ok', data: { choices } },
    { success: true, errors: [], messages: [], result: { response: TEXT } },
    { message: { role: 'assistant', content: TEXT }, done: true, code: 1 },
    { output_text: TEXT, status: 'completed', error: null },
  ])('%j', (body) => {
    expect(read(200, body).content).toBe(TEXT)
  })
})
