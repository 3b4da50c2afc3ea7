// One process of the bench: `process.ts QUEUE URL SECONDS IN_HAND`. Says "ready", works from the first line of its input on, and
// prints how many jobs it completed, and the milliseconds of processor that took.
import { once } from 'node:events'
import { QUEUES } from './queues.js'

const [name = '', url = '', seconds = '', inHand = ''] = process.argv.slice(2)
const queue = QUEUES[name]
if (queue === undefined) throw new Error(`no queue ${name}`)
process.stdout.write('ready\n')
await once(process.stdin, 'data')
process.stdin.destroy()
const before = process.cpuUsage()
const done = await queue.work(url, AbortSignal.timeout(Number(seconds) * 1000), Number(inHand))
const { user, system } = process.cpuUsage(before)
process.stdout.write(`${done} ${(user + system) / 1000}\n`)
process.exit(0)
