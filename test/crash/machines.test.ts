import { spawnSync } from 'node:child_process'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import pg from 'pg'
import { serverPrograms, startServer } from '../support/postgres-server.js'
import { KEY, makeWorkspace, removeWorkspaces, SAMPLES, type Workspace } from '../support/workspace.js'
import { expectAtRest, expectBooksAgree } from './books.js'
import { startModelLog } from './model-log.js'

const MACHINES = 8
const MINUTE_S = 20
const PER_MINUTE = 15
/** It begins some thirty processes, which takes its time beside much else. */
const LONGEST_MS = 900_000

/** Another host name, and a clock that is wrong by up to five minutes. */
const works = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0
const IS_WANTED = process.env['RPA_TEST_MACHINES'] === '1'
const CAN_POSE = IS_WANTED && works('unshare', '--uts', 'true') && works('faketime', '-f', '+300s', 'true')

// It takes about a minute of CPU.
if (!CAN_POSE)
  process.stdout.write('eight machines: left out; needs RPA_TEST_MACHINES=1, faketime, and to be root\n')

afterAll(removeWorkspaces)

/** A shell script that runs a command as machine `number` would. */
function machine(number: number): string {
  const skew = Math.round((number / (MACHINES - 1) - 0.5) * 600)
  // Its semaphore is named by the process id, and stays when that is killed.
  const posed = `hostname machine-${number} && rm -f /dev/shm/*faketime_*_$$ && exec faketime -f '${skew < 0 ? skew : `+${skew}`}s' "$@"`
  return `exec unshare --uts sh -c '${posed.replaceAll("'", `'\\''`)}' sh "$@"`
}

it.runIf(CAN_POSE && serverPrograms() !== null)(
  'eight machines whose clocks differ, killed and cut off, share one server that is started anew twice',
  async () => {
    // A crash loses what a server without this had promised.
    const server = await startServer(serverPrograms() ?? '', { settings: { synchronous_commit: 'on' } })
    onTestFinished(() => server.remove())
    const log = await startModelLog()
    onTestFinished(() => log.close())
    log.think(() => 300)
    const workspace = await makeWorkspace()
    workspace.useServer(server.url)
    workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: log.url, RPA_LEASE_TTL: '5' }
    const group = { name: 'here', host: '127.0.0.1', requests_per_minute: PER_MINUTE, minute: MINUTE_S }
    workspace.write('config/limits.yml', JSON.stringify({ groups: [group] }))
    await workspace.seed(...SAMPLES)

    const done = (): boolean => Object.values(workspace.statuses()).every((status) => status === 'done')
    let isUp = true
    const codes: (number | null)[] = []
    /** As a machine whose supervisor starts its process anew, whatever it ended of; every other one is killed at times. */
    const run = async (number: number): Promise<void> => {
      for (let life = 0; !(isUp && done()); life += 1) {
        const running = workspace.start(['run', '--workers', '2', '--json'], {}, { shell: machine(number) })
        const killed = number % 2 === 0 && life < 3
        const asked = log.arrivals.length
        if (killed) void arrivals(log.arrivals, asked + 2 + life).then(() => running.kill('SIGKILL'))
        const end = await running.ended
        if (end.code !== null) codes.push(end.code)
        if (![0, 69, 75, null].includes(end.code)) throw new Error(`${number}: ${end.code} ${end.stderr}`)
      }
    }
    const trouble = async (): Promise<void> => {
      for (const [after, how] of [
        [6, 'cut'],
        [10, 'stop'],
        [16, 'cut'],
        [20, 'crash'],
        [26, 'cut'],
      ] as const) {
        await arrivals(log.arrivals, after)
        if (how === 'cut') await cutAll(server.url)
        else {
          isUp = false
          await server[how]()
          await server.start()
          isUp = true
        }
      }
    }
    await Promise.all([trouble(), ...Array.from({ length: MACHINES }, (_, number) => run(number))])

    expectAtRest(workspace)
    expectBooksAgree(workspace, log)
    expect(workspace.reports()).toHaveLength(SAMPLES.length)
    expectMinutesKept(log.arrivals.map(({ arrivedAt }) => arrivedAt))
    expect(new Set(hosts(workspace)).size).toBeGreaterThan(2)
  },
  LONGEST_MS,
)

async function arrivals(seen: readonly unknown[], count: number): Promise<void> {
  await expect.poll(() => seen.length >= count, { timeout: LONGEST_MS, interval: 20 }).toBe(true)
}

async function cutAll(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rpa'")
  await client.end()
}

/** By the wall clock, as a provider counts. */
function expectMinutesKept(times: readonly number[]): void {
  const minutes = new Map<number, number>()
  for (const time of times) {
    const minute = Math.floor(time / (MINUTE_S * 1000))
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1)
  }
  expect(Math.max(...minutes.values())).toBeLessThanOrEqual(PER_MINUTE)
}

function hosts(workspace: Workspace): string[] {
  const rows = workspace.query<{ owner_id: string }>('select distinct owner_id from llm_calls')
  return rows.map(({ owner_id }) => owner_id.split('@')[0] ?? '')
}
