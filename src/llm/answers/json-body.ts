import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import { mergeEvents } from './events.js'

/** Takes what is secret out of a text. */
export type Mask = (text: string) => string

/** Members that say that an object is an answer or a refusal, and not part of something else. */
const TELLING = [
  'choices',
  'error',
  'errors',
  'candidates',
  'output',
  'output_text',
  'message',
  'content',
  'detail',
  'text',
  'type',
  'response',
  'usage',
]
/** Under which proxies and gateways hand on another server's body. */
const WRAPPERS = ['data', 'response', 'result', 'body', 'completion'] as const

/**
 * Returns the object that a body holds, in whatever dress it came: JSON with anything around it, a list around the
 * object, JSON in a string, an event stream (also with comments, without blanks behind `data:`, with `[DONE]` glued to
 * it), one JSON a line. Undefined if it holds none. Secrets are masked in the values, where no escape hides them.
 */
export function bodyObject(text: string, mask: Mask): JsonObject | undefined {
  const whole = parseJson(text, mask)
  if (whole !== undefined) return objectIn(whole, mask)
  if (/^\s*</.test(text)) return undefined
  const lines = text.replace(/^[ \t]*(?:data:|(?:event|id|retry)?:[^\r\n]*)[ \t]?/gm, '')
  const values = jsonValues(lines)
    .map((value) => objectIn(parseJson(value, mask), mask))
    .filter((value) => value !== undefined && TELLING.some((name) => name in value))
  return values.length < 2 && !isChunk(values[0])
    ? values[0]
    : mergeEvents(values as JsonObject[], /\[DONE\]/.test(text))
}

/** Returns the value of a JSON text, its strings masked; undefined if it is none. */
export function parseJson(text: string, mask: Mask): unknown {
  try {
    return JSON.parse(text.trim(), (_, value: unknown) => (typeof value === 'string' ? mask(value) : value))
  } catch {
    return undefined
  }
}

function objectIn(value: unknown, mask: Mask): JsonObject | undefined {
  if (typeof value === 'string')
    return /^\s*[[{]/.test(value) ? objectIn(parseJson(value, mask), mask) : undefined
  if (Array.isArray(value)) {
    const objects = value.filter(isObject)
    if (objects.length < 2) return objects[0] === undefined ? undefined : objectIn(objects[0], mask)
    return mergeEvents(objects, true)
  }
  if (!isObject(value)) return undefined
  if (Array.isArray(value['choices']) || (value['error'] ?? null) !== null) return value
  for (const name of WRAPPERS) {
    const inner = value[name]
    if (isObject(inner) && isAnswer(inner)) return inner
  }
  return value
}

function isAnswer(inner: JsonObject): boolean {
  return (
    'choices' in inner || 'candidates' in inner || 'output' in inner || typeof inner['response'] === 'string'
  )
}

function isChunk(value: JsonObject | undefined): boolean {
  const choices = value?.['choices']
  return Array.isArray(choices) && choices.some((choice) => isObject(choice) && 'delta' in choice)
}

/** Returns the texts of the JSON objects and lists that stand in a text one after the other, whatever parts them. */
function jsonValues(text: string): string[] {
  const values: string[] = []
  let depth = 0
  let from = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (quoted) {
      if (sign === '\\') at += 1
      else if (sign === '"') quoted = false
    } else if (sign === '"') quoted = depth > 0
    else if (sign === '{' || sign === '[') {
      if (depth === 0) from = at
      depth += 1
    } else if ((sign === '}' || sign === ']') && depth > 0) {
      depth -= 1
      if (depth === 0) values.push(text.slice(from, at + 1))
    }
  }
  return values
}
