import { isObject } from '../core/json.js'
import type { JsonObject } from '../core/json.js'
import { MachineError } from './errors.js'

/** Returns a copy as a checkpoint would give it back, so that a run that was interrupted sees the same as one that was not. */
export function plain(value: unknown, what: string): unknown {
  try {
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? null : (JSON.parse(text) as unknown)
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
