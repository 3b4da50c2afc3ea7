import { MAX_LETTERS, MAX_VALUES } from '../bounds.js'
import { isObject } from '../../core/json.js'
import type { JsonObject } from '../../core/json.js'
import { MachineError } from '../errors.js'

/** Returns a copy as a checkpoint would give it back, so that a run that was interrupted sees the same as one that was not. */
export function plain(value: unknown, what: string): unknown {
  requireSize(value, what)
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

/**
 * Parts may be shared, so that a value that takes little room is endless when it is written.
 *
 * @throws MachineError `too_large`, and `not_json` for what is nested too deeply or holds itself.
 */
export function requireSize(value: unknown, what: string): void {
  const left = { values: MAX_VALUES, letters: MAX_LETTERS }
  const walk = (one: unknown, depth: number): void => {
    if (typeof one === 'string') left.letters -= one.length
    if (--left.values < 0 || left.letters < 0) {
      throw new MachineError(
        'too_large',
        `${what} has more than ${MAX_VALUES} values or ${MAX_LETTERS} letters`,
        { hint: 'Look for what a loop adds to it again and again.' },
      )
    }
    if (typeof one !== 'object' || one === null) return
    if (depth > DEEPEST) {
      throw new MachineError(
        'not_json',
        `${what} cannot be stored as JSON: it is nested too deeply, or holds itself`,
      )
    }
    for (const item of Array.isArray(one) ? (one as unknown[]) : Object.values(one)) walk(item, depth + 1)
  }
  walk(value, 0)
}

const FOREIGN = Symbol('foreign')
/** Deeper than any context. */
const DEEPEST = 500

/**
 * The copy that JSON would give back. Strings are shared instead of written and read again: with a paper's text in the
 * context this is a third of the time of a state, and the store knows the text again without hashing it anew. What
 * has a form of its own goes through JSON.
 */
function asJson(value: unknown): unknown {
  const copy = copied(value)
  if (copy !== FOREIGN) return copy
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

function copied(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? (Object.is(value, -0) ? 0 : value) : null
  if (value === undefined) return undefined
  if (typeof value !== 'object') return FOREIGN
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value as unknown[]) {
      const copy = copied(item)
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
    const copy = copied((value as Record<string, unknown>)[key])
    if (copy === FOREIGN) return FOREIGN
    if (copy !== undefined) object[key] = copy
  }
  return object
}
