import { systemClock } from '../../../src/core/clock.js'
import { DbCheckpointBackend } from '../../../src/pipeline/paper/checkpoint-backend.js'
import { addPapers, mustClaim, openTestDatabase } from '../../support/database.js'
import { backendSuite } from '../../machines/backend-suite.js'

backendSuite('DB backend', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 1)
  await db.updateTable('executions').set({ execution_id: 'paper-1' }).execute()
  const { lease } = await mustClaim(db, { now: systemClock.now() })
  return new DbCheckpointBackend(db, lease, systemClock)
})
