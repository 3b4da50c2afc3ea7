import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../support/cli.js'
import { removeWorkspaces, SAMPLES, type Workspace } from '../support/workspace.js'
import { committedQuestions, expectBooksAgree } from './books.js'
import type { ModelLog } from './model-log.js'
import { leasesRunOut, makeStages, openStage, type Stages } from './stage.js'

const [PAPER = ''] = SAMPLES

let stages: Stages

beforeAll(async () => {
  stages = await makeStages(PAPER)
}, 120_000)
afterAll(removeWorkspaces)

it.each([[[]], [['reap']]])(
  'a paper that gets further each time is not given up, however often its process is killed (then: rpa %j)',
  async (between) => {
    const { workspace, log } = await openStage(stages, 'analyze')
    workspace.env = { ...workspace.env, RPA_MAX_ATTEMPTS: '1' }
    for (const answers of [0, 1, 2]) {
      await killWith(workspace, log, answers)
      expect(committedQuestions(workspace).size).toBe(1 + answers)
      await leasesRunOut(workspace)
      if (between.length > 0) expect((await workspace.rpa(between)).code).toBe(0)
    }
    expect(await workspace.phase(['analyze'])).toMatchObject({ claimed: 1, succeeded: 1 })
    expectBooksAgree(workspace, log)
  },
)

it('a paper that takes its process down at the same place again and again is given up', async () => {
  const { workspace, log } = await openStage(stages, 'analyze')
  workspace.env = { ...workspace.env, RPA_MAX_ATTEMPTS: '2' }
  // The first try got further than the one before: it began.
  for (let death = 1; death <= 3; death++) {
    await killWith(workspace, log, 0)
    await leasesRunOut(workspace)
  }
  const sent = log.arrivals.length
  expect(await workspace.phase(['analyze'])).toMatchObject({
    claimed: 1,
    failed: 1,
    executions: [{ status: 'failed', error_class: 'too_many_attempts' }],
  })
  expect(log.arrivals).toHaveLength(sent)
})

/** Runs analyze, and kills it when the server has all its questions and so many answers of the paper are committed. */
async function killWith(workspace: Workspace, log: ModelLog, answers: number): Promise<void> {
  const committed = committedQuestions(workspace).size
  const toAnswer = 1 + answers - committed
  const first = log.arrivals.length + 1
  const hold = log.hold(({ number }) => number >= first + toAnswer)
  const running = workspace.start(['analyze'])
  await until(
    'it waits for the rest',
    () =>
      hold.held.length === 4 - committed - toAnswer &&
      committedQuestions(workspace).size === committed + toAnswer,
  )
  running.kill('SIGKILL')
  expect((await running.ended).signal).toBe('SIGKILL')
  log.seal(committedQuestions(workspace))
  hold.release()
}
