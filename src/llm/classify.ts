import { nextUtcMidnight } from '../core/clock.js'
import { isObject } from '../core/json.js'
import { speaksOfContext, toldContext } from './context-limit.js'
import type { ModelErrorClass } from './errors.js'
import { ModelError } from './errors.js'
import type { ModelProfile } from './provider.js'
import type { RateLimitState } from '../core/rate-limit-state.js'
import { resetMoment, retryMoment } from './rate-limit.js'

interface ErrorBody {
  code: number | null
  message: string
  raw: string
  source: string
  type: string
  /** A guardrail or moderation that refused this input says what it found. */
  flagged: boolean
  /** `error.availability.retryable`: false where the model will not come back by itself. */
  retryable: boolean | null
}

/** Codes inside a 200 that are words, as other servers of the same protocol send them. */
const CODE_WORDS: Record<string, number> = {
  rate_limit_exceeded: 429,
  insufficient_quota: 402,
  invalid_api_key: 401,
  model_not_found: 404,
  timeout: 504,
}

/**
 * Reads a refusal: an HTTP error, or an error inside a 200 (which OpenRouter sends once a model has begun).
 * The rules follow OpenRouter's error documentation: metadata first, then the status, then the text.
 *
 * @returns the error to throw, or null when the body is not a refusal.
 */
export function refusal(
  status: number,
  body: unknown,
  text: string,
  rateLimit: RateLimitState | null,
  profile: ModelProfile,
  now: number,
): ModelError | null {
  const error = readError(body)
  if (status < 400 && error === null) return null
  const code = status >= 400 ? status : (error?.code ?? 502)
  const said = error ?? { ...UNSAID, code, message: plainText(text) }
  const errorClass = error === null && code === 403 ? BLOCKED : classOf(code, said)
  const told = inFuture(retryMoment(rateLimit, now), now) ?? resetMoment(body, now)
  return new ModelError(errorClass, sentence(errorClass, profile, code, said), {
    statusCode: status,
    rateLimit,
    retryAt: errorClass === 'rate_limited_day' ? (told ?? nextUtcMidnight(now)) : told,
    ...(errorClass === 'context_overflow'
      ? { context: toldContext(`${said.message} ${JSON.stringify(body ?? '')}`) }
      : {}),
    ...hintFor(errorClass, profile),
  })
}

/** A moment that has passed and still refuses us says nothing: one clock is wrong. */
function inFuture(moment: number | null, now: number): number | null {
  return moment !== null && moment > now ? moment : null
}

const UNSAID = { raw: '', source: '', type: '', flagged: false, retryable: null }

/** A 403 that is no JSON comes from the network in front of the API, which limits whoever asks too often. */
const BLOCKED: ModelErrorClass = 'rate_limited_minute'

function readError(body: unknown): ErrorBody | null {
  if (!isObject(body)) return null
  const choice: unknown = Array.isArray(body['choices']) ? body['choices'][0] : undefined
  const inChoice = isObject(choice) ? choice['error'] : undefined
  const failed = isObject(choice) && choice['finish_reason'] === 'error'
  const error = body['error'] ?? inChoice ?? (failed ? {} : undefined)
  if (error === undefined || error === null) return null
  if (!isObject(error))
    return { ...UNSAID, code: null, message: typeof error === 'string' ? error : JSON.stringify(error) }
  const metadata = isObject(error['metadata']) ? error['metadata'] : {}
  const availability = isObject(error['availability']) ? error['availability'] : {}
  const code =
    CODE_WORDS[text(error['code'])] ?? CODE_WORDS[text(metadata['error_type'])] ?? Number(error['code'])
  return {
    code: Number.isInteger(code) && code >= 400 && code < 600 ? code : null,
    message: text(error['message']) || 'no reason given',
    raw: text(metadata['raw']),
    source: text(metadata['limit_source']),
    type: text(metadata['error_type']),
    flagged: 'reasons' in metadata || 'patterns' in metadata || 'flagged_input' in metadata,
    retryable: typeof availability['retryable'] === 'boolean' ? availability['retryable'] : null,
  }
}

function classOf(code: number, error: ErrorBody): ModelErrorClass {
  const words = `${error.message} ${error.raw}`
  if (
    /^(context_length|token_limit)_exceeded$/.test(error.type) ||
    (code !== 402 && code !== 429 && speaksOfContext(words))
  ) {
    return 'context_overflow'
  }
  const refusedInput = error.flagged || /flagged|moderation|content_policy/i.test(`${words} ${error.type}`)
  if (refusedInput && (code === 400 || code === 403)) return 'moderated'
  switch (code) {
    case 400:
    case 412:
    case 413:
    case 422:
      return 'bad_request'
    case 401:
      return 'key_rejected'
    case 402:
      return 'payment_required'
    case 403:
      return /limit|budget/i.test(`${words} ${error.source}`) ? 'payment_required' : 'key_rejected'
    case 404:
      return 'model_gone'
    case 408:
    case 504:
    case 524:
      return 'timeout'
    case 429:
      return limitClass(words, error.source)
    case 451:
      return 'moderated'
    case 503:
      return error.retryable === false ? 'model_gone' : 'server_error'
    default:
      return code >= 500 ? 'server_error' : 'bad_request'
  }
}

function limitClass(words: string, source: string): ModelErrorClass {
  if (/daily/.test(source) || /per-day/i.test(words)) return 'rate_limited_day'
  if (/upstream/.test(source) || /upstream|High demand|at capacity|limit_rpm/i.test(words))
    return 'rate_limited_upstream'
  return 'rate_limited_minute'
}

function sentence(
  errorClass: ModelErrorClass,
  profile: ModelProfile,
  code: number,
  error: ErrorBody,
): string {
  const said = shorten(error.raw === '' ? error.message : `${error.message} (${error.raw})`)
  return `${profile.model}: ${errorClass.replaceAll('_', ' ')} (${code}): ${said}`
}

function hintFor(errorClass: ModelErrorClass, profile: ModelProfile): { hint?: string } {
  switch (errorClass) {
    case 'key_rejected':
      return { hint: `Check the key in ${profile.apiKeyEnv ?? 'the profile'}.` }
    case 'payment_required':
      return {
        hint: 'The account or key has run out of credit; free models stop as well when the balance is negative.',
      }
    case 'model_gone':
      return { hint: `Choose another model for the profile "${profile.profile}" in profiles.yml.` }
    default:
      return {}
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Upstream text is shown to users and stored: keep it one short line without anything that looks like a key. */
function shorten(words: string): string {
  const line = words
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(/\b(sk|key)-[\w-]{8,}/gi, '[key]')
    .trim()
  return line.length > 300 ? `${line.slice(0, 297)}…` : line
}

function plainText(body: string): string {
  const page = body.slice(0, 100_000).replace(/<(script|style)\b.*?<\/\1>/gis, ' ')
  return shorten(page.replace(/<[^>]*>/g, ' ')) || 'no body'
}
