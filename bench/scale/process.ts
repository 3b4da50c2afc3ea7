// One process of the bench: `process.ts QUEUE URL SECONDS`. Says "ready", works from the first line of its input on, and
// prints how many jobs it completed.
import { once } from 'node:events'
import { QUEUES } from './queues.js'

const [name = '', url = '', seconds = ''] = process.argv.slice(2)
const queue = QUEUES[name]
if (queue === undefined) throw new Error(`no queue ${name}`)
process.stdout.write('ready\n')
await once(process.stdin, 'data')
process.stdin.destroy()
const done = await queue.work(url, AbortSignal.timeout(Number(seconds) * 1000))
process.stdout.write(`${done}\n`)
process.exit(0)
