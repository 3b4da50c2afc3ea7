import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import { finishOf, reasonText } from './finish.js'
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
  let content = ''
  let refusal = ''
  let thoughts = ''
  let toolCalls: unknown
  let finish: unknown = null
  let native: unknown = null
  for (const event of events) {
    for (const name of ['model', 'usage', 'usageMetadata', 'error'])
      if ((event[name] ?? null) !== null) merged[name] = event[name]
    const choice = firstChoice(event)
    const message = isObject(choice['delta']) ? choice['delta'] : choice['message']
    const piece = isObject(message)
      ? partsText(message['content'])
      : partsText(choice['text'] ?? choice['content'])
    // The last event of some servers repeats the whole message.
    content = isObject(choice['message']) && piece.startsWith(content) ? piece : content + piece
    if (isObject(message)) {
      if (typeof message['refusal'] === 'string') refusal += message['refusal']
      thoughts += thoughtsOf(message)
      toolCalls = message['tool_calls'] ?? toolCalls
    }
    if ((choice['error'] ?? null) !== null) merged['error'] ??= choice['error']
    const reason = choice['finish_reason'] ?? choice['finishReason'] ?? choice['done_reason'] ?? finish
    // A stop that some servers send behind it does not make a cut answer whole.
    if (finishOf([reasonText(finish)]) === 'whole') finish = reason
    native = choice['native_finish_reason'] ?? native
  }
  return {
    ...merged,
    choices: [
      {
        finish_reason: isTorn ? 'cut_stream' : (finish ?? (isDone ? null : 'cut_stream')),
        native_finish_reason: native,
        message: {
          content,
          ...(refusal === '' ? {} : { refusal }),
          ...(thoughts === '' ? {} : { reasoning_content: thoughts }),
          ...(toolCalls === undefined ? {} : { tool_calls: toolCalls }),
        },
      },
    ],
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
