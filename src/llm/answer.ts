import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import { plainText } from '../text/plain-text.js'
import { withoutThinking } from '../text/thinking.js'
import type { Headers } from './answers/body.js'
import type { Completion } from './answers/completion.js'
import { readCompletion } from './answers/completion.js'
import { contextThatIsFull, isAnswerTooLong, isLongestServed } from './context-limit.js'
import type { ModelErrorClass, ModelErrorDetails } from './errors.js'
import { ModelError } from './errors.js'
import { finishOf, TRUNCATED_FLAG } from './answers/finish.js'
import type { Mask } from './answers/json-body.js'
import { bodyObject } from './answers/json-body.js'
import type { ModelAnswer, ModelRequest, NoAnswer } from './provider.js'
import { readRateLimit } from './refusals/rate-limit.js'
import { cacheStatus } from './response-cache.js'
import { toldWords } from './refusals/error-body.js'
import { refusal, shorten } from './refusals/refusal.js'
import { toldWait } from './refusals/told-limits.js'

/** One HTTP answer, unpacked. */
export interface HttpAnswer {
  status: number
  headers: Headers
  text: string
}

/**
 * Reads one HTTP answer of a chat completion.
 *
 * @param mask takes the key out of what the server said.
 * @returns the answer if it is whole: not empty, not cut, not filtered; without the model's thinking.
 * @throws ModelError with its class for everything else.
 */
export function readAnswer(
  call: ModelRequest,
  { status, headers, text }: HttpAnswer,
  mask: Mask,
  now: number,
): ModelAnswer {
  const body = bodyObject(text, mask)
  const rateLimit = readRateLimit(headers, body, status, now)
  const cached = cacheStatus(headers)
  const refused = refusal({ call, status, body, text, rateLimit, mask, now })
  if (refused !== null) {
    refused.details.cached = cached
    throw refused
  }
  const { model } = call.profile
  const completion = body === undefined ? null : readCompletion(body)
  if (completion === null) {
    const blocked = blockReason(body)
    if (blocked !== null) {
      const message = `${model} withheld its answer: the prompt is blocked (${shorten(blocked)}).`
      throw new ModelError('filtered_answer', mask(message), { statusCode: status, rateLimit, cached })
    }
    const shape = body === undefined ? describeText(text) : describeJson(body)
    throw new ModelError('malformed_answer', mask(`${model} answered with ${shape}.`), {
      statusCode: status,
      rateLimit,
      cached,
    })
  }
  const { promptTokens, cachedTokens, completionTokens, reasoningTokens, costUsd } = completion
  const servedBy = completion.servedBy == null ? null : mask(completion.servedBy)
  const usage = { promptTokens, cachedTokens, completionTokens, reasoningTokens, costUsd, servedBy }
  // What stood in pieces was no key before they were joined.
  const said = mask(withoutThinking(plainText(completion.text)))
  const content = completion.text.trim() === '' ? elsewhere(completion, call, mask) : said
  const fault = faultOf(call, completion, content) ?? insteadOfAnswer(call, content, now)
  if (fault !== null) {
    const details = { statusCode: status, rateLimit, cached, ...usage }
    throw new ModelError(fault.errorClass, mask(`${model} ${fault.message}`), {
      ...details,
      ...fault.details,
    })
  }
  return {
    content,
    model: mask(completion.model ?? model),
    ...usage,
    cached,
    rateLimit,
  }
}

/**
 * Returns whether a body says of itself that it is at its end: a completion that is closed, a stream with a reason to finish
 * or `[DONE]`, a refusal. What the connection did behind it takes nothing away.
 */
export function isAtItsEnd(text: string, mask: Mask): boolean {
  const body = bodyObject(text, mask)
  const completion = body === undefined ? null : readCompletion(body)
  return completion === null
    ? (body?.['error'] ?? null) !== null
    : finishOf(completion.finish) !== 'broken_off'
}

/** An answer that is in no place for one: the sections asked for as thoughts, or as what a tool is to write. Else blank. */
function elsewhere(completion: Completion, { headings, isWhole }: ModelRequest, mask: Mask): string {
  const thought = amongThoughts(completion, headings, mask)
  if (thought !== '') return thought
  const called = mask(plainText(completion.called))
  return called !== '' && headings.length > 0 && isWhole(called) ? called : ''
}

