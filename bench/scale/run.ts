// Jobs a second that 1, 2, 4 and 8 processes take and complete together: ours on PostgreSQL and on SQLite, pg-boss and
// graphile-worker on the same server, in turns. Ours does more: a cycle is a claim with lease and fencing token, one request
// booked, marked and settled in the ledger, and the release; theirs is a fetch and a completion.
// Then bookings of requests a second, on both engines; and how often a job's client waits for an answer of the server.
// Each process has three jobs in hand and three connections, as `rpa run` has by default.
// Usage: npm ci && npx tsx run.ts [--seconds 5] [--jobs 20000] [--processes 1,2,4,8] [--in-hand 3] [--only WORDS], in this folder, after `npm ci` in the project's. Needs the
// programs of a PostgreSQL server, or RPA_TEST_POSTGRES_URL.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { serverPrograms, startServer } from '../../test/support/postgres-server.js'
import { printTable } from '../pair.js'
import { countingProxy } from './counting-proxy.js'
import { QUEUES } from './queues.js'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    jobs: { type: 'string' },
    processes: { type: 'string' },
    'in-hand': { type: 'string' },
    only: { type: 'string' },
  },
})
const SECONDS = Number(values.seconds ?? 5)
const JOBS = Number(values.jobs ?? 20_000)
const PROCESSES = (values.processes ?? '1,2,4,8').split(',').map(Number)
const IN_HAND = values['in-hand'] ?? '3'
const COUNTED_JOBS = 100

const programs = serverPrograms()
const given = process.env['RPA_TEST_POSTGRES_URL']
if (given === undefined && programs === null)
  throw new Error('Set RPA_TEST_POSTGRES_URL, or install PostgreSQL')
// As a server is run: what it has committed outlives a power cut.
const durable = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', shared_buffers: '256MB' }
const server = given === undefined ? await startServer(programs ?? '', { settings: durable }) : null
const base = given ?? server?.url ?? ''
const folder = mkdtempSync(join(tmpdir(), 'rpa-scale-'))
let made = 0
const legs = [
  { label: 'rpa, PostgreSQL', queue: 'rpa', server: true },
  { label: 'pg-boss', queue: 'pg-boss', server: true },
  { label: 'graphile-worker', queue: 'graphile-worker', server: true },
  { label: 'rpa, SQLite', queue: 'rpa', server: false },
  ...['bookings under a budget', 'bookings of one group', 'bookings of a group each'].flatMap((queue) => [
    { label: `${queue}, PostgreSQL`, queue, server: true },
    { label: `${queue}, SQLite`, queue, server: false },
  ]),
]
const chosen = legs.filter(({ label }) => label.includes(values.only ?? ''))
const table = [['a second', ...PROCESSES.map((count) => `${count} processes`)]]
try {
  for (const queue of ['rpa', 'pg-boss']) await countRoundTrips(queue)
  for (const leg of chosen) table.push([leg.label])
  for (const count of PROCESSES) {
    for (const [index, leg] of chosen.entries()) {
      const url = leg.server ? await database() : join(folder, `${count}-${index}.sqlite`)
      await QUEUES[leg.queue]?.fill(url, JOBS)
      const before = await serverMilliseconds()
      const { jobs, milliseconds } = await together(count, leg.queue, url)
      const rate = String(Math.round(jobs / SECONDS))
      const each = [milliseconds, (await serverMilliseconds()) - before].map((all) => (all / jobs).toFixed(2))
      // Whoever ends it early has what is done.
      console.error(
        `${leg.label}, ${count} processes: ${rate}; ms of processor a job: client ${each[0]}, server ${each[1]}`,
      )
      table[index + 1]?.push(rate)
    }
  }
  printTable(table)
} finally {
  rmSync(folder, { recursive: true, force: true })
  await server?.remove()
}

async function countRoundTrips(queue: string): Promise<void> {
  const url = await database()
  await QUEUES[queue]?.fill(url, COUNTED_JOBS)
  const proxy = await countingProxy(url)
  const done = (await QUEUES[queue]?.work(proxy.url, AbortSignal.timeout(60_000), 1)) ?? 0
  proxy.close()
  console.log(`${queue}: ${(proxy.roundTrips() / done).toFixed(1)} round trips a job`)
}

/** Makes an empty database and returns its URL. */
async function database(): Promise<string> {
  const name = `rpa_scale_${process.pid}_${(made += 1)}`
  const client = new pg.Client({ connectionString: base })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(base)
  url.pathname = `/${name}`
  return url.href
}

/** Returns the milliseconds of processor that the server has used; 0 where it was given, and may run elsewhere, or /proc does not tell. */
async function serverMilliseconds(): Promise<number> {
  if (server === null) return 0
  const client = new pg.Client({ connectionString: base })
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = statOf(String(rows[0]?.pid))?.parent ?? ''
  const pids = postmaster === '' ? [] : readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const all = pids.map((pid) => ({ pid, ...statOf(pid) }))
  await client.end()
  return all
    .filter(({ pid, parent }) => pid === postmaster || parent === postmaster)
    .reduce((sum, { ticks = 0 }) => sum + 10 * ticks, 0)
}

/** Of a process: its parent, and what it has used with those below it that have ended, in hundredths of a second. */
function statOf(pid: string): { parent: string; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: fields[1] ?? '', ticks: fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0) }
  } catch {
    return null
  }
}

/** Returns how many jobs so many processes complete, begun at one moment, and what that took of processors. */
async function together(
  count: number,
  queue: string,
  url: string,
): Promise<{ jobs: number; milliseconds: number }> {
  const script = fileURLToPath(new URL('process.ts', import.meta.url))
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--import', 'tsx', script, queue, url, String(SECONDS), IN_HAND], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  await Promise.all(children.map((child) => once(child.stdout, 'data')))
  const counts = children.map(async (child) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.stdin.write('go\n')
    await once(child, 'close')
    return text.split(' ').map(Number)
  })
  const all = await Promise.all(counts)
  const sum = (place: number): number => all.reduce((total, one) => total + (one[place] ?? 0), 0)
  return { jobs: sum(0), milliseconds: sum(1) }
}
