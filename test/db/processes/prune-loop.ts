import { openDatabase } from '../../../src/db/engine/open.js'
import { prune } from '../../../src/db/maintenance/prune.js'

// Deletes whatever can go, over and over, until all papers have ended.
const [path = ''] = process.argv.slice(2)
const { db, close } = await openDatabase(path)
process.stdout.write('begins\n')
for (;;) {
  const now = Date.now()
  await prune(db, { keep: 'purge_all', endedBefore: now, now, dryRun: false })
  const open = await db
    .selectFrom('executions')
    .select('execution_id')
    .where('status', 'not in', ['done', 'failed'])
    .limit(1)
    .execute()
  if (open.length === 0) break
}
await close()
