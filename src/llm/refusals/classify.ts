import { speaksOfContext } from '../context-limit.js'
import type { ErrorBody } from './error-body.js'
import type { ModelErrorClass } from '../errors.js'

/** What decides about the class of a refusal. */
export interface Refused {
  code: number
  error: ErrorBody
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

const ABOUT_TOKENS_A_MINUTE = /tokens?[-_ ](?:per|a)[-_ ]min(?:ute)?|\btpm\b/i
const ABOUT_DAY = /(?:per|a)[-_ ]?day|daily|\b[rt]pd\b|perday/i
const ABOUT_CREDIT =
  /insufficient[-_ ](?:\w+ )?(?:credits?|balance|funds|quota)|credit balance is too low|out of (?:credits?|funds)|exceeded_current_quota_error|billing_(?:hard_limit|not_active)|(?:payment|billing) (?:is )?required|never purchased credits|check your plan and billing/i
const ABOUT_POLICY =
  /flagged|moderation|content[_ -]?(?:policy|filter|management)|responsibleaipolicy|data_inspection_failed|prohibited_content|usage polic(?:y|ies)/i
const ABOUT_ACCOUNT_SETTINGS =
  /data polic(?:y|ies)|privacy_restricted|settings\/(?:privacy|preferences)|no allowed providers|providers have been ignored/i
const ABOUT_PARAMETERS = /\b(?:handle|support) (?:all )?the (?:requested|given) parameters/i
const ABOUT_MODEL =
  /model_not_found|invalid_model|model_decommissioned|model_deprecated|model_not_available|\bmodel\b.{0,120}?(?:not (?:found|exist)|does not exist|not a valid|has been (?:decommissioned|deprecated|removed|retired)|is (?:deprecated|decommissioned|retired|no longer))|(?:invalid|unknown|no such) model|not a valid model/i
const ABOUT_KEY = /api[_ ]key[_ ](?:not valid|invalid|is invalid)|invalid[_ ]api[_ ]key|api_key_invalid/i
const NO_SUCH_PATH =
  /^(?:404:? ?)?(?:page |path |route |url |resource |endpoint )?not found\.?$|cannot (?:post|get)\b|no (?:such )?route|invalid url|unknown (?:url|path|request url|endpoint)|unrecognized request url|method not allowed|no reason given$/i

/**
 * Returns the class of a refusal. Read as OpenRouter documents its errors, metadata first, then the status, then the
 * text, and as OpenAI, Azure, Groq, Google, Mistral, Anthropic, DeepSeek, vLLM and Ollama word theirs; docs/limits.md has
 * the table.
 */
export function classOf(refused: Refused): ModelErrorClass {
  const { code, error, isPage, member, affordable } = refused
  const words = `${error.message} ${error.raw} ${error.kinds}`
  const limit = limitClass(refused, words)
  if (limit !== null) return limit
  if (code !== 402 && code !== 429 && isAboutContext(words, error))
    return refused.answerTooLong ? 'max_tokens_too_large' : 'context_overflow'
  if (isAboutCredit(code, error, words)) return affordable ? 'credit_short' : 'payment_required'
  const refusedInput = error.flagged || ABOUT_POLICY.test(words)
  if (refusedInput && (code === 400 || code === 403 || code === 422)) return 'moderated'
  if ((code === 403 || code === 404) && ABOUT_ACCOUNT_SETTINGS.test(words)) return 'data_policy'
  if (code === 404 && ABOUT_PARAMETERS.test(words)) return 'parameter_refused'
  if (member !== null && (code === 400 || code === 422)) return 'parameter_refused'
  if ((code === 400 || code === 403 || code === 422) && ABOUT_MODEL.test(words)) return 'model_gone'
  if (code === 400 && ABOUT_KEY.test(words)) return 'key_rejected'
  return classOfStatus(code, error, isPage)
}

function classOfStatus(code: number, error: ErrorBody, isPage: boolean): ModelErrorClass {
  switch (code) {
    case 401:
      return 'key_rejected'
    case 402:
      return 'payment_required'
    case 403:
      // What is no JSON comes from the network in front of the API, which limits whoever asks too often.
      return isPage ? 'rate_limited_minute' : 'key_rejected'
    case 404:
      return isPage || NO_SUCH_PATH.test(error.message.trim()) ? 'endpoint_wrong' : 'model_gone'
    case 405:
      return 'endpoint_wrong'
    case 408:
    case 504:
    case 524:
      return 'timeout'
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
      return code >= 500 ? 'server_error' : 'bad_request'
  }
}

function isAboutContext(words: string, error: ErrorBody): boolean {
  return /(?:context_length|token_limit)_exceeded/.test(error.kinds) || speaksOfContext(words)
}

function isAboutCredit(code: number, error: ErrorBody, words: string): boolean {
  if (code === 402) return true
  // Google calls its quotas of free models the same, and says when to come back.
  if (code === 429)
    return error.quotas === '' && ABOUT_CREDIT.test(words) && !/resource_exhausted/.test(error.kinds)
  if (code === 403) return ABOUT_CREDIT.test(words) || /limit|budget/i.test(`${words} ${error.source}`)
  return code === 400 && ABOUT_CREDIT.test(words)
}

/** Tokens are limited under 413 and 400 too, where one request alone is more than a minute or a day allows. */
function limitClass({ code, error, largerThanMinute }: Refused, words: string): ModelErrorClass | null {
  const aboutMinute = ABOUT_TOKENS_A_MINUTE.test(words)
  const aboutTokens = aboutMinute || /tokens? per day|\btpd\b/i.test(words)
  if (code !== 429 && !(aboutTokens && (code === 413 || code === 400))) return null
  if (code === 429 && isAboutCredit(code, error, words)) return null
  // One provider of many, of one model: the account may ask the others.
  if (error.isBehind && !(aboutMinute && largerThanMinute)) return 'rate_limited_upstream'
  if (aboutMinute) return largerThanMinute ? 'rate_limited_tokens' : 'rate_limited_minute'
  if (/daily/.test(error.source) || ABOUT_DAY.test(words) || /PerDay/.test(error.quotas))
    return 'rate_limited_day'
  if (/upstream/.test(error.source) || /upstream|High demand|at capacity|limit_rpm/i.test(words))
    return 'rate_limited_upstream'
  return 'rate_limited_minute'
}
