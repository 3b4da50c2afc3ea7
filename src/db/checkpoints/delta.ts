import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import { resemblesReference } from './blobs.js'

/**
 * How one JSON object differs from another: members that are set (`+`), members that are objects and differ in turn
 * (`~`), and members that are gone (`-`). Applied, it gives the other one with its members in their order.
 */
export interface Delta {
  '+'?: JsonObject
  '~'?: Record<string, Delta>
  '-'?: string[]
  /** All members in their order, where it is another one than that of before with new ones behind. */
  '#'?: string[]
}

/** They differ in a way that only the whole other one can tell. */
const WHOLE = Symbol('whole')

/**
 * Returns how a document differs from the one before. The order of its own members is of no account; that of all
 * objects inside it is kept. What both share is recognised by identity, so a document must not be changed once it was given.
 *
 * @param without a member that is passed over.
 */
export function documentDelta(before: JsonObject, after: JsonObject, without: string): Delta {
  const parts = new Parts()
  for (const key of Object.keys(after)) if (key !== without) parts.compare(key, before, after)
  parts.leaveOut(before, after, without)
  return parts.delta()
}

/** Returns a new object with the delta applied. */
export function applyDelta(before: JsonObject, delta: Delta): JsonObject {
  const gone = new Set(delta['-'])
  const after = new Map(Object.entries(before).filter(([key]) => !gone.has(key)))
  for (const [key, value] of Object.entries(delta['+'] ?? {})) after.set(key, value)
  for (const [key, part] of Object.entries(delta['~'] ?? {})) {
    const inside = after.get(key)
    after.set(key, applyDelta(isObject(inside) ? inside : {}, part))
  }
  if (delta['#'] === undefined) return Object.fromEntries(after)
  return Object.fromEntries(delta['#'].map((key) => [key, after.get(key)]))
}

class Parts {
  readonly #delta: Delta = {}
  /** Whether there is a difference at all. */
  any = false

  compare(key: string, before: JsonObject, after: JsonObject): void {
    const value = after[key]
    if (value === undefined) return
    const old = Object.hasOwn(before, key) ? before[key] : undefined
    const delta = old === undefined ? WHOLE : difference(old, value)
    if (delta === null) return
    this.any = true
    if (delta === WHOLE) put((this.#delta['+'] ??= {}), key, value)
    else put((this.#delta['~'] ??= {}), key, delta)
  }

  leaveOut(before: JsonObject, after: JsonObject, without?: string): void {
    for (const key of Object.keys(before)) {
      if (key === without || before[key] === undefined) continue
      if (Object.hasOwn(after, key) && after[key] !== undefined) continue
      this.any = true
      ;(this.#delta['-'] ??= []).push(key)
    }
  }

  reorder(after: JsonObject): void {
    this.any = true
    this.#delta['#'] = Object.keys(after).filter((key) => after[key] !== undefined)
  }

  delta(): Delta {
    return this.#delta
  }
}

/** Sets a member whatever its name is. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Returns null where both are the same. */
function difference(before: unknown, after: unknown): Delta | typeof WHOLE | null {
  if (before === after) return null
  if (Array.isArray(before) && Array.isArray(after)) return sameItems(before, after) ? null : WHOLE
  if (!isObject(before) || !isObject(after)) return WHOLE
  const parts = new Parts()
  for (const key of Object.keys(after)) parts.compare(key, before, after)
  parts.leaveOut(before, after)
  if (!keepsOrder(before, after)) parts.reorder(after)
  if (!parts.any) return null
  // What looks like a reference is stored in another form, to which no delta applies.
  return resemblesReference(before) || resemblesReference(after) ? WHOLE : parts.delta()
}

function sameItems(before: readonly unknown[], after: readonly unknown[]): boolean {
  return (
    before.length === after.length && after.every((item, place) => difference(before[place], item) === null)
  )
}

/** Whether the members that both have stand in the same order, and new ones behind them. */
function keepsOrder(before: JsonObject, after: JsonObject): boolean {
  const olds = Object.keys(before)
  let place = 0
  let added = false
  for (const key of Object.keys(after)) {
    if (olds[place] === key && !added) {
      place += 1
      continue
    }
    if (after[key] === undefined) continue
    if (!Object.hasOwn(before, key) || before[key] === undefined) {
      added = true
      continue
    }
    if (added) return false
    place = olds.indexOf(key, place) + 1
    if (place === 0) return false
  }
  return true
}
