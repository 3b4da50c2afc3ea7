import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import { readCompletion } from '../answers/completion.js'
import type { Mask } from '../answers/json-body.js'
import { parseJson } from '../answers/json-body.js'

/** What a refusal says, with what a provider behind it said (`metadata.raw`) laid beside. */
export interface ErrorBody {
  /** An HTTP status, or null where the code is none. */
  code: number | null
  message: string
  /** The words of the provider behind. */
  raw: string
  /** All codes, types and states that are words, in lower case, parted by blanks. */
  kinds: string
  /** It was a provider behind a router that refused, not the router. */
  isBehind: boolean
  /** That provider's name; blank where it is not told. */
  provider: string
  /** That provider was asked with a key of the user's own, which the router has of him. */
  isOwnKey: boolean
  /** `metadata.limit_source`. */
  source: string
  /** The member of the request that is named as the cause. */
  param: string
  /** A guardrail or moderation that refused this input says what it found. */
  flagged: boolean
  /** `error.availability.retryable`: false where the model will not come back by itself. */
  retryable: boolean | null
  /** Google's `details`: quotas that were exceeded. */
  quotas: string
}

/** Codes inside a 200 that are words, as other servers of the same protocol send them. */
const CODE_WORDS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    rate_limit_exceeded: 429,
    rate_limit_error: 429,
    resource_exhausted: 429,
    insufficient_quota: 402,
    invalid_api_key: 401,
    authentication_error: 401,
    unauthenticated: 401,
    permission_denied: 403,
    model_not_found: 404,
    not_found_error: 404,
    invalid_request_error: 400,
    invalid_argument: 400,
    timeout: 504,
    deadline_exceeded: 504,
    overloaded_error: 529,
    unavailable: 503,
  }),
)

/** Where a status, or a code of the server's own, stands. */
const CODES = ['code', 'status', 'statusCode', 'status_code', 'error_code']

const NOTHING: ErrorBody = {
  code: null,
  message: '',
  raw: '',
  isBehind: false,
  provider: '',
  isOwnKey: false,
  kinds: '',
  source: '',
  param: '',
  flagged: false,
  retryable: null,
  quotas: '',
}

/** Returns what is known of an error whose body holds none. */
export function unsaid(code: number, message: string): ErrorBody {
  return { ...NOTHING, code, message }
}

/**
 * Returns the error in a body: OpenAI's `error`, as text, object or JSON in a string; that of the first choice; `detail`
 * (FastAPI), `errors`, and a bare `message` (Mistral, Cohere) or what stands for it. Null if there is none, or an empty one
 * beside text.
 *
 * @param failed whether the status says that there is one.
 */
