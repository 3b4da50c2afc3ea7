import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './cli.js'
import type { Running } from './cli.js'
import type { Question } from './model-questions.js'
import { startModels } from './model-questions.js'
import { addPrepped } from './prepped.js'
import { KEY, makeWorkspace, SAMPLES } from './workspace.js'

/** Shifts the clock of a process, and leaves alone how fast it goes. */
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'

/** Why days cannot be simulated here; null: they can. */
export const noDays = existsSync(FAKETIME) ? null : `${FAKETIME} is missing: apt-get install faketime`

/** By how much the clock of this run is ahead of the machine's already, seconds. */
const SHIFT_S = Number.parseInt(process.env['FAKETIME'] ?? '0', 10)

/** Returns the environment of a process for which it is that moment now (epoch milliseconds), to the second. */
export function clockAt(ms: number): Record<string, string> {
  return {
    LD_PRELOAD: FAKETIME,
    FAKETIME: `+${Math.round((ms - Date.now()) / 1000) + SHIFT_S}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    TZ: 'UTC',
  }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const GONE = 'No endpoints found'

export interface DaysOptions {
  days: number
  /** Hours between two runs of each phase. */
  every: number
  /** Papers that wait for the analysis at first. */
  prepped: number
  /** Papers with a PDF, one a day from the first. */
  samples: number
  /** Requests a UTC day. */
  budget: number
  /** Days, from 0, on which no request is answered. */
  outages: readonly number[]
  /** From this day on the expensive model is gone; a fallback is named. */
  vanishes: number
  /** Each so many runs, one of the processes is killed with a request in flight. */
  killEvery: number
  tell?: (line: string) => void
}

export interface DaysEnd {
  statuses: Record<string, number>
  /** Failed papers, with why. */
  failed: string[]
  processes: number
  kills: number
  /** Questions of one writer about one paper that were answered more than once. */
  paidTwice: string[]
  answered: number
  /** Requests that count, by UTC day. */
  perDay: Record<string, number>
  /** Bytes of the executions DB. */
  bytes: number
  integrity: unknown
  /** What each day's cron lines printed. */
  mails: string[][]
  /** What `digest --trouble` printed each morning. */
  mornings: string[]
}

/**
 * Runs a cron table through some days, in as much time as its processes take: every process has the clock of its moment. The
 * three phases begin at once, so that they overlap; one run a day goes over midnight.
 */
export async function simulateDays(options: DaysOptions): Promise<DaysEnd> {
  const {
    days,
    every,
    prepped,
    samples,
    budget,
    outages,
    vanishes,
    killEvery,
    tell = () => undefined,
  } = options
  const models = await startModels()
  const workspace = await makeWorkspace()
  const profiles = readFileSync(join(ROOT, 'config', 'profiles.yml'), 'utf8')
  workspace.write(
    'config/profiles.yml',
    profiles.replace(/^( +)role: expensive$/m, '$&\n$1fallback: [cheap]'),
  )
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url, RPA_BUDGET: String(budget) }
  await addPrepped(workspace.in('data', 'executions.sqlite'), prepped)
  const start = Math.ceil(Date.now() / DAY_MS) * DAY_MS
  let day = 0
  let hangs = false
  const answers = new Map<string, number>()
  models.script((question) => {
    if (hangs) return { hang: true }
    if (outages.includes(day)) return { status: 502 }
    const isExpensive = !['key_outcome', 'limits_confidence', 'repair'].includes(question.writer)
    if (day >= vanishes && isExpensive && !isFallback(question)) {
      return { status: 404, body: { error: { code: 404, message: `${GONE} for ${question.model}` } } }
    }
    const key = `${question.title}: ${question.writer}`
    answers.set(key, (answers.get(key) ?? 0) + 1)
    return undefined
  })
  let processes = 0
  let kills = 0
  const mails: string[][] = []
  const mornings: string[] = []
  const run = (ms: number, ...args: string[]): Running => {
    processes += 1
    return workspace.start(args, clockAt(ms))
  }
  const printed = async (running: Running, into?: string[]): Promise<string> => {
    const { stdout, stderr } = await running.ended
    const text = `${stdout}${stderr}`.trim()
    if (text !== '') into?.push(text)
    return text
  }
  const phases = async (ms: number, isKilled: boolean): Promise<void> => {
    const asked = models.requests.length
    hangs = isKilled
    const running = ['prep', 'analyze', 'wrap'].map((phase) => run(ms, phase, '--max-time', '15s', '--quiet'))
    if (isKilled) {
      const all = Promise.all(running.map(({ ended }) => ended))
      await Promise.race([models.until(() => models.requests.length > asked), all])
      if (models.requests.length > asked) kills += 1
      for (const one of running) one.kill('SIGKILL')
      await all
      hangs = false
      return
    }
    await Promise.all(running.map((one) => printed(one, mails[day])))
  }
  try {
    let tick = 0
    for (day = 0; day < days; day++) {
      const midnight = start + day * DAY_MS
      mails.push([])
      const sample = SAMPLES.slice(0, samples)[day]
      if (sample !== undefined) await printed(run(midnight, 'seed', '--id', sample, '--quiet'), mails[day])
      for (let hour = 1; hour < 24; hour += every) {
        tick += 1
        await phases(midnight + hour * HOUR_MS, tick % killEvery === 0)
      }
      for (const words of [['reap'], ['prune'], ['vacuum', '--into', 'copy.sqlite', '--force']]) {
        await printed(run(midnight + 22 * HOUR_MS, ...words, '--quiet'), mails[day])
      }
      // Over midnight.
      await phases(midnight + DAY_MS - 2000, false)
      const morning = await printed(run(midnight + DAY_MS + 7 * HOUR_MS, 'digest', '--trouble'))
      mornings.push(morning)
      tell(
        `day ${day + 1}: ${models.requests.length} requests, mails ${mails[day]?.length}, morning: ${morning || '-'}`,
      )
    }
    // The three phases begin at once, so that what one hands on late is taken up by the next runs.
    const isOpen = (): boolean =>
      workspace.query("select 1 from executions where status not in ('done', 'failed')").length > 0
    for (let hour = 8; hour < 12 && isOpen(); hour += 1)
      await phases(start + days * DAY_MS + hour * HOUR_MS, false)
    const rows = workspace.query<{ status: string; n: number }>(
      'select status, count(*) as n from executions group by status',
    )
    const failed = workspace.query<{ arxiv_id: string; error: string }>(
      "select arxiv_id, error from executions where status = 'failed'",
    )
    const used = workspace.query<{ day: string; n: number }>(
      'select usage_date as day, count(*) as n from llm_calls where counted = 1 group by usage_date order by 1',
    )
    return {
      statuses: Object.fromEntries(rows.map(({ status, n }) => [status, n])),
      failed: failed.map(({ arxiv_id, error }) => `${arxiv_id}: ${error}`),
      processes,
      kills,
      answered: [...answers.values()].reduce((sum, n) => sum + n, 0),
      paidTwice: [...answers].filter(([, n]) => n > 1).map(([key, n]) => `${key} × ${n}`),
      perDay: Object.fromEntries(used.map((row) => [row.day, row.n])),
      bytes: statSync(workspace.in('data', 'executions.sqlite')).size,
      integrity: workspace.integrity(),
      mails,
      mornings,
    }
  } finally {
    await models.close()
  }
}

/** The name of the cheap profile's model. */
function isFallback({ model }: Question): boolean {
  return model.includes('super')
}
