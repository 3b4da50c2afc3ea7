import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Phase } from '../../src/core/phases.js'
import { until, type Running } from '../support/cli.js'
import { removeWorkspaces, SAMPLES, type Workspace } from '../support/workspace.js'
import { committedQuestions, expectAllDone, expectAtRest, expectBooksAgree } from './books.js'
import type { ModelLog } from './model-log.js'
import { catchMoment, leasesRunOut, makeStages, openStage, PHASE_LIST, type Stages } from './stage.js'

const PAPERS = SAMPLES.slice(0, 2)

interface Scene {
  workspace: Workspace
  log: ModelLog
  phase: Phase
  running: Running
}

/** Each resolves when the process has been sent SIGKILL at its point. */
const POINTS: Record<string, (scene: Scene) => Promise<void>> = {
  async 'after the claim'({ workspace, phase, running }) {
    await catchMoment(
      workspace,
      'a paper is claimed',
      `select 1 from executions where status = '${phase.busy}'`,
    )
    running.kill('SIGKILL')
  },

  async 'after a request was sent'({ log, running }) {
    const hold = log.hold(() => true)
    await until('a request is there', () => hold.held.length > 0)
    running.kill('SIGKILL')
    await running.ended
    hold.release()
  },

  'after an answer came': ({ log, running }) =>
    new Promise((resolve) => {
      log.onAnswered(() => {
        running.kill('SIGKILL')
        resolve()
      })
    }),

  async 'after an answer was committed'({ workspace, log, phase, running }) {
    const first = log.arrivals.length + 1
    const others = log.hold(({ number }) => number > first)
    await catchMoment(
      workspace,
      'an answer is committed',
      `select 1 from llm_calls where phase = '${phase.name}' and outcome = 'ok'`,
    )
    running.kill('SIGKILL')
    await running.ended
    others.release()
  },
}

let stages: Stages

beforeAll(async () => {
  stages = await makeStages(...PAPERS)
})
afterAll(removeWorkspaces)

describe.each(PHASE_LIST)('$name, killed', (phase) => {
  it.each(Object.entries(POINTS))('%s: the same command does the rest', async (_, killAtPoint) => {
    const { workspace, log } = await openStage(stages, phase.name)
    const running = workspace.start([phase.name, '--workers', '2'])
    await killAtPoint({ workspace, log, phase, running })
    const ended = await running.ended
    expect(ended, ended.stderr).toMatchObject({ code: null, signal: 'SIGKILL' })
    const committed = committedQuestions(workspace)
    log.seal(committed)
    const left = notYet(workspace, phase)
    expect(left.length, 'papers that the process had not finished').toBeGreaterThan(0)

    await leasesRunOut(workspace)
    const result = await workspace.phase([phase.name])
    expect(result).toMatchObject({ claimed: left.length, succeeded: left.length, failed: 0, stopped: null })
    expect(notYet(workspace, phase)).toEqual([])
    expectAtRest(workspace)
    expectBooksAgree(workspace, log)
    if (phase.to === 'done') expectAllDone(workspace, log)
  })
})

function notYet(workspace: Workspace, phase: Phase): string[] {
  return Object.entries(workspace.statuses())
    .filter(([, status]) => status !== phase.to)
    .map(([id]) => id)
}
