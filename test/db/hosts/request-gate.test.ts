import { expect, it } from 'vitest'
import { beginRequest, bookRequest, endRequest, holdRequests } from '../../../src/db/hosts/request-gate.js'
import { NOON, openTestDatabase } from '../../support/database.js'
import { bundleProgram, runProgram } from '../../support/processes.js'
import { temporaryFolder } from '../../support/temp.js'

const HOST = 'arxiv.org'
const GAP = 3000

it('requests are booked in the order of asking, a gap apart, for each host by itself', async () => {
  const { db } = await openTestDatabase()
  const turns = []
  for (let n = 0; n < 4; n += 1) turns.push(await bookRequest(db, HOST, GAP, NOON + n))
  expect(turns).toEqual([
    { state: 'begun', at: NOON },
    { state: 'wait', at: NOON + 3000 },
    { state: 'wait', at: NOON + 6000 },
    { state: 'wait', at: NOON + 9000 },
  ])
  expect(await bookRequest(db, 'example.org', GAP, NOON + 4)).toEqual({ state: 'begun', at: NOON + 4 })
  expect(await bookRequest(db, HOST, GAP, NOON + 60_000)).toEqual({ state: 'begun', at: NOON + 60_000 })
})

it('whoever wakes late moves the others back', async () => {
  const { db } = await openTestDatabase()
  for (let n = 0; n < 3; n += 1) await bookRequest(db, HOST, GAP, NOON)
  expect(await beginRequest(db, HOST, GAP, NOON + 2999)).toEqual({ state: 'wait', at: NOON + 3000 })
  expect(await beginRequest(db, HOST, GAP, NOON + 5000)).toEqual({ state: 'begun', at: NOON + 5000 })
  expect(await beginRequest(db, HOST, GAP, NOON + 6000)).toEqual({ state: 'wait', at: NOON + 8000 })
  expect(await beginRequest(db, HOST, GAP, NOON + 8000)).toEqual({ state: 'begun', at: NOON + 8000 })
})

it('the gap counts from the answer: the request was there before', async () => {
  const { db } = await openTestDatabase()
  for (let n = 0; n < 2; n += 1) await bookRequest(db, HOST, GAP, NOON)
  await endRequest(db, HOST, GAP, NOON + 700)
  expect(await beginRequest(db, HOST, GAP, NOON + 3000)).toEqual({ state: 'wait', at: NOON + 3700 })
  expect(await bookRequest(db, HOST, GAP, NOON + 3000)).toEqual({ state: 'wait', at: NOON + 6000 })
})

it('a row that is too long is not joined, and does not grow by those who turn away', async () => {
  const { db } = await openTestDatabase()
  for (let n = 0; n < 41; n += 1) await bookRequest(db, HOST, GAP, NOON)
  const full = { state: 'busy', at: NOON + 41 * GAP }
  expect(await bookRequest(db, HOST, GAP, NOON)).toEqual(full)
  expect(await bookRequest(db, HOST, GAP, NOON)).toEqual(full)
  expect(await bookRequest(db, HOST, GAP, NOON + GAP)).toEqual({ ...full, state: 'wait' })
})

it('a host that refused is left alone by all, also by those who had booked', async () => {
  const { db } = await openTestDatabase()
  await bookRequest(db, HOST, GAP, NOON)
  await bookRequest(db, HOST, GAP, NOON)
  const until = await holdRequests(db, HOST, 240_000, NOON + 1000)
  expect(until).toBe(NOON + 241_000)
  expect(await beginRequest(db, HOST, GAP, NOON + 3000)).toEqual({ state: 'busy', at: until })
  expect(await bookRequest(db, HOST, GAP, NOON + 200_000)).toEqual({ state: 'busy', at: until })
  expect(await bookRequest(db, HOST, GAP, until - 5000)).toEqual({ state: 'wait', at: until })
  expect(await bookRequest(db, HOST, GAP, until - 5000)).toEqual({ state: 'wait', at: until + GAP })
  expect(await beginRequest(db, HOST, GAP, until)).toEqual({ state: 'begun', at: until })
})

it('refusals that say nothing are answered with 1, 5, 15 and 60 minutes; several of one moment count once', async () => {
  const { db } = await openTestDatabase()
  const first = await holdRequests(db, HOST, null, NOON)
  expect(first).toBe(NOON + 60_000)
  expect(await holdRequests(db, HOST, null, NOON + 500)).toBe(NOON + 60_500)
  const second = await holdRequests(db, HOST, null, NOON + 60_500)
  expect(second).toBe(NOON + 360_500)
  const third = await holdRequests(db, HOST, null, second)
  expect(third).toBe(second + 900_000)
  expect(await holdRequests(db, HOST, null, third)).toBe(third + 3_600_000)
  const later = third + 3 * 3_600_000
  expect(await holdRequests(db, HOST, null, later)).toBe(later + 60_000)
})

it('one that goes on refusing is left alone for longer than it asks, until it has answered', async () => {
  const { db } = await openTestDatabase()
  expect(await holdRequests(db, HOST, 30_000, NOON)).toBe(NOON + 30_000)
  expect(await holdRequests(db, HOST, 30_000, NOON + 30_000)).toBe(NOON + 90_000)
  expect(await holdRequests(db, HOST, 30_000, NOON + 90_000)).toBe(NOON + 390_000)
  await endRequest(db, HOST, GAP, NOON + 400_000)
  expect(await holdRequests(db, HOST, 30_000, NOON + 400_000)).toBe(NOON + 430_000)
})

it('a shorter Retry-After does not end a longer one', async () => {
  const { db } = await openTestDatabase()
  const until = await holdRequests(db, HOST, 600_000, NOON)
  expect(await holdRequests(db, HOST, 5000, NOON + 100)).toBe(until)
})

it('after the clock was set back nobody waits longer than was left to wait', async () => {
  const { db } = await openTestDatabase()
  await bookRequest(db, HOST, GAP, NOON)
  await bookRequest(db, HOST, GAP, NOON)
  await holdRequests(db, HOST, 8000, NOON)
  const earlier = NOON - 5 * 3_600_000
  expect(await bookRequest(db, HOST, GAP, earlier)).toEqual({ state: 'wait', at: earlier + 8000 })
  expect(await beginRequest(db, HOST, GAP, earlier + 8000)).toEqual({ state: 'begun', at: earlier + 8000 })
})

it('without a gap nothing waits but for a hold', async () => {
  const { db } = await openTestDatabase()
  for (let n = 0; n < 3; n += 1)
    expect(await bookRequest(db, HOST, 0, NOON)).toEqual({ state: 'begun', at: NOON })
  await holdRequests(db, HOST, 30_000, NOON)
  expect(await bookRequest(db, HOST, 0, NOON)).toEqual({ state: 'busy', at: NOON + 30_000 })
})

it('four processes keep the gap together', async () => {
  const program = await bundleProgram('test/db/processes/request-gate.ts', temporaryFolder())
  const { path } = await openTestDatabase()
  const ended = await Promise.all(Array.from({ length: 4 }, () => runProgram(program, [path, '40', '6'])))
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(4).fill({ code: 0, stderr: '' }))
  const begun = ended.flatMap(({ stdout }) => JSON.parse(stdout) as number[]).sort((a, b) => a - b)
  expect(begun).toHaveLength(24)
  const gaps = begun.slice(1).map((at, index) => at - begun[index]!)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(40)
})
