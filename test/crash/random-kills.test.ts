import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../support/cli.js'
import type { Workspace } from '../support/workspace.js'
import { removeWorkspaces, SAMPLES } from '../support/workspace.js'
import { committedQuestions, expectAllDone } from './books.js'
import type { ModelLog } from './model-log.js'
import { randomFrom } from './random.js'
import { leasesRunOut, makeStages, openStage, type Stages } from './stage.js'

const KILLS = 100
/** Kills of one set of papers; then the commands are let finish, and a new set begins. */
const KILLS_A_ROUND = 25
const AT_ONCE = 4
const LONGEST_ANSWER_MS = 300

/** RPA_TEST_SEED=… repeats the commands and delays of a run; what they hit is up to the scheduler. */
const SEED = Number(process.env['RPA_TEST_SEED'] ?? Date.now() % 1_000_000)

let stages: Stages
let startMs: number

beforeAll(async () => {
  process.stderr.write(`random kills: RPA_TEST_SEED=${SEED}\n`)
  stages = await makeStages(...SAMPLES)
  const began = performance.now()
  await stages.prep.workspace.copy().rpa(['status'])
  startMs = performance.now() - began
}, 180_000)
afterAll(removeWorkspaces)

it(`${KILLS} kills at random times: the same commands finish everything, and nothing is paid twice`, async () => {
  let kills = 0
  let takenOver = 0
  for (let round = 1; kills < KILLS; round++) {
    const { workspace, log } = await openStage(stages, 'prep')
    // How often a paper may be hit is not what is tested here: a hundred kills hit each of seven many times.
    workspace.env = { ...workspace.env, RPA_MAX_ATTEMPTS: '1000' }
    const random = randomFrom(SEED + round)
    log.think(() => Math.round(random() * LONGEST_ANSWER_MS))
    const wanted = Math.min(KILLS_A_ROUND, KILLS - kills)
    let killed = 0
    const keepKilling = async (_: unknown, lane: number): Promise<void> => {
      const chance = randomFrom(SEED + round + 1000 * (lane + 1))
      while (killed < wanted && !allDone(workspace)) {
        if (await runAndKill(workspace, log, chance)) killed += 1
        expect(workspace.integrity(), `round ${round} of seed ${SEED}`).toBe('ok')
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, keepKilling))
    kills += killed
    await finish(workspace)
    expectAllDone(workspace, log)
    takenOver += claimsBeyondThree(workspace)
    await log.close()
  }
  // Else the kills came too early or too late, and nothing was tested.
  expect(takenOver, `papers taken over from killed processes, seed ${SEED}`).toBeGreaterThan(KILLS / 5)
}, 600_000)

/** A paper that nothing happens to is claimed three times, once a phase. */
function claimsBeyondThree(workspace: Workspace): number {
  const sum = 'select sum(fencing_token - 3) as n from execution_leases'
  return workspace.query<{ n: number }>(sum)[0]?.n ?? 0
}

const COMMANDS = ['prep', 'prep', 'analyze', 'analyze', 'wrap', 'wrap', 'resume', 'reap']

/** Returns whether the process was alive when the signal came. */
async function runAndKill(workspace: Workspace, log: ModelLog, chance: () => number): Promise<boolean> {
  const name = COMMANDS[Math.floor(chance() * COMMANDS.length)] ?? 'prep'
  // From before the first statement to well into the work, whatever a start costs on this machine.
  const life = startMs * (0.5 + chance() * 4) + chance() * 3 * LONGEST_ANSWER_MS
  const running = workspace.start(name === 'reap' ? [name] : [name, '--workers', '3'])
  await Promise.race([delay(life), running.ended])
  running.kill('SIGKILL')
  log.seal(committedQuestions(workspace))
  const { code, signal, stderr } = await running.ended
  expect(stderr, `stderr of ${name}, seed ${SEED}`).toBe('')
  expect(signal ?? code, name).toBe(signal === null ? 0 : 'SIGKILL')
  return signal === 'SIGKILL'
}

async function finish(workspace: Workspace): Promise<void> {
  await until(
    'every paper is done',
    async () => {
      await leasesRunOut(workspace)
      for (const name of ['prep', 'analyze', 'wrap']) {
        const result = await workspace.phase([name, '--workers', '3'])
        expect(result, `${name}, seed ${SEED}`).toMatchObject({ failed: 0, released: 0, stopped: null })
      }
      return allDone(workspace)
    },
    60_000,
  )
  expect((await workspace.rpa(['reap'])).code).toBe(0)
}

function allDone(workspace: Workspace): boolean {
  return Object.values(workspace.statuses()).every((status) => status === 'done')
}
