import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../support/cli.js'
import type { Workspace } from '../support/workspace.js'
import { removeWorkspaces, SAMPLES } from '../support/workspace.js'
import { committedQuestions, expectAllDone } from './books.js'
import type { ModelLog } from './model-log.js'
import { seededRandom } from '../../src/core/chance.js'
import { leasesRunOut, makeStages, openStage, PHASE_LIST, type Stages } from './stage.js'

/** Enough for every run; more by RPA_TEST_KILLS, and by `bench/kills`, which uses the default settings. */
const KILLS = Number(process.env['RPA_TEST_KILLS'] ?? 30)
/** Kills of one set of papers; then the commands are let finish, and a new set begins. */
const KILLS_A_ROUND = 15
const AT_ONCE = 4
const LONGEST_ANSWER_MS = 400
/** Of a process that has papers; longer where the machine is so busy that nothing would be done in it but reading. */
const LONGEST_LIFE_MS = 1200
const LONGEST_LIFE_STARTS = 4

/** Repeats the commands and delays of a run; what they hit is up to the scheduler. */
const SEED = Number(process.env['RPA_TEST_SEED'])

let stages: Stages
let startMs: number

beforeAll(async () => {
  stages = await makeStages(...SAMPLES)
  const began = performance.now()
  await stages.prep.workspace.copy().rpa(['status'])
  startMs = performance.now() - began
})
afterAll(removeWorkspaces)

it(`${KILLS} kills at random times: the same commands finish everything, and nothing is paid twice`, async () => {
  let kills = 0
  let atWork = 0
  for (let round = 1; kills < KILLS; round++) {
    const { workspace, log } = await openStage(stages, 'prep')
    const random = seededRandom(SEED + round)
    log.think(() => Math.round(random() * LONGEST_ANSWER_MS))
    const wanted = Math.min(KILLS_A_ROUND, KILLS - kills)
    let killed = 0
    const keepKilling = async (_: unknown, lane: number): Promise<void> => {
      const chance = seededRandom(SEED + round + 1000 * (lane + 1))
      while (killed < wanted && !allDone(workspace)) {
        const kill = await runAndKill(workspace, log, chance)
        if (kill.alive) killed += 1
        if (kill.atWork) atWork += 1
        expect(workspace.integrity(), `round ${round} of seed ${SEED}`).toBe('ok')
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, keepKilling))
    kills += killed
    await finish(workspace)
    expectAllDone(workspace, log)
    await log.close()
  }
  // Else nothing was tested.
  expect(atWork, `kills while the process had papers, seed ${SEED}`).toBeGreaterThan(KILLS * 0.4)
}, 1_800_000)

const OTHERS = [['resume', '--workers', '2'], ['reap'], ['prune', '--older-than', '0s']]

/** Mostly what has something to do, for the paper that chance picks. */
function chooseCommand(workspace: Workspace, chance: () => number): string[] {
  const other = OTHERS[Math.floor(chance() * OTHERS.length * 4)]
  const left = Object.values(workspace.statuses()).filter((status) => status !== 'done')
  const status = left[Math.floor(chance() * left.length)]
  const phase = PHASE_LIST.find(({ from, busy }) => from === status || busy === status)
  return other ?? [phase?.name ?? 'prep', '--workers', '2']
}

interface Killed {
  /** When the signal came. */
  alive: boolean
  /** It held a lease. */
  atWork: boolean
}

/** Runs a command, and kills it. */
async function runAndKill(workspace: Workspace, log: ModelLog, chance: () => number): Promise<Killed> {
  const command = chooseCommand(workspace, chance)
  const running = workspace.start(command)
  let over = false
  void running.ended.then(() => (over = true))
  const holds = (): boolean => leasesOf(workspace, running.pid) > 0
  // At any moment from its start on, or, more often, from the moment on at which it has papers.
  if (chance() < 0.12) await Promise.race([delay(chance() * 3 * startMs), running.ended])
  else {
    await until(`${command[0]} has papers, or has ended`, () => over || holds(), 300_000)
    await Promise.race([
      delay(chance() * Math.max(LONGEST_LIFE_MS, LONGEST_LIFE_STARTS * startMs)),
      running.ended,
    ])
  }
  const atWork = holds()
  running.kill('SIGKILL')
  log.seal(committedQuestions(workspace))
  const { code, signal, stderr } = await running.ended
  expect(stderr, `stderr of ${command[0]}, seed ${SEED}`).toBe('')
  expect(signal ?? code, command[0]).toBe(signal === null ? 0 : 'SIGKILL')
  return { alive: signal === 'SIGKILL', atWork: signal === 'SIGKILL' && atWork }
}

function leasesOf(workspace: Workspace, pid: number): number {
  const sql = 'select count(*) as n from execution_leases where lease_until > 0 and owner_id like ?'
  return workspace.query<{ n: number }>(sql, `%:${pid}:%`)[0]?.n ?? 0
}

async function finish(workspace: Workspace): Promise<void> {
  await until(
    'every paper is done',
    async () => {
      await leasesRunOut(workspace)
      for (const name of ['prep', 'analyze', 'wrap']) {
        const result = await workspace.phase([name, '--workers', '2'])
        expect(result, `${name}, seed ${SEED}`).toMatchObject({ failed: 0, released: 0, stopped: null })
      }
      return allDone(workspace)
    },
    300_000,
  )
  expect((await workspace.rpa(['reap'])).code).toBe(0)
}

function allDone(workspace: Workspace): boolean {
  return Object.values(workspace.statuses()).every((status) => status === 'done')
}
