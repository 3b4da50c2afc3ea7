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
  const { texts, isTorn: hasLoose } = jsonValues(lines)
  const parsed = texts.map((value) => parseJson(value, mask))
  const values = parsed
    .map((value) => objectIn(value, mask))
    .filter((value) => value !== undefined && TELLING.some((name) => name in value))
  if (values.length < 2 && !isChunk(values[0])) return values[0]
  const isTorn = hasLoose || texts.some((value, at) => parsed[at] === undefined && PIECE.test(value))
  return mergeEvents(values as JsonObject[], { isDone: texts.includes('[DONE]'), isTorn })
}

/** Names of a part of an answer; one that nobody can read leaves a gap in it. */
const PIECE = /"(?:choices|delta|candidates)"\s*:/

/** Returns the value of a JSON text, its strings masked, also where it is written as Python does or badly; undefined if it is none. */
export function parseJson(text: string, mask: Mask): unknown {
  const masked = (_: string, value: unknown): unknown => (typeof value === 'string' ? mask(value) : value)
  const whole = text.trim()
  try {
    return JSON.parse(whole, masked)
  } catch {
    if (!/^[[{"]/.test(whole)) return undefined
  }
  try {
    return JSON.parse(mended(whole), masked)
  } catch {
    return undefined
  }
}

const STRING_OR_FAULT = /"(?:[^"\\]|\\[\s\S])*"|-?\b(?:NaN|Infinity)\b|\bundefined\b|,(?=\s*[}\]])/g
// eslint-disable-next-line no-control-regex -- these are what JSON forbids
const CONTROL = /[\u0000-\u001f]/g

/** Numbers that are none become null, control characters in strings are escaped, a comma before the end goes. */
function mended(json: string): string {
  return json.replace(STRING_OR_FAULT, (found) => {
    if (found === ',') return ''
    if (!found.startsWith('"')) return 'null'
    return found.replace(CONTROL, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
  })
}

function objectIn(value: unknown, mask: Mask): JsonObject | undefined {
  if (typeof value === 'string')
    return /^\s*[[{]/.test(value) ? objectIn(parseJson(value, mask), mask) : undefined
  if (Array.isArray(value)) {
    const objects = value.filter(isObject)
    if (objects.length < 2) return objects[0] === undefined ? undefined : objectIn(objects[0], mask)
    return mergeEvents(objects, { isDone: true, isTorn: false })
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

/**
 * Returns the texts of the JSON objects and lists that stand in a text one after the other, whatever parts them.
 * `isTorn`: a bracket closes there that none opened, the end of a value that lost its start.
 */
function jsonValues(text: string): { texts: string[]; isTorn: boolean } {
  const texts: string[] = []
  let isTorn = false
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
    } else if ((sign === '}' || sign === ']') && depth === 0) isTorn = true
    else if (sign === '}' || sign === ']') {
      depth -= 1
      if (depth === 0) texts.push(text.slice(from, at + 1))
    }
  }
  return { texts, isTorn }
}
