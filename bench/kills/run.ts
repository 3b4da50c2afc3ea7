// What kills do to papers, requests and answers, with default settings: processes of all phases are ended at random moments
// (SIGKILL, SIGHUP, SIGTERM, two signals, stopped beyond their lease), then the same commands finish what is left. Ends with
// 1 where a paper failed, a request counts that was never sent, or a committed answer was asked for again.
// Usage: npx tsx bench/kills/run.ts [--kills 150] [--papers 14] [--minute SECONDS] [--seed N] [--clocks]; needs `npm run build`.
// RPA_TEST_ENGINE=postgres has the executions DB on a PostgreSQL server of its own.
// --clocks: two of three processes have a clock that is a day ahead or an hour back (libfaketime).
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/core/chance.js'
import { questionKey, startModelLog } from '../../test/crash/model-log.js'
import type { Running } from '../../test/support/cli.js'
import providePostgres from '../../test/support/postgres-setup.js'
import { ENGINE } from '../../test/support/postgres.js'
import { removeWorkspaces } from '../../test/support/workspace.js'
import { seededWorkspace } from '../papers.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '150' },
    papers: { type: 'string', default: '14' },
    minute: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    clocks: { type: 'boolean', default: false },
  },
})
const kills = Number(values.kills)
const papers = Number(values.papers)
const minute = Number(values.minute)

const AT_ONCE = 4
const REQUESTS_PER_MINUTE = 20
/** Of a process that has papers, in units of what `prep` takes for one paper here and now: most of a life is for requests. */
const LONGEST_LIFE = 1
const LONGEST_ANSWER_MS = 1500
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
/** Shorter than the default only for those that are stopped: nobody wants to wait for five minutes. */
const STOPPED_LEASE_S = 2

const ENDS = {
  SIGKILL: async (running: Running) => running.kill('SIGKILL'),
  SIGHUP: async (running: Running) => running.kill('SIGHUP'),
  SIGTERM: async (running: Running) => running.kill('SIGTERM'),
  'two signals': async (running: Running) => {
    running.kill('SIGTERM')
    await delay(100)
    running.kill('SIGINT')
  },
  'stopped beyond the lease': async (running: Running) => {
    running.kill('SIGSTOP')
    await delay((STOPPED_LEASE_S + 2) * 1000)
    running.kill('SIGCONT')
    await Promise.race([running.ended, delay(1000)])
    running.kill('SIGKILL')
  },
}
type End = keyof typeof ENDS
/** SIGKILL is what says the least. */
const ORDER: readonly End[] = [
  'SIGKILL',
  'SIGKILL',
  'SIGKILL',
  'SIGKILL',
  'SIGHUP',
  'SIGTERM',
  'two signals',
  'stopped beyond the lease',
]

/** What is added up over the sets of papers. */
const MEASURES = [
  'papers failed',
  'papers not done',
  'requests that count',
  'counted, but not sent',
  'counted, but not seen by the server',
  'rows still in flight',
  'committed answers asked for again',
  'ledger and daily_usage differ by',
] as const
type Measure = (typeof MEASURES)[number]
/** A process may die while the bytes of a request go out: the only one that need not be 0. */
const FREE: readonly Measure[] = ['requests that count', 'counted, but not seen by the server']

const began = Date.now()
const ended: Partial<Record<End, number>> = {}
const sums = new Map<Measure, number>(MEASURES.map((name) => [name, 0]))
const endServer = ENGINE === 'postgres' ? await providePostgres() : undefined
let log = await startModelLog()
const fresh = await seededWorkspace(papers, log.url, {
  requests_per_minute: REQUESTS_PER_MINUTE,
  minute,
  spacing: minute / REQUESTS_PER_MINUTE / 3,
})
const unitMs = await timeOfOne()
await log.close()
let workspace = fresh
let done = 0
let sets = 0
try {
  while (done < kills) {
    sets += 1
    log = await startModelLog()
    workspace = fresh.copy()
    workspace.env = { ...fresh.env, OPENROUTER_BASE_URL: log.url }
    const random = seededRandom(Number(values.seed) + sets)
    log.think(() => Math.round(random() * LONGEST_ANSWER_MS))
    const lanes = Array.from({ length: AT_ONCE }, (_, lane) => seededRandom(1000 * sets + lane))
    await Promise.all(lanes.map(keepKilling))
    await finish()
    addUp()
    await log.close()
  }
  report()
} finally {
  removeWorkspaces()
  await endServer?.()
}

/** Returns how long one paper takes from the start of a process to the end of its prep, milliseconds. */
async function timeOfOne(): Promise<number> {
  const start = performance.now()
  await fresh.copy().phase(['prep', '--limit', '1'])
  return performance.now() - start
}

