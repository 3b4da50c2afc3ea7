import { setTimeout as delay } from 'node:timers/promises'
import { claim } from '../../../src/db/executions/claims.js'
import { openDatabase } from '../../../src/db/engine/open.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { callRequest, callResult, PLAIN } from '../../support/ledger.js'

// Sends one request as soon as the circuit lets it; says "waits" when it has to wait, and "sends" before it is sent.
const [path = '', name = '', url = '', timeoutMs = '0'] = process.argv.slice(2)
const { db, close } = await openDatabase(path)
const claimed = { phase: 'prep', from: 'pending', busy: 'prepping', ownerId: name, ttl: 300 } as const
const taken = await claim(db, { ...claimed, now: Date.now() })
if (taken === null) throw new Error('nothing to claim')
for (;;) {
  const request = callRequest(taken.lease, {
    circuits: ['model:m'],
    timeoutMs: Number(timeoutMs),
    now: Date.now(),
  })
  const reservation = await reserveCall(db, request)
  if (reservation.kind === 'wait') {
    process.stdout.write('waits\n')
    // The test looks at who waits, not at how long.
    await delay(Math.min(50, Math.max(1, reservation.until - Date.now())))
    continue
  }
  process.stdout.write('sends\n')
  const { ok, status } = await fetch(url, { method: 'POST', body: name })
  const result = callResult({ outcome: ok ? 'ok' : 'error', statusCode: status })
  await settlement(db, reservation.callId, result, { ...PLAIN, alive: ok }, Date.now()).commit()
  break
}
await close()
