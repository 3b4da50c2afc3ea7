import type { JsonObject } from '../../core/json.js'
import { LONGEST_WAIT_MS } from '../../core/clock.js'
import { isObject } from '../../core/json.js'
import type { Headers } from '../answers/body.js'
import type { RateLimitState, RateLimitWindow } from '../../core/rate-limit-state.js'
import { spanMs } from './spans.js'

/**
 * Reads the rate-limit state of an answer: `Retry-After` (seconds or an HTTP date), `Retry-After-Ms`, and
 * `X-RateLimit-*`, from the headers or, as OpenRouter also sends them, from `error.metadata.headers`.
 * `X-RateLimit-Reset` there is in epoch milliseconds; smaller numbers are taken for epoch seconds. OpenAI and Groq tell requests and tokens apart, with the time to their reset as a
 * duration (`x-ratelimit-reset-tokens: 6m0s`).
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
  const resetAt = readReset(all['x-ratelimit-reset'], now)
  const retryAfter = readRetryAfter(all, body, now)
  const limited = status === 429
  const windows = [...RESOURCES.flatMap((resource) => windowOf(all, resource, now))]
  if (limit !== null || remaining !== null || resetAt !== null) {
    const name = limit !== null && limit >= 50 ? 'day' : 'minute'
    windows.unshift({ name, resource: 'requests', remaining, limit, ...resetOf(resetAt, now) })
  }
  if (!limited && windows.length === 0 && retryAfter === null) return null
  return { limited, retry_after: retryAfter, windows }
}

/** What OpenAI and those who speak like it count apart. */
const RESOURCES = ['requests', 'tokens'] as const

function windowOf(all: Record<string, string>, resource: string, now: number): RateLimitWindow[] {
  const limit = toNumber(all[`x-ratelimit-limit-${resource}`])
  const remaining = toNumber(all[`x-ratelimit-remaining-${resource}`])
  const resetAt = readReset(all[`x-ratelimit-reset-${resource}`], now)
  if (limit === null && remaining === null && resetAt === null) return []
  return [{ name: `${resource}_window`, resource, remaining, limit, ...resetOf(resetAt, now) }]
}

function resetOf(resetAt: number | null, now: number): Pick<RateLimitWindow, 'resets_in' | 'reset_at'> {
  return {
    resets_in: resetAt === null ? null : Math.max(0, Math.ceil((resetAt - now) / 1000)),
    reset_at: resetAt === null ? null : Math.ceil(resetAt / 1000),
  }
}

/**
 * Returns when the limit is said to end, epoch milliseconds, or null. `X-RateLimit-Reset` wins over Retry-After, and that
 * over the windows of requests and tokens: of those the ones that are used up count, else the one that ends first.
 */
export function retryMoment(state: RateLimitState | null, now: number): number | null {
  if (state === null) return null
  const ends = (windows: readonly RateLimitWindow[]): number[] =>
    windows.flatMap(({ reset_at }) => (reset_at === null ? [] : [reset_at * 1000]))
  const [plain] = ends(state.windows.filter(({ name }) => !name.endsWith('_window')))
  if (plain !== undefined) return plain
  if (state.retry_after !== null) return now + state.retry_after * 1000
  const usedUp = ends(state.windows.filter(({ remaining }) => remaining !== null && remaining < 1))
  if (usedUp.length > 0) return Math.max(...usedUp)
  const any = state.limited ? ends(state.windows) : []
  return any.length > 0 ? Math.min(...any) : null
}

/** Returns the wait in Google's error details (`RetryInfo.retryDelay`, as `39s`), milliseconds, or null. */
export function detailsWait(details: string): number | null {
  const [, span] = /"retryDelay":"([^"]{1,40})"/.exec(details) ?? []
  return span === undefined ? null : spanMs(span)
}

/** Returns the next midnight in California, where Google's quotas of a day begin (its page on rate limits), epoch milliseconds. */
export function nextPacificMidnight(now: number): number {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/Los_Angeles',
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(now)
  const part = (type: string): number => Number(clock.find((one) => one.type === type)?.value ?? 0)
  const elapsed = (part('hour') * 60 + part('minute')) * 60 + part('second')
  return (Math.floor(now / 1000) + 86_400 - elapsed) * 1000
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

function readReset(text: string | undefined, now: number): number | null {
  const number = toNumber(text)
  if (number !== null) return toEpochMs(number, now)
  const span = spanMs(text ?? '')
  if (span !== null) return span > LONGEST_WAIT_MS ? null : now + span
  const moment = /^\d{4}-\d\d-\d\dT/.test(text ?? '') ? Date.parse(text ?? '') : NaN
  return Number.isFinite(moment) ? toEpochMs(moment, now) : null
}

function toEpochMs(value: number | null, now: number): number | null {
  if (value === null || value <= 0) return null
  const ms = value < 1e11 ? value * 1000 : value
  return ms < now - 60_000 || ms > now + LONGEST_WAIT_MS ? null : ms
}

function readRetryAfter(all: Record<string, string>, body: unknown, now: number): number | null {
  const ms = toNumber(all['retry-after-ms'])
  const text = ms === null ? (all['retry-after'] ?? availabilityWait(body)) : String(ms / 1000)
  if (text === undefined || text.trim() === '') return null
  const span = spanMs(text)
  const seconds = toNumber(text) ?? (span === null ? (Date.parse(text) - now) / 1000 : span / 1000)
  if (!Number.isFinite(seconds) || seconds < 0 || seconds * 1000 > LONGEST_WAIT_MS) return null
  return Math.ceil(seconds)
}