async function keepKilling(random: () => number): Promise<void> {
  while (done < kills && !allDone()) {
    done += 1
    const end = ORDER[Math.floor(random() * ORDER.length)] ?? 'SIGKILL'
    const env = {
      ...clock(random),
      ...(end.startsWith('stopped') ? { RPA_LEASE_TTL: String(STOPPED_LEASE_S) } : {}),
    }
    const running = workspace.start([command(random), '--workers', '2'], env)
    let over = false
    void running.ended.then(() => (over = true))
    // Now and then before it has anything, mostly while it works.
    if (random() < 0.15) await delay(random() * unitMs)
    else while (!over && leasesOf(running.pid) === 0) await delay(20)
    await Promise.race([delay(random() * LONGEST_LIFE * unitMs), running.ended])
    if (!over) ended[end] = (ended[end] ?? 0) + 1
    else done -= 1
    await ENDS[end](running)
    log.seal(committed())
    await running.ended
  }
}

function clock(random: () => number): Record<string, string> {
  if (values.clocks !== true) return {}
  if (!existsSync(FAKETIME)) throw new Error(`${FAKETIME} is missing: apt-get install faketime`)
  const set = ['', '+1d', '-1h'][Math.floor(random() * 3)] ?? ''
  return set === '' ? {} : { LD_PRELOAD: FAKETIME, FAKETIME: set, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

/** The phase of a paper that is not done; now and then what is no phase. */
function command(random: () => number): string {
  if (random() < 0.1) return 'resume'
  const left = statuses().filter((status) => status !== 'done' && status !== 'failed')
  const status = left[Math.floor(random() * left.length)] ?? 'pending'
  if (status === 'pending' || status === 'prepping') return 'prep'
  return status === 'prepped' || status === 'analyzing' ? 'analyze' : 'wrap'
}

/** The same commands, let be, do the rest. */
async function finish(): Promise<void> {
  for (let round = 1; round <= 3 && !allDone(); round++) {
    for (const name of ['prep', 'analyze', 'wrap']) await workspace.rpa([name, '--workers', '4'])
  }
  await workspace.rpa(['reap'])
}

function addUp(): void {
  const one = (sql: string): number => Number(Object.values(workspace.query(sql)[0] ?? {})[0] ?? 0)
  const counted = one('select count(*) from llm_calls where counted = 1')
  const found: Record<Measure, number> = {
    'papers failed': one("select count(*) from executions where status = 'failed'"),
    'papers not done': one("select count(*) from executions where status <> 'done'"),
    'requests that count': counted,
    'counted, but not sent': one('select count(*) from llm_calls where counted = 1 and sent_at is null'),
    'counted, but not seen by the server': Math.max(0, counted - log.arrivals.length),
    'rows still in flight': one("select count(*) from llm_calls where outcome = 'in_flight'"),
    'committed answers asked for again': log.repeated.length,
    'ledger and daily_usage differ by': Math.abs(one('select sum(total_calls) from daily_usage') - counted),
  }
  for (const name of MEASURES) sums.set(name, (sums.get(name) ?? 0) + found[name])
}

function report(): void {
  const clocks = values.clocks === true ? ', clocks a day ahead and an hour back' : ''
  const lives = `lives of up to ${Math.round(LONGEST_LIFE * unitMs)} ms`
  console.log(
    `${done} ends over ${sets} x ${papers} papers, 20 requests in ${minute} s, ${ENGINE}, ${lives}${clocks}; took ${seconds()} s`,
  )
  console.log(
    Object.entries(ended)
      .map(([end, count]) => `${end} ${count}`)
      .join(', '),
  )
  console.log('| measure | value | must be |\n|---|---|---|')
  for (const [name, value] of sums) {
    const goal = FREE.includes(name) ? null : 0
    console.log(`| ${name} | ${value} | ${goal ?? ''} |`)
    if (goal !== null && value !== goal) process.exitCode = 1
  }
}

function seconds(): number {
  return Math.round((Date.now() - began) / 1000)
}

function committed(): string[] {
  const rows = workspace.query<{ title: string; phase: string; machine: string; state: string }>(
    "select e.title, c.phase, c.machine, c.state from llm_calls c join executions e using (execution_id) where outcome = 'ok'",
  )
  return rows.map(({ title, phase, machine, state }) => {
    if (phase === 'prep') return questionKey(title, 'key_outcome')
    if (phase === 'wrap') return questionKey(title, state === 'repair' ? 'repair' : 'limits_confidence')
    return questionKey(title, machine.replace(/^ask-/, '').replaceAll('-', '_'))
  })
}

function statuses(): string[] {
  return Object.values(workspace.statuses())
}

function allDone(): boolean {
  return statuses().every((status) => status === 'done')
}

function leasesOf(pid: number): number {
  const sql = 'select count(*) as n from execution_leases where lease_until > 0 and owner_id like ?'
  return workspace.query<{ n: number }>(sql, `%:${pid}:%`)[0]?.n ?? 0
}
