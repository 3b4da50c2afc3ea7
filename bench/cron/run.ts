// What overlapping cron lines use of a minute limit: a new process of each phase every 11 s, each with a time of its own, against
// a server with fixed minutes. Usage: npx tsx bench/cron/run.ts [--minute SECONDS] [--minutes N] [--max-time SECONDS]; needs
// `npm run build`.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ROOT } from '../../test/support/cli.js'
import type { Ended } from '../../test/support/cli.js'
import { startLimitedServer } from '../../test/support/limited-server.js'
import { addPrepped } from '../../test/support/prepped.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../../test/support/workspace.js'
import type { Workspace } from '../../test/support/workspace.js'

const { values } = parseArgs({
  options: {
    minute: { type: 'string', default: '60' },
    minutes: { type: 'string', default: '6' },
    'max-time': { type: 'string', default: '30' },
  },
})
const minute = Number(values.minute)
const minutes = Number(values.minutes)
const REQUESTS_PER_MINUTE = 20
const EVERY_MS = 11_000
const PENDING = 100

const server = await startLimitedServer({
  perWindow: REQUESTS_PER_MINUTE,
  windowMs: minute * 1000,
  perDay: 1e9,
  latencyMs: 1500,
})
try {
  const workspace = await prepare()
  const running: Promise<Ended>[] = []
  // The first minute is for starting up; what follows is counted.
  const first = Math.floor(Date.now() / (minute * 1000)) + 2
  const until = (first + minutes) * minute * 1000
  while (Date.now() < until) {
    for (const phase of ['prep', 'analyze', 'wrap']) {
      running.push(workspace.rpa([phase, '--max-time', `${values['max-time']}s`, '--quiet']))
    }
    await delay(EVERY_MS)
  }
  const ends = await Promise.all(running)
  const counted = server.arrivals.filter(({ window }) => window >= first && window < first + minutes)
  const answered = counted.filter(({ status }) => status === 200).length
  const allowed = REQUESTS_PER_MINUTE * minutes
  const [booked] = workspace.query<{ n: number }>('select count(*) as n from llm_calls')
  const [back] = workspace.query<{ n: number }>('select count(*) as n from given_back')
  console.log(
    `a process of each phase every 11 s for ${minutes} minutes of ${minute} s, each for ${values['max-time']} s`,
  )
  console.log('| measure | value |\n|---|---|')
  console.log(`| processes | ${ends.length} |`)
  console.log(`| requests allowed, answered | ${allowed}, ${answered} |`)
  console.log(`| share of the allowed rate used | ${((100 * answered) / allowed).toFixed(1)} % (goal: 90) |`)
  console.log(`| refused (429) | ${counted.length - answered} |`)
  console.log(`| requests sent, bookings given back | ${booked?.n ?? 0}, ${back?.n ?? 0} |`)
  console.log(`| exit codes | ${JSON.stringify(tally(ends.map(({ code }) => String(code))))} |`)
  console.log(
    `| mails that cron would send | ${ends.filter(({ stdout, stderr }) => stdout + stderr !== '').length} |`,
  )
  if (answered < 0.9 * allowed) process.exitCode = 1
} finally {
  await server.close()
  removeWorkspaces()
}

/** Enough papers before each phase for nobody to run out of work. */
async function prepare(): Promise<Workspace> {
  const workspace = await makeWorkspace({ pdf_dir: 'pdf' })
  const path = workspace.in('data', 'executions.sqlite')
  await addPrepped(path, PENDING + REQUESTS_PER_MINUTE * (minutes + 2))
  workspace.change(
    `update executions set status = 'pending', prep_output = null where paper_id <= ${PENDING}`,
  )
  // What is given back leaves no row.
  workspace.change('create table given_back (call_id text)')
  workspace.change(
    'create trigger keep_count after delete on llm_calls begin insert into given_back values (old.call_id); end',
  )
  const samples = join(ROOT, 'samples', 'pdf')
  const pdfs = readdirSync(samples)
  mkdirSync(workspace.in('pdf'))
  for (const { arxiv_id, paper_id } of workspace.query<{ arxiv_id: string; paper_id: number }>(
    "select arxiv_id, paper_id from executions where status = 'pending'",
  )) {
    copyFileSync(join(samples, pdfs[paper_id % pdfs.length] ?? ''), workspace.in('pdf', `${arxiv_id}.pdf`))
  }
  const group = {
    name: 'bench',
    host: '127.0.0.1',
    requests_per_minute: REQUESTS_PER_MINUTE,
    minute,
    spacing: minute / 60,
  }
  workspace.write('config/limits.yml', JSON.stringify({ groups: [group] }))
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: server.url, RPA_BUDGET: '0' }
  return workspace
}

function tally(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1
  return counts
}
