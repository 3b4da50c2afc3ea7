// What of a minute limit is used, and how many requests are refused: four `rpa analyze` beside four processes with the
// usual retry loop, against the same server with fixed windows. Usage: npx tsx bench/limits/run.ts [--window SECONDS]
// [--windows N] [--rpm N]; needs `npm run build`.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { addPrepped } from '../../test/support/prepped.js'
import type { Arrival } from '../../test/support/limited-server.js'
import { startLimitedServer } from '../../test/support/limited-server.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROCESSES = 4
const { values } = parseArgs({
  options: {
    window: { type: 'string', default: '4' },
    windows: { type: 'string', default: '10' },
    rpm: { type: 'string', default: '20' },
  },
})
const windowMs = Number(values.window) * 1000
const windows = Number(values.windows)
const rpm = Number(values.rpm)

interface Score {
  client: string
  scenario: string
  sent: number
  answered: number
  refused: number
  /** Share of the allowed requests that were answered, over the whole windows of the run. */
  used: number
  /** Most refusals in one window. */
  worst: number
}

const scores: Score[] = []
for (const [scenario, cutTo] of [
  ['calm', rpm],
  ['limit halved half-way', rpm / 2],
] as const) {
  scores.push(await measure('rpa, 4 processes', scenario, cutTo, startRpa))
  scores.push(await measure('2, 8, 16, 35 s backoff, 4 processes', scenario, cutTo, startNaive))
}
console.log(`${rpm} requests a window of ${windowMs / 1000} s (a minute, shortened), ${windows} windows`)
console.log('| client | scenario | sent | answered | 429 | most 429 in a window | used of what is allowed |')
console.log('|---|---|---|---|---|---|---|')
for (const score of scores) {
  const { client, scenario, sent, answered, refused, worst, used } = score
  console.log(
    `| ${client} | ${scenario} | ${sent} | ${answered} | ${refused} | ${worst} | ${(100 * used).toFixed(1)} % |`,
  )
}

type Start = (url: string, until: number, folder: string) => Promise<() => Promise<void>>

async function measure(client: string, scenario: string, cutTo: number, start: Start): Promise<Score> {
  const server = await startLimitedServer({ perWindow: rpm, windowMs, perDay: 1e9 })
  const folder = mkdtempSync(join(tmpdir(), 'rpa-limits-'))
  // The first window is for starting up; what follows is counted.
  const first = Math.floor(Date.now() / windowMs) + 3
  const until = (first + windows) * windowMs
  const stop = await start(server.url, until, folder)
  const half = first + Math.floor(windows / 2)
  if (cutTo !== rpm) {
    await delay(half * windowMs - Date.now())
    server.limits.perWindow = cutTo
  }
  await delay(until - Date.now())
  await stop()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
  const counted = server.arrivals.filter(({ window }) => window >= first && window < first + windows)
  const allowed = cutTo === rpm ? rpm * windows : rpm * (half - first) + cutTo * (first + windows - half)
  return { client, scenario, ...summed(counted), used: answeredOf(counted) / allowed }
}

function summed(arrivals: readonly Arrival[]) {
  const refused = arrivals.filter(({ status }) => status === 429)
  const byWindow = groups(refused)
  return {
    sent: arrivals.length,
    answered: answeredOf(arrivals),
    refused: refused.length,
    worst: Math.max(0, ...byWindow.map((one) => one.length)),
  }
}

function groups(arrivals: readonly Arrival[]): Arrival[][] {
  const found = new Map<number, Arrival[]>()
  for (const arrival of arrivals) found.set(arrival.window, [...(found.get(arrival.window) ?? []), arrival])
  return [...found.values()]
}

function answeredOf(arrivals: readonly Arrival[]): number {
  return arrivals.filter(({ status }) => status === 200).length
}

async function startRpa(url: string, _until: number, folder: string): Promise<() => Promise<void>> {
  mkdirSync(join(folder, 'config'), { recursive: true })
  const limit = {
    name: 'bench',
    host: '127.0.0.1',
    requests_per_minute: rpm,
    minute: windowMs / 1000,
    spacing: windowMs / 1000 / rpm / 3,
  }
  writeFileSync(join(folder, 'rpa.yml'), 'data_dir: data\nbudget: 0\n')
  writeFileSync(join(folder, 'config', 'limits.yml'), JSON.stringify({ groups: [limit] }))
  await addPrepped(join(folder, 'data', 'executions.sqlite'), Math.ceil((rpm * (windows + 6)) / 3))
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    OPENROUTER_BASE_URL: url,
    OPENROUTER_API_KEY: 'sk-or-v1-bench',
  }
  return processes([join(ROOT, 'bin', 'run.js'), 'analyze', '--workers', '3', '--quiet'], folder, env)
}

async function startNaive(url: string, until: number): Promise<() => Promise<void>> {
  const script = fileURLToPath(new URL('naive.ts', import.meta.url))
  const second = String(windowMs / 60)
  return processes(['--import', 'tsx', script, url, '9', second, String(until)], ROOT, process.env)
}

function processes(args: string[], cwd: string, env: NodeJS.ProcessEnv): () => Promise<void> {
  const children = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] }),
  )
  const ended = children.map((child) => new Promise<void>((resolve) => child.on('close', () => resolve())))
  return async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(ended)
  }
}
