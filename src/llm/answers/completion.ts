import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import type { Usage } from '../provider.js'
import { reasonsOf, TRUNCATED_FLAG } from './finish.js'
import { hasThinkingPart, partsText, refusalPart, thoughtsOf } from './parts.js'

/** What an answer says, in whatever dialect it came. */
export interface Completion extends Usage {
  /** As given, thinking inside it included; blank where there is none. */
  text: string
  /** The model's thoughts came beside the text, in a place of their own. */
  hasThoughts: boolean
  /** Those of them that are plain text. */
  thoughts: string
  /** Reasons to finish, the server's and the model's own, flags among them; [] where none is given. */
  finish: string[]
  /** The model's words of refusal; blank where it did not refuse. */
  refusal: string
  hasToolCall: boolean
  /** Arguments of the calls, as JSON; a model that was to write may have put its text there. */
  called: string
  model: string | null
}

/**
 * Returns what a body says as a completion, or null if it is none. Read are OpenAI's chat completions and their kin
 * (`choices`, `text` of the older completions), and the answers of servers that speak their own dialect whatever they are
 * asked: Ollama (`message.content`), OpenAI's Responses (`output`, `output_text`), Anthropic (`content`), Google
 * (`candidates`).
 */
export function readCompletion(body: JsonObject): Completion | null {
  const choices = body['choices'] ?? body['candidates']
  const given: unknown = Array.isArray(choices) ? spokenChoice(choices) : choices
  const choice = isObject(given) ? given : null
  const said = choice === null ? ownDialect(body) : saidIn(choice)
  const content = contentOf(said)
  if (choice === null && (said ?? null) === null) return null
  if (typeof content === 'number' || typeof content === 'boolean') return null
  const spoken = isObject(said) ? said : {}
  const called = calledWith(spoken).join('\n')
  return {
    ...about(body, choice),
    text: partsText(content),
    thoughts: thoughtsOf(spoken),
    hasThoughts: thoughtsOf(spoken) !== '' || hasThinkingPart(content),
    refusal: text(spoken['refusal']) || refusalPart(content),
    hasToolCall: called !== '' || isFilled(spoken['tool_calls']) || isObject(spoken['function_call']),
    called,
  }
}

/** One choice is asked for; where the first of several says nothing at all, another may be the answer. */
function spokenChoice(choices: readonly unknown[]): unknown {
  const [first] = choices
  const said = isObject(first) ? saidIn(first) : undefined
  if (isObject(said) && (text(said['refusal']) !== '' || refusalPart(said['content']) !== '')) return first
  return (
    choices.find((choice) => isObject(choice) && partsText(contentOf(saidIn(choice))).trim() !== '') ?? first
  )
}

function saidIn(choice: JsonObject): unknown {
  return choice['message'] ?? choice['delta'] ?? choice['text'] ?? choice['content']
}

function contentOf(said: unknown): unknown {
  return isObject(said) && 'content' in said ? said['content'] : said
}

function calledWith(spoken: JsonObject): string[] {
  const calls: unknown[] = Array.isArray(spoken['tool_calls']) ? spoken['tool_calls'] : []
  const parts: unknown[] = Array.isArray(spoken['content']) ? spoken['content'] : []
  const functions = [
    ...calls.map((call) => (isObject(call) ? (call['function'] ?? call) : null)),
    spoken['function_call'],
  ]
  const given = [
    ...functions.map((call) => (isObject(call) ? call['arguments'] : null)),
    ...parts.map((part) => (isObject(part) && part['type'] === 'tool_use' ? part['input'] : null)),
  ]
  return given.flatMap((one) =>
    typeof one === 'string' ? [one] : isObject(one) ? [JSON.stringify(one)] : [],
  )
}

function ownDialect(body: JsonObject): unknown {
  const { output_text: flat, output, message, content, text: plain, response } = body
  if (typeof flat === 'string' && flat !== '') return flat
  if (Array.isArray(output)) return output
  if (isObject(message)) return message
  return content ?? plain ?? (typeof response === 'string' ? response : undefined)
}

/** Members that name a reason to finish, of a choice or of the whole body. */
const REASONS = [
  'finish_reason',
  'native_finish_reason',
  'finishReason',
  'stop_reason',
  'stopReason',
  'stop_type',
  'done_reason',
]
const FLAGS = ['truncated', 'is_truncated', 'isTruncated', 'stopped_limit']

function about(body: JsonObject, choice: JsonObject | null): Pick<Completion, 'finish' | 'model'> & Usage {
  const places = [choice ?? {}, body]
  const incomplete = isObject(body['incomplete_details']) ? body['incomplete_details']['reason'] : undefined
  const isCut = places.some((place) => FLAGS.some((name) => place[name] === true))
  const finish = [
    ...places.flatMap((place) => REASONS.map((name) => place[name])),
    incomplete,
    // Responses have a status; other bodies mean something else by it.
    Array.isArray(body['output']) ? body['status'] : undefined,
    // A piece of a stream of Ollama's, all of which never came.
    body['done'] === false && body['done_reason'] === undefined ? 'cut_stream' : undefined,
    isCut ? TRUNCATED_FLAG : undefined,
  ]
  return {
    finish: finish.flatMap(reasonsOf),
    model: text(body['model']) || text(body['modelVersion']) || null,
    ...usageOf(body),
  }
}

function usageOf(body: JsonObject): Usage {
  const usage = [body['usage'], body['usageMetadata'], body].filter(isObject)
  const detail = (names: readonly string[]): JsonObject[] => [
    ...usage.flatMap((place) => names.map((name) => place[name])).filter(isObject),
    ...usage,
  ]
  return {
    promptTokens: firstCount(usage, [
      'prompt_tokens',
      'input_tokens',
      'promptTokenCount',
      'prompt_eval_count',
    ]),
    cachedTokens: firstCount(detail(['prompt_tokens_details', 'input_tokens_details', 'timings']), [
      'cached_tokens',
      'prompt_cache_hit_tokens',
      'cache_read_input_tokens',
      'cachedContentTokenCount',
      'cache_n',
    ]),
    completionTokens: firstCount(usage, [
      'completion_tokens',
      'output_tokens',
      'candidatesTokenCount',
      'eval_count',
    ]),
    reasoningTokens: firstCount(detail(['completion_tokens_details', 'output_tokens_details']), [
      'reasoning_tokens',
      'thoughtsTokenCount',
    ]),
    costUsd: firstNumber(usage, ['cost']),
    servedBy: text(body['provider']).slice(0, LONGEST_NAME) || null,
  }
}

const LONGEST_NAME = 100

function firstNumber(places: readonly JsonObject[], names: readonly string[]): number | null {
  for (const place of places) {
    for (const name of names) {
      const given = place[name]
      const value = typeof given === 'string' && /^\s*\d/.test(given) ? Number(given) : given
      if (typeof value === 'number' && Number.isFinite(value)) return value
    }
  }
  return null
}

/** More tokens than any model takes; a count beyond is none. */
const MOST_TOKENS = 1e9

/** Endpoints count in fractions, too, and below zero; a ledger counts whole tokens. */
function firstCount(places: readonly JsonObject[], names: readonly string[]): number | null {
  const found = firstNumber(places, names)
  return found === null || found < 0 || found > MOST_TOKENS ? null : Math.round(found)
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}
