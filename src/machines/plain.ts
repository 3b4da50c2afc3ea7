import { isObject } from '../core/json.js'
import type { JsonObject } from '../core/json.js'
import { MachineError } from './errors.js'

/** Returns a copy as a checkpoint would give it back, so that a run that was interrupted sees the same as one that was not. */
export function plain(value: unknown, what: string): unknown {
  try {
    return asJson(value) ?? null
  } catch (error) {
    throw new MachineError('not_json', `${what} cannot be stored as JSON: ${String(error)}`, { cause: error })
  }
}

/** As {@link plain}, for what must be a map. */
export function plainObject(value: unknown, what: string): JsonObject {
  const copy = plain(value, what)
  if (!isObject(copy)) throw new MachineError('not_a_map', `${what} is not a map of keys to values`)
  return copy
}

const FOREIGN = Symbol('foreign')
/** Deeper than any context; JSON then says what is wrong with it. */
const DEEPEST = 500

/**
 * The copy that JSON would give back. Strings are shared instead of written and read again: with a paper's text in the
 * context this is a third of the time of a state, and the store knows the text again without hashing it anew. What
 * has a form of its own goes through JSON.
 */
function asJson(value: unknown): unknown {
  const copy = copied(value, 0)
  if (copy !== FOREIGN) return copy
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

function copied(value: unknown, depth: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? (Object.is(value, -0) ? 0 : value) : null
  if (value === undefined) return undefined
  if (typeof value !== 'object' || depth > DEEPEST) return FOREIGN
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value as unknown[]) {
      const copy = copied(item, depth + 1)
      if (copy === FOREIGN) return FOREIGN
      items.push(copy === undefined ? null : copy)
    }
    return items
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return FOREIGN
  const object: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return FOREIGN
    const copy = copied((value as Record<string, unknown>)[key], depth + 1)
    if (copy === FOREIGN) return FOREIGN
    if (copy !== undefined) object[key] = copy
  }
  return object
}
