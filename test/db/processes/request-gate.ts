import { openDatabase } from '../../../src/db/engine/open.js'
import type { Turn } from '../../../src/db/hosts/request-gate.js'
import { beginRequest, bookRequest } from '../../../src/db/hosts/request-gate.js'
import { abortableSleep } from '../../../src/core/sleep.js'

// Takes its turn again and again, and prints when each began.
const [path = '', gap = '0', turns = '0'] = process.argv.slice(2)
const { db, close } = await openDatabase(path)
const begun: number[] = []
while (begun.length < Number(turns)) {
  const take = async (step: typeof bookRequest): Promise<Turn> => {
    const now = Date.now()
    const turn = await step(db, 'arxiv.org', Number(gap), now)
    if (turn.state === 'begun') begun.push(now)
    return turn
  }
  for (let turn = await take(bookRequest); turn.state === 'wait'; turn = await take(beginRequest)) {
    await abortableSleep(Math.max(1, turn.at - Date.now()))
  }
}
await close()
process.stdout.write(JSON.stringify(begun))
