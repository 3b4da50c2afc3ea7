/** What JSON can hold; `undefined` members are left out when it is written. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined }

export type JsonObject = Record<string, unknown>

/** Returns whether a value is an object with keys (no array, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
