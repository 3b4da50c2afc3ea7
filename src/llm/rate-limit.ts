import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import type { RateLimitState, RateLimitWindow } from '../core/rate-limit-state.js'

type Headers = Record<string, string | string[] | undefined>

/** No announced wait beyond this is believed. */
const LONGEST_WAIT_MS = 26 * 3_600_000

/**
 * Reads the rate-limit state of an answer: `Retry-After` (seconds or an HTTP date) and `X-RateLimit-*`, from the
 * headers or, as OpenRouter also sends them, from `error.metadata.headers`. `X-RateLimit-Reset` there is in epoch
 * milliseconds; smaller numbers are taken for epoch seconds.
 *
 * @returns the state, or null when the answer says nothing about limits.
 */
export function readRateLimit(
  headers: Headers,
  body: unknown,
  status: number,
  now: number,
): RateLimitState | null {
  const all = { ...lowerCase(headers), ...lowerCase(headersInBody(body)) }
  const limit = toNumber(all['x-ratelimit-limit'])
  const remaining = toNumber(all['x-ratelimit-remaining'])
  const resetAt = toEpochMs(toNumber(all['x-ratelimit-reset']), now)
  const retryAfter = readRetryAfter(all['retry-after'] ?? availabilityWait(body), now)
  const limited = status === 429
  if (!limited && limit === null && remaining === null && resetAt === null && retryAfter === null) return null
  const window: RateLimitWindow = {
    name: limit !== null && limit >= 50 ? 'day' : 'minute',
    resource: 'requests',
    remaining,
    limit,
    resets_in: resetAt === null ? null : Math.max(0, Math.ceil((resetAt - now) / 1000)),
    reset_at: resetAt === null ? null : Math.ceil(resetAt / 1000),
  }
  const known = limit !== null || remaining !== null || resetAt !== null
  return { limited, retry_after: retryAfter, windows: known ? [window] : [] }
}

/** Returns when the limit is said to end, epoch milliseconds, or null. The reset time wins over Retry-After. */
export function retryMoment(state: RateLimitState | null, now: number): number | null {
  const reset = state?.windows.find((window) => window.reset_at !== null)?.reset_at
  if (reset != null) return reset * 1000
  return state?.retry_after == null ? null : now + state.retry_after * 1000
}

/**
 * Returns when a spending cap is lifted (`error.metadata.resets_at`, ISO text or epoch), epoch milliseconds, or null.
 */
export function resetMoment(body: unknown, now: number): number | null {
  const resetsAt = metadataOf(body)['resets_at']
  if (typeof resetsAt === 'number') return toEpochMs(resetsAt, now)
  const moment = typeof resetsAt === 'string' ? Date.parse(resetsAt) : NaN
  return moment > now ? moment : null
}

/** Seconds, where no provider of the model has room: `error.availability.retry_after`. */
function availabilityWait(body: unknown): string | undefined {
  const error = isObject(body) ? body['error'] : undefined
  const availability = isObject(error) ? error['availability'] : undefined
  const seconds = isObject(availability) ? availability['retry_after'] : undefined
  return typeof seconds === 'number' ? String(seconds) : undefined
}

function metadataOf(body: unknown): JsonObject {
  const error = isObject(body) ? body['error'] : undefined
  const metadata = isObject(error) ? error['metadata'] : undefined
  return isObject(metadata) ? metadata : {}
}

function headersInBody(body: unknown): Headers {
  const headers = metadataOf(body)['headers']
  return isObject(headers) ? (headers as Headers) : {}
}

function lowerCase(headers: Headers): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    String(Array.isArray(value) ? value[0] : (value ?? '')),
  ])
  return Object.fromEntries(entries) as Record<string, string>
}

function toNumber(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

function toEpochMs(value: number | null, now: number): number | null {
  if (value === null || value <= 0) return null
  const ms = value < 1e11 ? value * 1000 : value
  return ms < now - 60_000 || ms > now + LONGEST_WAIT_MS ? null : ms
}

function readRetryAfter(text: string | undefined, now: number): number | null {
  if (text === undefined || text.trim() === '') return null
  const seconds = toNumber(text) ?? (Date.parse(text) - now) / 1000
  if (!Number.isFinite(seconds) || seconds < 0 || seconds * 1000 > LONGEST_WAIT_MS) return null
  return Math.ceil(seconds)
}
