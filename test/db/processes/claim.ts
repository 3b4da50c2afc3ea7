import { claim } from '../../../src/db/executions/claims.js'
import { openDatabase } from '../../../src/db/engine/open.js'

// Claims until nothing is left and prints what it got.
const [path = '', name = '', startAt = '0', now = '0'] = process.argv.slice(2)
const { db, close } = await openDatabase(path)
while (Date.now() < Number(startAt));
const ids: string[] = []
const tokens = new Set<number>()
for (;;) {
  const taken = await claim(db, {
    phase: 'prep',
    from: 'pending',
    busy: 'prepping',
    ownerId: name,
    ttl: 300,
    now: Number(now),
  })
  if (taken === null) break
  ids.push(taken.execution.arxiv_id)
  tokens.add(taken.lease.fencingToken)
}
await close()
process.stdout.write(JSON.stringify({ ids, tokens: [...tokens] }))
