import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import { finishOf, reasonsOf } from './finish.js'
import { partsText, thoughtsOf } from './parts.js'

/**
 * Returns the one completion that the events of a stream make: texts joined, the last reason to finish, the last count of
 * tokens. A stream that ends without a reason and without `[DONE]`, or that has a gap, is marked with the reason `cut_stream`.
 *
 * @param end isDone: something said that the stream is at its end; isTorn: a part of it could not be read.
 */
export function mergeEvents(
  events: readonly JsonObject[],
  { isDone, isTorn }: { isDone: boolean; isTorn: boolean },
): JsonObject {
  const merged: JsonObject = {}
  const content: string[] = []
  let length = 0
  let hasDelta = false
  const thoughts: string[] = []
  let refusal = ''
  const toolCalls = new Map<unknown, JsonObject>()
  let finish: string[] = []
  let native: unknown = null
  let isEnded = isDone
  for (const event of events) {
    for (const name of ['model', 'usage', 'usageMetadata', 'error'])
      if ((event[name] ?? null) !== null) merged[name] = event[name]
    const choice = firstChoice(event)
    const message = isObject(choice['delta']) ? choice['delta'] : choice['message']
    hasDelta ||= isObject(choice['delta'])
    const piece = isObject(message)
      ? partsText(message['content'])
      : partsText(choice['text'] ?? choice['content'])
    // The last event of some servers repeats the whole message.
    const isLonger = isObject(choice['message']) && hasDelta && piece.length >= length
    if (isLonger && piece.startsWith(content.join(''))) content.length = length = 0
    content.push(piece)
    length += piece.length
    if (isObject(message)) {
      if (typeof message['refusal'] === 'string') refusal += message['refusal']
      thoughts.push(thoughtsOf(message))
      addCalls(toolCalls, message['tool_calls'])
    }
    if ((choice['error'] ?? null) !== null) merged['error'] ??= choice['error']
    const reason = reasonsOf(choice['finish_reason'] ?? choice['finishReason'] ?? choice['done_reason'])
    // A stop that some servers send behind it does not make a cut answer whole.
    if (finishOf(reason) !== 'unsaid' && MAY_CHANGE.has(finishOf(finish))) finish = reason
    native = choice['native_finish_reason'] ?? native
    if (choice['truncated'] === true || event['truncated'] === true) merged['truncated'] = true
    isEnded ||= event['done'] === true
  }
  return {
    ...merged,
    choices: [
      {
        finish_reason: isTorn || (finish.length === 0 && !isEnded) ? 'cut_stream' : finish,
        native_finish_reason: native,
        message: {
          content: joined(content),
          ...(refusal === '' ? {} : { refusal }),
          ...(thoughts.some((one) => one !== '') ? { reasoning_content: joined(thoughts) } : {}),
          ...(toolCalls.size === 0 ? {} : { tool_calls: [...toolCalls.values()] }),
        },
      },
    ],
  }
}

const MAY_CHANGE: ReadonlySet<string> = new Set(['unsaid', 'unknown', 'whole'])

/** As many letters in a row do not stand twice by chance; nor do so many pieces that each begin with all before them. */
const LEAST_REPEATED = 40
const LEAST_GROWING = 4

/**
 * Returns the text that pieces make: one after the other, or, where each repeats all that came before it (DashScope and
 * others), the longest. Of pieces that only look so by chance ("ha", "haha") there are few, and they are short.
 */
function joined(pieces: readonly string[]): string {
  const said = pieces.filter((piece) => piece !== '')
  let longest = ''
  let growing = 0
  let repeated = 0
  for (const piece of said) {
    if (piece.startsWith(longest)) {
      if (longest !== '') growing += 1
      repeated = Math.max(repeated, longest.length)
      longest = piece
    } else if (!longest.startsWith(piece)) return said.join('')
  }
  const isCumulative = growing > 0 && (repeated >= LEAST_REPEATED || growing >= LEAST_GROWING)
  return isCumulative ? longest : said.join('')
}

/** Calls of tools come in pieces, as the text does. */
function addCalls(calls: Map<unknown, JsonObject>, pieces: unknown): void {
  if (!Array.isArray(pieces)) return
  for (const piece of pieces.filter(isObject)) {
    const index = piece['index'] ?? 0
    const given = isObject(piece['function']) ? piece['function']['arguments'] : ''
    const before = calls.get(index)?.['arguments']
    const text = typeof given === 'string' ? given : JSON.stringify(given ?? '')
    calls.set(index, { arguments: (typeof before === 'string' ? before : '') + text })
  }
}

/** Only the first choice is ours: we ask for one. */
function firstChoice(event: JsonObject): JsonObject {
  const list = event['choices'] ?? event['candidates']
  if (Array.isArray(list)) {
    const choices = list.filter(isObject)
    return choices.find((choice) => (choice['index'] ?? 0) === 0) ?? {}
  }
  return isObject(event['message']) ? event : {}
}
