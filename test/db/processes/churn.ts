import { writeSync } from 'node:fs'
import { storeJson } from '../../../src/db/checkpoints/blobs.js'
import { TransitionLog } from '../../../src/db/checkpoints/transition-log.js'
import { claim } from '../../../src/db/executions/claims.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import { openDatabase } from '../../../src/db/engine/open.js'
import { longText } from '../../support/long-text.js'

// Takes paper after paper and ends it, with texts out of a small pool, so that each is dropped and needed again all the
// time. Every third paper keeps its text in an output, half of the others fail.
const [path = '', name = ''] = process.argv.slice(2)
const { db, close } = await openDatabase(path)
let papers = 0
for (;;) {
  const now = Date.now()
  const taken = await claim(db, {
    phase: 'prep',
    from: 'pending',
    busy: 'prepping',
    ownerId: name,
    ttl: 300,
    now,
  })
  if (taken === null) break
  const { lease } = taken
  const id = lease.executionId
  const log = new TransitionLog(db, lease)
  for (let step = 0; step < 4; step += 1) {
    const document = {
      execution_id: id,
      machine_name: 'prep',
      event: 'execute',
      current_state: 's',
      created_at: new Date(now).toISOString(),
      context: { text: longText((papers + step) % 7) },
    }
    await log.save(document, Date.now())
  }
  await db.transaction().execute(async (trx) => {
    const output =
      papers % 3 === 0 ? { prep_output: await storeJson(trx, { text: longText(papers % 7) }) } : {}
    const status = papers % 2 === 0 ? 'done' : 'failed'
    await finishExecution(trx, lease, { status, attempts: 'keep', ...output }, Date.now())
  })
  papers += 1
  if (papers === 1) writeSync(1, 'started\n')
}
await close()
process.stdout.write(`${papers}\n`)
