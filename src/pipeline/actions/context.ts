import { RpaError } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'

/**
 * Returns a text of the context.
 *
 * @throws RpaError `context_missing` naming the key: the machine file feeds the action wrongly.
 */
export function requireText(context: JsonObject, key: string): string {
  const value = context[key]
  if (typeof value === 'string' && value !== '') return value
  throw new RpaError('context_missing', `The machine's context has no text in "${key}".`, {
    hint: 'Compare the machine file with the one that comes with rpa.',
  })
}

/** Returns a text of the context, or null. */
export function textOrNull(context: JsonObject, key: string): string | null {
  const value = context[key]
  return typeof value === 'string' && value !== '' ? value : null
}

/** Returns a number of the context, or null. */
export function numberOrNull(context: JsonObject, key: string): number | null {
  const value = context[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** Returns a map of the context, empty where there is none. */
export function objectOrEmpty(context: JsonObject, key: string): JsonObject {
  const value = context[key]
  return isObject(value) ? value : {}
}
