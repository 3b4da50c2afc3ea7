import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { until } from '../support/cli.js'
import { startPdfServer } from '../support/pdf-server.js'
import { removeWorkspaces, SAMPLES, type Workspace } from '../support/workspace.js'
import { committedQuestions, expectBooksAgree } from './books.js'
import type { ModelLog } from './model-log.js'
import { catchMoment, leasesRunOut, makeStages, openStage, type Stages } from './stage.js'

const [PAPER = ''] = SAMPLES

let stages: Stages

beforeAll(async () => {
  stages = await makeStages(PAPER)
})
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

it.each([[[]], [['reap']]])(
  'a process that dies while it waits for others costs its paper no try (then: rpa %j)',
  async (between) => {
    const { workspace, log } = await openStage(stages, 'analyze')
    workspace.env = { ...workspace.env, RPA_MAX_ATTEMPTS: '1' }
    for (let death = 1; death <= 4; death++) {
      await killWith(workspace, log, 0)
      if (between.length > 0) expect((await workspace.rpa(between)).code).toBe(0)
    }
    expect(await workspace.phase(['analyze'])).toMatchObject({ claimed: 1, succeeded: 1, failed: 0 })
    expectBooksAgree(workspace, log)
  },
)

it('nor does one that dies while its PDF is fetched', async () => {
  const pdfs = await startPdfServer()
  onTestFinished(() => pdfs.close())
  pdfs.answer(PAPER, 'hang')
  const { workspace } = await openStage(stages, 'prep')
  const env = {
    RPA_PDF_URL: pdfs.template,
    RPA_PDF_SOURCES: 'arxiv',
    RPA_MAX_ATTEMPTS: '1',
    RPA_PDF_GAP: '0',
  }
  workspace.env = { ...workspace.env, ...env }
  for (let death = 1; death <= 3; death++) {
    const running = workspace.start(['prep'])
    await until('the PDF is asked for', () => pdfs.asked.length === death)
    running.kill('SIGKILL')
    await running.ended
  }
  pdfs.answer(PAPER, 'pdf')
  expect(await workspace.phase(['prep'])).toMatchObject({ claimed: 1, succeeded: 1, failed: 0 })
})

/** The first try got further than the one before: it began. Then so many deaths at the same place are one try. */
const DEATHS = 1 + 4

it.each([
  ['prep', []],
  ['prep', ['reap']],
  ['wrap', []],
] as const)(
  'a paper on which %s takes its process down again and again is given up (then: rpa %j)',
  async (phase, between) => {
    const { workspace, log } = await openStage(stages, phase)
    workspace.env = { ...workspace.env, RPA_MAX_ATTEMPTS: '1' }
    for (let death = 1; death <= DEATHS; death++) await killAtWork(workspace, phase, between)
    const sent = log.arrivals.length
    expect(await workspace.phase([phase])).toMatchObject({
      claimed: 1,
      failed: 1,
      executions: [{ status: 'failed', error_class: 'too_many_attempts' }],
    })
    expect(log.arrivals).toHaveLength(sent)
  },
)

it.each([
  ['prep', []],
  ['wrap', ['reap']],
] as const)(
  'one that is hit by chance at work in %s has all its tries still (then: rpa %j)',
  async (phase, between) => {
    const { workspace, log } = await openStage(stages, phase)
    workspace.env = { ...workspace.env, RPA_MAX_ATTEMPTS: '1' }
    for (let death = 1; death < DEATHS; death++) await killAtWork(workspace, phase, between)
    expect(await workspace.phase([phase])).toMatchObject({ claimed: 1, succeeded: 1, failed: 0 })
    expectBooksAgree(workspace, log)
  },
)

/** Kills a phase while it works on a paper, and runs another command behind it. */
async function killAtWork(workspace: Workspace, phase: string, between: readonly string[]): Promise<void> {
  const running = workspace.start([phase])
  const mine = `select 1 from execution_leases where own_work = 1 and owner_id like '%:${running.pid}:%'`
  await catchMoment(workspace, 'it works on the paper', mine)
  running.kill('SIGKILL')
  await running.ended
  if (between.length > 0) expect((await workspace.rpa(between)).code).toBe(0)
}

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
