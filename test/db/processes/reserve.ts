import { openDatabase } from '../../../src/db/engine/open.js'
import { claim } from '../../../src/db/executions/claims.js'
import { BudgetSpentError } from '../../../src/db/calls/day-counts.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { bookCall, callRequest, callResult, PLAIN } from '../../support/ledger.js'

// Sends as fast as it is allowed to, until the budget is spent. Every third request "did not reach" the provider.
const [path = '', name = '', budget = '0', now = '0'] = process.argv.slice(2)
const { db, close } = await openDatabase(path)
const taken = await claim(db, {
  phase: 'prep',
  from: 'pending',
  busy: 'prepping',
  ownerId: name,
  ttl: 300,
  now: Number(now),
})
if (taken === null) throw new Error('nothing to claim')
let sent = 0
try {
  for (;;) {
    const callId = await bookCall(db, callRequest(taken.lease, { budget: Number(budget), now: Number(now) }))
    sent += 1
    const counted = sent % 3 !== 0
    const outcome = counted ? 'ok' : 'error'
    const result = callResult({ outcome, counted, statusCode: null })
    await settlement(db, callId, result, PLAIN, Number(now)).commit()
  }
} catch (error) {
  if (!(error instanceof BudgetSpentError)) throw error
}
await close()
process.stdout.write(JSON.stringify({ sent }))
