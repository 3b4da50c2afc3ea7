import { expect, it } from 'vitest'
import { readRateLimit, retryMoment } from '../../src/llm/refusals/rate-limit.js'
import { modelServer } from '../support/model-server.js'
import { clientOf, NOW } from './client.js'

type Row = [name: string, headers: Record<string, string>, resetAt: number | null, retryAfter: number | null]

const SOON = NOW + 42_000

const ROWS: Row[] = [
  ['Reset in milliseconds', { 'X-RateLimit-Reset': String(SOON) }, SOON, null],
  ['Reset in seconds', { 'X-RateLimit-Reset': String(SOON / 1000) }, SOON, null],
  ['Reset a fraction of a second off', { 'X-RateLimit-Reset': String(SOON / 1000 - 0.4) }, SOON, null],
  ['Reset a moment ago', { 'X-RateLimit-Reset': String(NOW - 5000) }, null, null],
  ['Reset long ago', { 'X-RateLimit-Reset': '1000' }, null, null],
  ['Reset in a year', { 'X-RateLimit-Reset': String(NOW + 365 * 86_400_000) }, null, null],
  ['Reset milliseconds taken a thousandfold', { 'X-RateLimit-Reset': String(SOON * 1000) }, null, null],
  ['Reset negative', { 'X-RateLimit-Reset': '-1' }, null, null],
  ['Reset not a number', { 'X-RateLimit-Reset': 'tomorrow' }, null, null],
  ['Reset infinite', { 'X-RateLimit-Reset': '1e400' }, null, null],
  ['Retry-After in seconds', { 'Retry-After': '17' }, null, 17],
  ['Retry-After a fraction', { 'Retry-After': '0.2' }, null, 1],
  ['Retry-After as a date', { 'Retry-After': new Date(NOW + 90_000).toUTCString() }, null, 90],
  ['Retry-After in the past', { 'Retry-After': new Date(NOW - 90_000).toUTCString() }, null, null],
  ['Retry-After absurd', { 'Retry-After': '999999999' }, null, null],
  ['Retry-After nonsense', { 'Retry-After': 'soon' }, null, null],
  ['both', { 'X-RateLimit-Reset': String(SOON), 'Retry-After': '3' }, SOON, 3],
]

it.each(ROWS)('%s, in the headers of a 429', async (_, headers, resetAt, retryAfter) => {
  const server = await modelServer(() => ({
    status: 429,
    headers,
    body: { error: { code: 429, message: 'limit' } },
  }))
  const { details } = await clientOf(server).fail()
  expect(details.rateLimit).toMatchObject({ limited: true, retry_after: retryAfter })
  const told = resetAt ?? (retryAfter === null ? null : NOW + retryAfter * 1000)
  expect(details.retryAt ?? null).toBe(told)
})

it.each(ROWS)('%s, in the body of a 200', async (_, headers, resetAt, retryAfter) => {
  const server = await modelServer(() => ({
    body: { error: { code: 429, message: 'limit', metadata: { headers } } },
  }))
  const { details } = await clientOf(server).fail()
  const told = resetAt ?? (retryAfter === null ? null : NOW + retryAfter * 1000)
  expect(details.retryAt ?? null).toBe(told)
})

it('is told whole', async () => {
  const server = await modelServer(() => ({
    status: 429,
    headers: { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(SOON) },
    body: { error: { code: 429, message: 'Rate limit exceeded: free-models-per-min. ' } },
  }))
  expect((await clientOf(server).fail()).details.rateLimit).toEqual({
    limited: true,
    retry_after: null,
    windows: [
      { name: 'minute', resource: 'requests', remaining: 0, limit: 20, resets_in: 42, reset_at: SOON / 1000 },
    ],
  })
})

it('comes with a good answer too, where the server says something', async () => {
  const server = await modelServer(() => ({
    headers: { 'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '59' },
  }))
  expect((await clientOf(server).ask()).rateLimit).toMatchObject({
    limited: false,
    windows: [{ limit: 60, remaining: 59, reset_at: null }],
  })
})

it('is null where nothing is said', () => {
  expect(
    readRateLimit(
      { 'content-type': 'application/json' },
      { error: { metadata: { headers: null } } },
      500,
      NOW,
    ),
  ).toBeNull()
  expect(retryMoment(null, NOW)).toBeNull()
})
