import { expect, it } from 'vitest'
import { retryFailed } from '../../../src/db/maintenance/retry.js'
import { addPapers, bookQuestion, mustClaim, NOON, openTestDatabase } from '../../support/database.js'

it.each([
  ['was answered stays in the full pipeline', 'ok', 'full'],
  ['failed goes on through the lean one', 'error', 'lean'],
] as const)('a paper whose first question of the analysis %s', async (_, outcome, pipeline) => {
  const { db } = await openTestDatabase()
  await addPapers(db, 1)
  const { lease } = await mustClaim(db)
  await bookQuestion(db, lease, { phase: 'analyze', machine: 'ask-why-hypotheses', role: 'expensive' })
  await db.updateTable('llm_calls').set({ outcome }).execute()
  await db.updateTable('executions').set({ status: 'failed', prep_output: '{}' }).execute()
  const result = await retryFailed(
    db,
    { ids: [], errorClass: null },
    { maxAttempts: 5, now: NOON, dryRun: false, pipeline: 'lean' },
  )
  expect(result).toMatchObject({ retried: 1, executions: [{ pipeline }] })
})
