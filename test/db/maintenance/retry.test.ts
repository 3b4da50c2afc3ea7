import { expect, it } from 'vitest'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { retryFailed } from '../../../src/db/maintenance/retry.js'
import { addPapers, mustClaim, NOON, openTestDatabase } from '../../support/database.js'

it.each([
  ['was answered stays in the full pipeline', 'ok', 'full'],
  ['failed goes on through the lean one', 'error', 'lean'],
] as const)('a paper whose first question of the analysis %s', async (_, outcome, pipeline) => {
  const { db } = await openTestDatabase()
  await addPapers(db, 1)
  const { lease } = await mustClaim(db)
  const reserved = await reserveCall(db, {
    executionId: lease.executionId,
    phase: 'analyze',
    machine: 'ask-why-hypotheses',
    state: 'ask',
    role: 'expensive',
    model: 'm',
    attempt: 1,
    questionHash: 'h',
    lease,
    budget: 0,
    window: null,
    circuits: [],
    patienceMs: 0,
    timeoutMs: 1000,
    deadline: null,
    now: NOON,
  })
  expect(reserved.kind).toBe('booked')
  await db.updateTable('llm_calls').set({ outcome }).execute()
  await db.updateTable('executions').set({ status: 'failed', prep_output: '{}' }).execute()
  const result = await retryFailed(
    db,
    { ids: [], errorClass: null },
    { maxAttempts: 5, now: NOON, dryRun: false, pipeline: 'lean' },
  )
  expect(result).toMatchObject({ retried: 1, executions: [{ pipeline }] })
})
