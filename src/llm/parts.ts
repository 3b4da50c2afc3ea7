import { isObject } from '../core/json.js'

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

/** Returns the words of a refusal among the parts of a content, or blank. */
export function refusalPart(content: unknown): string {
  if (!Array.isArray(content)) return ''
  const part = content.filter(isObject).find(({ type }) => type === 'refusal')
  return typeof part?.['refusal'] === 'string' ? part['refusal'] : ''
}
