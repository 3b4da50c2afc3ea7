import { expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import { lastWords, papersPutBack, putBackFailed } from '../../../src/db/executions/put-back.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import { addPapers, executionOf, mustClaim, NOON, openTestDatabase } from '../../support/database.js'

const LATER = NOON + 600_000
const TO = { status: 'pending', errorClass: 'server_error', until: LATER, maxAttempts: 2 } as const

it('papers that failed are put back for later, but for those that somebody has put back or that have no try left', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 3)
  const ids: string[] = []
  for (const [place, error] of ['one', 'two', 'three'].entries()) {
    const { lease } = await mustClaim(db)
    const end = { error, error_class: place === 2 ? 'refused' : 'server_error', attempts: 'keep' } as const
    await finishExecution(db, lease, { status: 'failed', ...end }, NOON)
    ids.push(lease.executionId)
  }
  expect(await putBackFailed(db, [], TO, NOON)).toEqual([])
  expect(await putBackFailed(db, ids, { ...TO, maxAttempts: 1 }, NOON)).toEqual([])
  expect((await putBackFailed(db, ids, TO, NOON)).sort()).toEqual(ids.slice(0, 2).sort())
  expect(await putBackFailed(db, ids, TO, NOON)).toEqual([])
  expect(await executionOf(db, ids[0] ?? '')).toMatchObject({
    status: 'pending',
    attempts: 1,
    error: 'one',
    not_before: isoTime(LATER),
    interrupted_at: isoTime(NOON),
  })
  expect(await papersPutBack(db, 'pending', NOON)).toEqual([
    { error_class: 'server_error', papers: 2, until: isoTime(LATER) },
  ])
  expect(await papersPutBack(db, 'pending', LATER)).toEqual([])
})

it('the last words are those of a paper that waits, not of one that may be taken at once', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 3)
  for (const [error, until] of [
    ['first', isoTime(NOON + 1000)],
    ['last', isoTime(LATER)],
    ['ready', null],
  ] as const) {
    const { lease } = await mustClaim(db)
    const end = { error, error_class: 'server_error', not_before: until, attempts: 'keep' } as const
    await finishExecution(db, lease, { status: 'failed', ...end }, NOON)
  }
  expect(await lastWords(db, 'failed', 'server_error')).toBe('last')
  expect(await lastWords(db, 'failed', 'refused')).toBeNull()
})
