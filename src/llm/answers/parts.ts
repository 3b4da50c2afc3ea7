import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'

/** Kinds of parts that hold no word of the answer: thinking under all its names, calls, pictures. */
const NOT_SAID = /think|reason|thought|redacted|tool|function|image|audio|refusal|search|citation/i

/**
 * Returns the text of a message's content: plain text, or parts of which those that hold thinking, calls or pictures are
 * left out (as OpenAI, Anthropic, Mistral and Google write them). Blank where there is none.
 */
export function partsText(content: unknown): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map(partsText).join('')
  if (!isObject(content)) return ''
  if (content['thought'] === true) return ''
  if (typeof content['type'] === 'string' && NOT_SAID.test(content['type'])) return ''
  return partsText(content['text'] ?? content['value'] ?? content['content'] ?? content['parts'] ?? '')
}

/** Where servers put thoughts beside the content: vLLM, DeepSeek and their kin, OpenRouter, Ollama. */
const THOUGHTS = ['reasoning_content', 'reasoning', 'thinking']

/** Returns the thoughts that stand in a place of their own in a message or a piece of one, or blank. */
export function thoughtsOf(message: JsonObject): string {
  const found = THOUGHTS.map((name) => message[name]).find(
    (value) => typeof value === 'string' && value.trim() !== '',
  )
  return typeof found === 'string' ? found : ''
}

/** Returns whether parts of a content hold thinking. */
export function hasThinkingPart(content: unknown): boolean {
  if (!Array.isArray(content)) return false
  return content
    .filter(isObject)
    .some(
      ({ type, thought }) =>
        thought === true || (typeof type === 'string' && /think|reason|thought/i.test(type)),
    )
}

/** Returns the words of a refusal among the parts of a content, or blank. */
export function refusalPart(content: unknown): string {
  if (!Array.isArray(content)) return ''
  const part = content.filter(isObject).find(({ type }) => type === 'refusal')
  return typeof part?.['refusal'] === 'string' ? part['refusal'] : ''
}
