// An hour of `rpa run --daemon`, compressed: outages of the model host, a kill, a stop, a full disk for a while, and in the end
// a DB that is replaced. Ends with 1 where the daemon ended without being told, a paper is not done, or an answer that was stored
// was paid for again.
// Usage: npx tsx bench/daemon/run.ts [--papers 10]; needs `npm run build`, libfaketime, and leave to mount a tmpfs.
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Ended, Running } from '../../test/support/cli.js'
import { startModels } from '../../test/support/model-questions.js'
import type { ModelReply } from '../../test/support/model-server.js'
import { noSmallDisk, SmallDisk } from '../../test/support/small-disk.js'
import { removeWorkspaces } from '../../test/support/workspace.js'
import { seededWorkspace } from '../papers.js'

const { values } = parseArgs({ options: { papers: { type: 'string', default: '10' } } })
const papers = Number(values.papers)

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
/** Faster, and the program's bounds on its own work (2 s for a template) would be shorter than this machine's pauses. */
const SPEED = 24
const MEGABYTES = 48
const HOUR = 60
/** So that there is work all the hour. */
const REQUESTS_PER_MINUTE = 2

if (!existsSync(FAKETIME)) throw new Error(`${FAKETIME} is missing: apt-get install faketime`)
const why = noSmallDisk()
if (why !== null) throw new Error(why)

/** How the model host answers now; undefined: well. */
let host: ModelReply | undefined
/** Questions that were answered, one entry an answer. */
const answered: string[] = []
/** Questions under way when the process was killed: their answers cannot have been stored. */
const lost = new Set<string>()
const NEVER: Ended = {
  code: null,
  signal: null,
  stdout: '',
  stderr: 'it did not end',
  json: () => ({}) as never,
}
const told: string[] = []
const ends: Record<string, Ended> = {}

const models = await startModels()
models.script(({ call }) => {
  if (host === undefined) answered.push(call.prompt)
  return host ?? { delayMs: 20 }
})
const workspace = await seededWorkspace(papers, models.url, {
  requests_per_minute: REQUESTS_PER_MINUTE,
  minute: 60,
})
const disk = await SmallDisk.mount(workspace, MEGABYTES)
const began = Date.now()
let daemon = start()
try {
  await at(3, 'the model host answers 503', () => (host = { status: 503, body: 'away' }))
  await at(10, 'it is back', () => (host = undefined))
  await at(15, 'SIGKILL, and a start', kill)
  await at(18, 'the disk is full', () => disk.fill())
  await at(23, 'there is room', () => disk.clear())
  await at(30, 'SIGTERM, and a start', async () => {
    await end('stopped', 'SIGTERM')
    daemon = start()
  })
  await at(33, 'the model host resets connections', () => (host = { reset: 'before' }))
  await at(38, 'it is back', () => (host = undefined))
  await at(45, 'SIGKILL, and a start', kill)
  await at(HOUR, 'SIGTERM', () => end('ended', 'SIGTERM'))
  disk.unmount()
  await replaceDatabase()
  report()
} finally {
  disk.end()
  await models.close()
  removeWorkspaces()
}

/** The clock of each daemon goes on where that of the one before was, so many times as fast as here. */
function start(): Running {
  const ahead = Math.round(((Date.now() - began) / 1000) * (SPEED - 1))
  const clock = { LD_PRELOAD: FAKETIME, FAKETIME: `+${ahead}s x${SPEED}` }
  // A reader of PDFs has the speed of this machine.
  const env = { ...clock, RPA_PDF_TIMEOUT: '900' }
  return workspace.start(['run', '--daemon', '--json'], env, { shell: disk.shell })
}

/** Does something in a minute of the daemon's hour. */
async function at(minute: number, what: string, act: () => unknown): Promise<void> {
  const over = await Promise.race([
    daemon.ended,
    delay(Math.max(0, began + (minute * 60_000) / SPEED - Date.now())),
  ])
  if (over !== undefined)
    throw new Error(`it ended with ${over.code} before minute ${minute}: ${over.stderr}`)
  told.push(`${minute} ${what}`)
  await act()
}

async function kill(): Promise<void> {
  const closed = new Set(models.closed)
  for (const question of models.requests) if (!closed.has(question)) lost.add(question.call.prompt)
  await end('killed', 'SIGKILL')
  daemon = start()
}

async function end(name: string, signal: NodeJS.Signals): Promise<void> {
  daemon.kill(signal)
  ends[name] = await daemon.ended
}

/** One without work, at its own speed. */
async function replaceDatabase(): Promise<void> {
  const path = workspace.in('data', 'executions.sqlite')
  daemon = workspace.start(['run', '--daemon', '--poll', '500ms', '--json'])
  await delay(4000)
  copyFileSync(path, `${path}.new`)
  renameSync(`${path}.new`, path)
  ends['replaced'] = await Promise.race([daemon.ended, delay(20_000).then(() => NEVER)])
}

function report(): void {
  const done = Object.values(workspace.statuses()).filter((status) => status === 'done').length
  const twice = answered.filter((prompt, place) => answered.indexOf(prompt) !== place)
  const rows: [string, string | number, string | number][] = [
    ['papers done', done, papers],
    ['papers failed', Object.values(workspace.statuses()).filter((status) => status === 'failed').length, 0],
    ['questions answered, answers', `${new Set(answered).size}, ${answered.length}`, ''],
    [
      'answered again, not under way when it was killed',
      twice.filter((prompt) => !lost.has(prompt)).length,
      0,
    ],
    ['answered again, under way when it was killed', twice.filter((prompt) => lost.has(prompt)).length, ''],
    ['integrity of the DB', String(workspace.integrity()), 'ok'],
    ['exit after SIGKILL', `${ends['killed']?.code} ${ends['killed']?.signal}`, 'null SIGKILL'],
    ['exit after SIGTERM, twice', `${ends['stopped']?.code}, ${ends['ended']?.code}`, '143, 143'],
    ['exit after its DB was replaced', `${ends['replaced']?.code}`, 1],
  ]
  console.log(
    `an hour of rpa run --daemon in ${Math.round((HOUR * 60) / SPEED)} s, ${papers} papers, ${REQUESTS_PER_MINUTE} requests a minute`,
  )
  console.log(`minute: ${told.join('; ')}`)
  console.log('| measure | value | must be |\n|---|---|---|')
  for (const [name, value, goal] of rows) {
    console.log(`| ${name} | ${value} | ${goal} |`)
    if (goal !== '' && String(value) !== String(goal)) process.exitCode = 1
  }
  if (process.exitCode === 1)
    for (const [name, { stdout, stderr }] of Object.entries(ends)) console.log(name, stdout, stderr)
}
