import { expect, it } from 'vitest'
import { othersAnswered } from '../../../src/db/calls/own-failures.js'
import { addPapers, mustClaim, NOON, openTestDatabase } from '../../support/database.js'
import { call, FAILED } from './calls.js'

const MINUTE = 60_000
const MODEL = 'm1'
const failed = (errorClass: string) => ({ ...FAILED, errorClass })

it("a paper's failures are its own where the model answered others between them", async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 2)
  const { lease } = await mustClaim(db)
  const { lease: other } = await mustClaim(db)
  const asked = { executionId: lease.executionId, model: MODEL, errorClass: 'server_error' }
  const answered = (at: number): Promise<boolean> => othersAnswered(db, asked, at)

  await call(db, { lease: other, sent: true, now: NOON, result: {} })
  await call(db, { lease, sent: true, now: NOON + MINUTE, result: failed('server_error') })
  expect(await answered(NOON + MINUTE)).toBe(false)
  await call(db, { lease, sent: true, now: NOON + 2 * MINUTE, result: failed('server_error') })
  expect(await answered(NOON + 2 * MINUTE)).toBe(false)

  await call(db, { lease: other, sent: true, now: NOON + 3 * MINUTE, result: {} })
  await call(db, { lease: other, model: 'm2', sent: true, now: NOON + 3 * MINUTE, result: {} })
  expect(await answered(NOON + 3 * MINUTE)).toBe(false)
  await call(db, { lease, sent: true, now: NOON + 4 * MINUTE, result: failed('server_error') })
  expect(await answered(NOON + 4 * MINUTE)).toBe(true)
  expect(await othersAnswered(db, { ...asked, model: 'm2' }, NOON + 4 * MINUTE)).toBe(false)
  expect(await answered(NOON + 25 * 60 * MINUTE)).toBe(false)

  // An answer, and a failure of another kind, begin the count anew.
  await call(db, { lease, sent: true, now: NOON + 5 * MINUTE, result: {} })
  await call(db, { lease, sent: true, now: NOON + 6 * MINUTE, result: failed('server_error') })
  expect(await answered(NOON + 6 * MINUTE)).toBe(false)
})