export function readError(body: JsonObject | undefined, failed: boolean, mask: Mask): ErrorBody | null {
  if (body === undefined) return null
  const given = givenError(body, failed)
  if (given === undefined || given === null || given === '' || given === false) return null
  if (isHollow(given) && !failed && (readCompletion(body)?.text ?? '') !== '') return null
  const error =
    typeof given === 'string' && /^\s*[[{]/.test(given) ? (parseJson(given, mask) ?? given) : given
  if (Array.isArray(error) && isObject(error[0])) return fromObject(error[0], body, mask)
  if (!isObject(error)) {
    const message = typeof error === 'string' ? error : JSON.stringify(error)
    return { ...NOTHING, message, ...behindOf({}, message) }
  }
  const inner = error['error']
  return fromObject(isObject(inner) ? { ...error, ...inner } : error, body, mask)
}

function givenError(body: JsonObject, failed: boolean): unknown {
  const list = body['choices']
  const choice: unknown = Array.isArray(list) ? list[0] : undefined
  const inChoice = isObject(choice) ? choice['error'] : undefined
  const own = body['error']
  if (own !== undefined && own !== null && own !== '' && (!isHollow(own) || (inChoice ?? null) === null))
    return own
  if ((inChoice ?? null) !== null) return inChoice
  if (isObject(choice) && choice['finish_reason'] === 'error') return {}
  if (!failed && body['object'] !== 'error' && body['type'] !== 'error') return codedError(body)
  return bareError(body)
}

/** Where the words of an error stand that has no place of its own, as Azure, Baidu, MiniMax and others name it. */
const MESSAGES = ['message', 'msg', 'detail', 'error_msg', 'status_msg', 'error_description', 'title']

function bareError(body: JsonObject): unknown {
  const errors = body['errors']
  if (Array.isArray(errors) && errors.length > 0) return errors[0]
  if (isObject(errors)) return errors
  return body['detail'] ?? (toldWords(body) === '' ? null : body)
}

/** Returns the words that an object says of itself, where it has any that are not for there being no error; else blank. */
export function toldWords(body: JsonObject): string {
  return MESSAGES.map((name) => text(body[name])).find((words) => !isHollow(words)) ?? ''
}

/** Returns the error of a body that is no answer, and says that it failed by a code of its own; null: it does not. */
function codedError(body: JsonObject): unknown {
  if ((readCompletion(body)?.text ?? '').trim() !== '') return null
  const base = body['base_resp']
  if (isObject(base) && !isHollow(base['status_code'])) return base
  const isCoded = CODES.some((name) => !isHollow(body[name]))
  return isCoded || body['success'] === false ? bareError(body) : null
}

/** Words for there being no error. */
const NO_ERROR = /^\s*(?:null|none|nil|undefined|success(?:ful)?|ok|no error|0|200)?[.!]?\s*$/i

/** Whether nothing in a value says that anything is wrong: `{}`, `{message: '', code: null}`, `{message: 'success', code: 0}`. */
function isHollow(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isHollow)
  if (isObject(value)) return Object.values(value).every(isHollow)
  if (typeof value === 'string') return NO_ERROR.test(value)
  return value === null || value === undefined || value === 0 || value === 200 || value === false
}

function fromObject(error: JsonObject, body: JsonObject, mask: Mask): ErrorBody {
  const metadata = isObject(error['metadata']) ? error['metadata'] : {}
  const availability = isObject(error['availability']) ? error['availability'] : {}
  const behind = rawError(metadata['raw'], mask)
  const words = [
    ...[error, metadata, behind, body].flatMap(({ code, type, status, error_type }) => [
      code,
      type,
      status,
      error_type,
    ]),
    metadata['provider_code'],
    metadata['provider_error_code'],
    availability['code'],
  ].map((word) => text(word).toLowerCase())
  const coded = words.map((word) => CODE_WORDS.get(word)).find((code) => code !== undefined)
  const numbers = [error, body].flatMap((place) => CODES.map((name) => Number(place[name])))
  const code = numbers.find((one) => Number.isInteger(one) && one >= 400 && one < 600) ?? coded ?? null
  const message = MESSAGES.map((name) => text(error[name])).find((words) => words !== '') ?? 'no reason given'
  return {
    code,
    message,
    raw: rawText(metadata['raw'], behind),
    ...behindOf(metadata, message),
    kinds: [...new Set(words)].filter((word) => word !== '').join(' '),
    source: text(metadata['limit_source']),
    param: text(error['param']) || text(behind['param']) || lastOf(error['loc']),
    flagged: 'reasons' in metadata || 'patterns' in metadata || 'flagged_input' in metadata,
    retryable: typeof availability['retryable'] === 'boolean' ? availability['retryable'] : null,
    quotas: isHollow(error['details'] ?? null) ? '' : JSON.stringify(error['details']),
  }
}

/** How a router says that it hands on what a provider said, with that one's name where it has one. */
const UPSTREAM =
  /^(?:error from provider: )?(?:provider returned error|upstream request failed\b|upstream error from ([^:]{1,60}):)/i

/** Whoever sends people to a router's own pages is the router, whatever provider it names. */
const ROUTERS_OWN = /\bopenrouter\.ai\//i

function behindOf(
  metadata: JsonObject,
  message: string,
): Pick<ErrorBody, 'isBehind' | 'provider' | 'isOwnKey'> {
  return {
    isBehind: isBehind(metadata, message),
    provider: text(metadata['provider_name']) || (UPSTREAM.exec(message)?.[1] ?? ''),
    isOwnKey: metadata['is_byok'] === true,
  }
}

function isBehind(metadata: JsonObject, message: string): boolean {
  if (/^openrouter/i.test(text(metadata['limit_source']))) return false
  if (!isHollow(metadata['raw']) || UPSTREAM.test(message)) return true
  return text(metadata['provider_name']) !== '' && !ROUTERS_OWN.test(message)
}

/** A provider's own body, handed on as JSON in a string. */
function rawError(raw: unknown, mask: Mask): JsonObject {
  const parsed = typeof raw === 'string' ? parseJson(raw, mask) : raw
  const body: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (!isObject(body)) return {}
  return isObject(body['error']) ? body['error'] : body
}

function rawText(raw: unknown, behind: JsonObject): string {
  return text(behind['message']) || text(raw) || (isObject(raw) ? JSON.stringify(raw) : '')
}

/** FastAPI names the place of a fault as a list. */
function lastOf(place: unknown): string {
  return Array.isArray(place) ? text(place.at(-1)) : ''
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
