import { expect, it } from 'vitest'
import { wasOfNoUse } from '../../../src/db/calls/last-answer.js'
import { rewriteReports } from '../../../src/db/executions/rewrite.js'
import { addPapers, bookQuestion, mustClaim, NOON, openTestDatabase } from '../../support/database.js'

it('a report is written again once, and the answers it was made of are not had again', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 1)
  const { lease } = await mustClaim(db)
  const id = lease.executionId
  expect(await rewriteReports(db, [id], NOON, false)).toEqual([])
  await bookQuestion(db, lease, { phase: 'prep', machine: 'prep', role: 'cheap' })
  await db.updateTable('llm_calls').set({ outcome: 'ok', status_code: 200 }).execute()
  const done = { status: 'done' as const, prep_output: '{}', expensive_output: '{}' }
  await db.updateTable('executions').set(done).execute()
  expect(await wasOfNoUse(db, id, 'h')).toBe(false)

  expect(await rewriteReports(db, [id], NOON + 1000, true)).toEqual([id])
  expect(await rewriteReports(db, [id], NOON + 1000, false)).toEqual([id])
  expect(await db.selectFrom('executions').selectAll().executeTakeFirst()).toMatchObject({
    status: 'prepped',
    prep_output: '{}',
    expensive_output: null,
  })
  expect(await wasOfNoUse(db, id, 'h')).toBe(true)

  await db.updateTable('executions').set(done).execute()
  expect(await rewriteReports(db, [id], NOON + 2000, true)).toEqual([])
  expect(await rewriteReports(db, [id], NOON + 2000, false)).toEqual([])
})
