// Which limit binds first for 1, 10 and 100 machines and a million papers: how many papers a day each limit lets through, from
// constants that are measured or set. The least of them is what binds.
// Usage: npx tsx bench/scale/simulate.ts [--papers 1000000] [--budget 0] [--bookings 100] [--read 2] [--answer 20]
// --budget requests a day, 0 none; --bookings a second, of this folder's run.ts; --read seconds of a processor for a PDF;
// --answer seconds that a model takes.
import { parseArgs } from 'node:util'
import { printTable } from '../pair.js'

const { values } = parseArgs({
  options: {
    papers: { type: 'string', default: '1000000' },
    budget: { type: 'string', default: '0' },
    bookings: { type: 'string', default: '100' },
    read: { type: 'string', default: '2' },
    answer: { type: 'string', default: '20' },
  },
})
const papers = Number(values.papers)
const budget = Number(values.budget)

const DAY_S = 86_400
const REQUESTS_A_PAPER = 5
/** Between two requests to arXiv, over all machines (its terms of use). */
const ARXIV_GAP_S = 3
/** A process for each core, with the three workers that `run` has by default. */
const PROCESSES_A_MACHINE = 4
const WORKERS = 3
const CONNECTIONS_A_PROCESS = 3
const MAX_CONNECTIONS = 100
/** As `bench/size.ts` measures it: with all checkpoints, and pruned. */
const BYTES_A_PAPER = { whole: 75_000, pruned: 27_000 }

const rows = [1, 10, 100].map((machines) => {
  const limits: readonly (readonly [string, number])[] = [
    ['budget', budget === 0 ? Infinity : budget / REQUESTS_A_PAPER],
    ['arXiv’s gate', DAY_S / ARXIV_GAP_S],
    ['bookings', (Number(values.bookings) * DAY_S) / REQUESTS_A_PAPER],
    ['reading PDFs', (machines * PROCESSES_A_MACHINE * DAY_S) / Number(values.read)],
    // Of a paper's requests three go out together: it waits for three answers one after the other.
    ['waiting for models', (machines * PROCESSES_A_MACHINE * WORKERS * DAY_S) / (3 * Number(values.answer))],
  ]
  const [first = ['', 0], second = ['', 0]] = [...limits].sort(([, a], [, b]) => a - b)
  const connections = machines * PROCESSES_A_MACHINE * CONNECTIONS_A_PROCESS
  return [
    String(machines),
    ...limits.map(([, a]) => (a === Infinity ? 'none' : Math.floor(a).toLocaleString('en'))),
    first[0],
    `${(papers / first[1]).toFixed(0)} days`,
    second[0],
    `${connections}${connections > MAX_CONNECTIONS ? ' (proxy)' : ''}`,
  ]
})
printTable([
  [
    'machines',
    'budget',
    'arXiv’s gate',
    'bookings',
    'reading PDFs',
    'waiting for models',
    'binds',
    'then',
    'next',
    'connections',
  ],
  ...rows,
])
const [whole, pruned] = [BYTES_A_PAPER.whole, BYTES_A_PAPER.pruned].map((one) =>
  Math.round((one * papers) / 1e9),
)
console.log(`papers a day; on the server ${whole} GB, ${pruned} GB after prune`)
