import { nextUtcMidnight } from '../../core/clock.js'
import type { JsonObject } from '../../core/json.js'
import { classOf } from './classify.js'
import type { ToldContext } from '../context-limit.js'
import { isAnswerTooLong, toldContext } from '../context-limit.js'
import type { ErrorBody } from './error-body.js'
import { readError, unsaid } from './error-body.js'
import type { ModelErrorClass, ModelErrorDetails } from '../errors.js'
import { ModelError } from '../errors.js'
import { hintFor } from './hints.js'
import type { Mask } from '../answers/json-body.js'
import type { RateLimitState } from '../../core/rate-limit-state.js'
import type { ModelRequest } from '../provider.js'
import { detailsWait, nextPacificMidnight, resetMoment, retryMoment } from './rate-limit.js'
import { refusedMember } from './refused-member.js'
import { toldAffordable, toldMoment, toldTokens, toldWait } from './told-limits.js'
import { impliedStatus } from './wordings.js'

export interface Reply {
  call: ModelRequest
  status: number
  body: JsonObject | undefined
  text: string
  rateLimit: RateLimitState | null
  mask: Mask
  now: number
}

/** A shorter answer than this is not worth a request. */
const LEAST_ANSWER_TOKENS = 1000

/**
 * Reads a refusal: an HTTP error, or an error inside a 200 (which OpenRouter sends once a model has begun).
 *
 * @returns the error to throw, or null when the body is not a refusal.
 */
export function refusal(reply: Reply): ModelError | null {
  const { call, status, body, text, mask } = reply
  const failed = status >= 300
  const found = readError(body, failed, mask)
  if (!failed && found === null) return null
  const error = found ?? unsaid(status, plainText(text))
  const words = `${error.message} ${error.raw}`
  const allWords = `${words} ${error.kinds}`
  const code = failed ? status : (error.code ?? impliedStatus(allWords))
  const tokens = toldTokens(words)
  const affordable = toldAffordable(words)
  const member = refusedMember(call, error)
  const context = toldContext(`${words} ${JSON.stringify(body ?? '')}`)
  const errorClass = classOf({
    code,
    error,
    words: allWords,
    member,
    isPage: found === null,
    affordable: affordable !== null && call.isReduced !== true && affordable >= LEAST_ANSWER_TOKENS,
    largerThanMinute: tokens !== null && tokens.requested > tokens.limit,
    answerTooLong: context !== null && isAnswerTooLong(context, call.profile.maxTokens),
  })
  const said = shorten(
    error.raw === '' || error.raw === error.message ? error.message : `${error.message} (${error.raw})`,
  )
  const about =
    errorClass === 'parameter_refused'
      ? `${member === null ? '' : ` of "${member}"`} in profile "${call.profile.profile}"`
      : ''
  const behind = error.isBehind ? ` of ${shorten(error.provider) || 'a provider'} behind the endpoint` : ''
  const message = `${call.profile.model}: ${errorClass.replaceAll('_', ' ')}${about} (${code})${behind}: ${said}`
  return new ModelError(errorClass, mask(message), {
    statusCode: status,
    rateLimit: reply.rateLimit,
    retryAt: retryAt(errorClass, error, reply),
    ...sizes(errorClass, { context, tokens, affordable }),
    ...hintFor(errorClass, call.profile, { member, limit: context?.limit ?? null, words: allWords }),
  })
}

/** When another try has a point: the server's own word, else the end of the day where a day is spent. */
function retryAt(
  errorClass: ModelErrorClass,
  error: ErrorBody,
  { rateLimit, body, now }: Reply,
): number | null {
  if (errorClass === 'rate_limited_tokens') return null
  if (errorClass === 'rate_limited_day' && /PerDay/.test(error.quotas)) return nextPacificMidnight(now)
  const said = `${error.message} ${error.raw}`
  const waits = [detailsWait(error.quotas), toldWait(said)]
  const wait = waits.find((one) => one !== null && one > 0)
  const told =
    inFuture(retryMoment(rateLimit, now), now) ??
    resetMoment(body, now) ??
    (wait == null ? toldMoment(said, now) : now + wait)
  return errorClass === 'rate_limited_day' ? (told ?? nextUtcMidnight(now)) : told
}

/** What a refusal for size says about it. */
function sizes(
  errorClass: ModelErrorClass,
  told: { context: ToldContext | null; tokens: ReturnType<typeof toldTokens>; affordable: number | null },
): Pick<ModelErrorDetails, 'context' | 'affordable'> {
  if (errorClass === 'context_overflow' || errorClass === 'max_tokens_too_large')
    return { context: told.context }
  if (errorClass === 'rate_limited_tokens' && told.tokens !== null)
    return { context: { ...told.tokens, prompt: null } }
  return errorClass === 'credit_short' ? { affordable: told.affordable } : {}
}

/** A moment that has passed and still refuses us says nothing: one clock is wrong. */
function inFuture(moment: number | null, now: number): number | null {
  return moment !== null && moment > now ? moment : null
}

/** Returns upstream text as it is shown to users and stored: one short line without anything that looks like a key. */
export function shorten(words: string): string {
  const line = words
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(/\b(sk|key|gsk|xai)[-_][\w-]{8,}/gi, '[key]')
    .trim()
  return line.length > 300 ? `${line.slice(0, 297)}…` : line
}

function plainText(body: string): string {
  const page = body.slice(0, 100_000).replace(/<(script|style)\b.*?<\/\1>/gis, ' ')
  return shorten(page.replace(/<[^<>]*>/g, ' ')) || 'no body'
}
