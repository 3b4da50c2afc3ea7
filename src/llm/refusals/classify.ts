import type { ErrorBody } from './error-body.js'
import type { ModelErrorClass } from '../errors.js'
import { speaksOf } from './wordings.js'

/** What decides about the class of a refusal. */
export interface Refused {
  code: number
  error: ErrorBody
  /** Message, codes and types of the error, and of the one behind it. */
  words: string
  /** The body was no JSON: it does not come from the API itself. */
  isPage: boolean
  /** The member of the request that is refused, or null. */
  member: string | null
  /** A smaller answer could still be paid for. */
  affordable: boolean
  /** The request alone is larger than what a minute allows. */
  largerThanMinute: boolean
  /** The answer asked for leaves a prompt next to no room. */
  answerTooLong: boolean
}

/** What concerns whoever asked, his key, his money or the model he chose: said by a provider behind a router, it is the router's that are meant. */
const OF_THE_ASKER: ReadonlySet<ModelErrorClass> = new Set([
  'payment_required',
  'credit_short',
  'key_rejected',
  'account_refused',
  'proxy_login',
  'data_policy',
  'endpoint_wrong',
  'model_gone',
])

/**
 * Returns the class of a refusal. Read as OpenRouter documents its errors, metadata first, then the text, as `wordings.ts`
 * has it from many servers, then the status; docs/limits.md has the table. What a provider behind a router has against the
 * router is that provider's trouble, which passes: the next request goes to another.
 */
export function classOf(refused: Refused): ModelErrorClass {
  const { code, error } = refused
  const said = classSaid(refused)
  const isOthers = error.isBehind && !error.isOwnKey && error.retryable !== false
  if (!isOthers || !OF_THE_ASKER.has(said)) return said
  return code === 429 ? 'rate_limited_upstream' : 'server_error'
}

function classSaid(refused: Refused): ModelErrorClass {
  const { code, error, words, affordable } = refused
  const limit = limitClass(refused)
  if (limit !== null) return limit
  if (code !== 402 && code !== 429 && speaksOf(words, 'context'))
    return refused.answerTooLong ? 'max_tokens_too_large' : 'context_overflow'
  if (isAboutCredit(code, error, words)) return affordable ? 'credit_short' : 'payment_required'
  return classOfWords(refused) ?? classOfStatus(refused)
}

/** What is wrong with input, account, request or address; a 5xx says no more than that the server failed, whatever its words. */
function classOfWords({ code, error, words, member }: Refused): ModelErrorClass | null {
  const isRefused = code === 400 || code === 403 || code === 422
  if (isRefused && (error.flagged || speaksOf(words, 'policy'))) return 'moderated'
  if ((code === 500 || isRefused) && speaksOf(words, 'template', 'streaming', 'thinking'))
    return 'parameter_refused'
  if (code < 400 || code >= 500 || code === 429) return null
  if (speaksOf(words, 'unloaded')) return 'server_error'
  if (code !== 401 && speaksOf(words, 'settings')) return 'data_policy'
  if (speaksOf(words, 'account')) return 'account_refused'
  if (code === 404 && speaksOf(words, 'parameters')) return 'parameter_refused'
  if (member !== null && (code === 400 || code === 422)) return 'parameter_refused'
  if (isRefused && speaksOf(words, 'model')) return 'model_gone'
  if (code === 400 && speaksOf(`${words} ${error.quotas}`, 'key')) return 'key_rejected'
  return (code === 400 || code === 404) && speaksOf(words, 'path') ? 'endpoint_wrong' : null
}

function classOfStatus({ code, error, words, isPage }: Refused): ModelErrorClass {
  switch (code) {
    case 401:
      return 'key_rejected'
    case 402:
      return 'payment_required'
    case 403:
      // What is no JSON comes from the network in front of the API, which limits whoever asks too often.
      return isPage ? 'rate_limited_minute' : 'key_rejected'
    case 404:
      return isPage || speaksOf(error.message.trim(), 'nothingThere') ? 'endpoint_wrong' : 'model_gone'
    case 405:
      return 'endpoint_wrong'
    case 407:
      return 'proxy_login'
    case 408:
    case 504:
    case 524:
      return 'timeout'
    // A conflict, a lock, a wrong connection, too early, a caller or a server that hung up: all of it passes.
    case 409:
    case 421:
    case 423:
    case 425:
    case 444:
    case 460:
    case 499:
      return 'server_error'
    case 413:
      // What is no JSON comes from a proxy, which counts bytes.
      return isPage ? 'body_too_large' : 'context_overflow'
    case 451:
      return 'moderated'
    case 498:
      return 'rate_limited_upstream'
    case 503:
      return error.retryable === false ? 'model_gone' : 'server_error'
    default:
      if (code >= 300 && code < 400) return 'endpoint_wrong'
      return code >= 500 || speaksOf(words, 'trouble') ? 'server_error' : 'bad_request'
  }
}

function isAboutCredit(code: number, error: ErrorBody, words: string): boolean {
  if (code === 402) return true
  // Google calls its quotas of free models the same, and says when to come back.
  if (code === 429 && (error.quotas !== '' || /resource_exhausted/.test(error.kinds))) return false
  if (speaksOf(words, 'credit')) return true
  return code === 403 && /limit|budget/i.test(`${words} ${error.source}`)
}

/** Limits come under other statuses too: tokens where one request alone is more than a minute or a day allows, quotas anywhere. */
function limitClass(refused: Refused): ModelErrorClass | null {
  const { code, error, words, largerThanMinute } = refused
  const aboutMinute = speaksOf(words, 'tokensAMinute')
  if (!isLimit(refused) || isCredit(code, error, words)) return null
  // One provider of many, of one model: the account may ask the others.
  if (error.isBehind && !(aboutMinute && largerThanMinute)) return 'rate_limited_upstream'
  if (aboutMinute) return largerThanMinute ? 'rate_limited_tokens' : 'rate_limited_minute'
  if (/daily/.test(error.source) || /PerDay/.test(error.quotas) || speaksOf(words, 'day', 'quota'))
    return 'rate_limited_day'
  if (/upstream/.test(error.source) || speaksOf(words, 'capacity')) return 'rate_limited_upstream'
  return 'rate_limited_minute'
}

function isLimit({ code, words }: Refused): boolean {
  if (code === 429) return true
  if ((code === 413 || code === 400) && speaksOf(words, 'tokensAMinute', 'tokensADay')) return true
  return (code === 400 || code === 403) && speaksOf(words, 'quota', 'rate') && !speaksOf(words, 'context')
}

/** A limit of money, though it is said as one of requests. */
function isCredit(code: number, error: ErrorBody, words: string): boolean {
  return code === 429 ? isAboutCredit(code, error, words) : speaksOf(words, 'credit')
}