/** An answer that a server took for thoughts: it begins with a heading that it owes, and has all of them. Else blank. */
function amongThoughts({ thoughts }: Completion, headings: readonly string[], mask: Mask): string {
  const text = mask(withoutThinking(plainText(thoughts))).trim()
  const lines = new Set(text.split('\n').map((line) => /^#{1,4}\s+(.+?)\s*$/.exec(line)?.[1]))
  const isOwed = text.startsWith('#') && headings.length > 0
  return isOwed && headings.every((heading) => lines.has(heading)) ? text : ''
}

const ONLY_THOUGHTS =
  'Let the model reason less (extra_body of the profile, e.g. reasoning: {effort: low}), raise max_tokens, or, where the ' +
  'server is yours, see whether its reasoning parser takes answers for thoughts.'

interface Fault {
  errorClass: ModelErrorClass
  message: string
  details?: ModelErrorDetails
}

function faultOf(call: ModelRequest, completion: Completion, content: string): Fault | null {
  const { refusal: words, hasToolCall, finish } = completion
  if (words !== '') return { errorClass: 'moderated', message: `refused: ${words.slice(0, 200)}` }
  switch (finishOf(finish)) {
    case 'cut':
      return cut(call, completion)
    case 'filtered':
      return { errorClass: 'filtered_answer', message: 'withheld its answer (content filter).' }
    case 'refused':
      return { errorClass: 'moderated', message: 'refused to answer.' }
    case 'failed':
      return { errorClass: 'server_error', message: `broke off its answer (${finish.join(', ')}).` }
    case 'broken_off':
      return { errorClass: 'malformed_answer', message: 'answered with a stream that ends before its end.' }
    case 'unsaid':
      if (!isFull(call, completion) || content.trim() === '' || call.isWhole(content)) break
      return cut(call, completion)
    case 'unknown':
      if (content.trim() === '' || call.isWhole(content)) break
      if (isFull(call, completion) || finish.includes(TRUNCATED_FLAG)) return cut(call, completion)
      return {
        errorClass: 'server_error',
        message: `broke off its answer, as it seems (${finish.join(', ')}).`,
      }
    case 'whole':
  }
  if (content.trim() !== '') return null
  if (hasToolCall || finish.some((reason) => /tool_?(?:calls?|use)|function_?call/i.test(reason)))
    return { errorClass: 'malformed_answer', message: 'answered with a tool call instead of text.' }
  const thought = completion.hasThoughts || completion.text.trim() !== ''
  if (!thought) return { errorClass: 'empty_answer', message: 'gave an empty answer.' }
  return {
    errorClass: 'empty_answer',
    message: 'did nothing but think: all of its text is reasoning, and none of it an answer.',
    details: { hint: ONLY_THOUGHTS },
  }
}

/** The class of what stands in an answer's place, and how that is said. */
const INSTEAD: Readonly<Record<NoAnswer, [ModelErrorClass, string]>> = {
  refusal: ['moderated', 'refused'],
  // Nobody says whose limit: that of the model as it is served there.
  limit: ['rate_limited_upstream', 'answered with the message of a limit'],
  error: ['server_error', 'answered with the message of an error'],
  chatter: ['malformed_answer', 'answered with none of the sections asked for'],
}

function insteadOfAnswer({ noAnswer }: ModelRequest, content: string, now: number): Fault | null {
  const kind = noAnswer?.(content) ?? null
  if (kind === null) return null
  const [errorClass, words] = INSTEAD[kind]
  const wait = kind === 'limit' ? toldWait(content) : null
  return {
    errorClass,
    message: `${words}: "${shorten(content).slice(0, 200)}"`,
    details: wait === null ? {} : { retryAt: now + wait },
  }
}

function cut({ profile }: ModelRequest, { promptTokens, completionTokens, finish }: Completion): Fault {
  const { maxTokens } = profile
  const answered = completionTokens ?? 0
  const isCounted = promptTokens != null && completionTokens != null
  const context = isCounted ? contextThatIsFull(promptTokens, answered, maxTokens) : null
  const cutEarly = `cut its answer after ${answered} tokens, though max_tokens allows ${maxTokens}`
  if (context !== null || finish.some((reason) => /context/i.test(reason))) {
    return {
      errorClass:
        context !== null && isAnswerTooLong(context, maxTokens) ? 'max_tokens_too_large' : 'context_overflow',
      message:
        context === null
          ? 'cut its answer: its context is full.'
          : `${cutEarly}: with ${context.prompt} of the prompt its context of ${context.limit} is full, as it seems.`,
      details: {
        context,
        hint: `Start the server with a context that holds both (Ollama: OLLAMA_CONTEXT_LENGTH), or set context_length of the profile "${profile.profile}" to what it has.`,
      },
    }
  }
  if (isLongestServed(answered, maxTokens)) {
    return {
      errorClass: 'truncated_answer',
      message: `${cutEarly}: it gives no longer ones, as it seems.`,
      details: { hint: 'Choose a model that gives longer answers, or one that reasons less.' },
    }
  }
  return {
    errorClass: 'truncated_answer',
    message: `ran into max_tokens (${maxTokens}) before it was finished.`,
    details: { hint: 'Raise max_tokens of the profile, or choose a model that reasons less.' },
  }
}

/** Whether an answer has as many tokens as were allowed. */
function isFull({ profile }: ModelRequest, { completionTokens }: Completion): boolean {
  return (completionTokens ?? 0) >= profile.maxTokens
}

/** Google's reason for no candidate at all. */
function blockReason(body: JsonObject | undefined): string | null {
  const feedback = body?.['promptFeedback']
  const reason = isObject(feedback) ? feedback['blockReason'] : null
  return typeof reason === 'string' ? reason : null
}

function describeJson(body: JsonObject): string {
  const words = shorten(toldWords(body))
  return `JSON that is not a chat completion${words === '' ? '' : `: "${words}"`}`
}

function describeText(text: string): string {
  if (text.trim() === '') return 'an empty body'
  return /^\s*(<!doctype|<html)/i.test(text) ? 'an HTML page' : 'a body that is not JSON'
}
