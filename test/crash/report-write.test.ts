import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PhaseResult } from '../../src/pipeline/result.js'
import { until } from '../support/cli.js'
import { dump } from '../support/database.js'
import { REQUIRED_HEADINGS, requiredHeadings } from '../support/reports.js'
import { removeWorkspaces, SAMPLES, type Workspace } from '../support/workspace.js'
import { committedQuestions, expectAllDone } from './books.js'
import { leasesRunOut, makeStages, openStage, type Stages } from './stage.js'

/** Writing takes about a millisecond, so that not every kill comes in time. */
const TRIES = 30
const HITS = 3
/** Each with papers of its own. */
const ROUNDS = 5

let stages: Stages

beforeAll(async () => {
  stages = await makeStages(...SAMPLES)
})
afterAll(removeWorkspaces)

it('killed while a report is written: never half a report, and wrap leaves one whole file a paper', async () => {
  let hits = 0
  for (let round = 0; round < ROUNDS && hits < HITS; round++) hits += await killWhileWriting(HITS - hits)
  expect(hits, 'kills while a temporary file was there').toBe(HITS)
})

/** Kills `wrap` until it was hit so often, or the papers run out. Returns the hits; all papers are done then. */
async function killWhileWriting(most: number): Promise<number> {
  const { workspace, log } = await openStage(stages, 'wrap')
  let kill = (): void => undefined
  log.onAnswered(() => {
    if (appears(() => temporaryFiles(workspace).length > before)) kill()
  })
  let before = 0
  let hits = 0
  for (let tries = 0; tries < TRIES && hits < most && papersLeft(workspace) > 1; tries++) {
    before = temporaryFiles(workspace).length
    const running = workspace.start(['wrap', '--workers', '1', '--limit', '1'])
    kill = () => running.kill('SIGKILL')
    const { signal } = await running.ended
    if (signal === 'SIGKILL' && temporaryFiles(workspace).length > before) hits += 1
    log.seal(committedQuestions(workspace))
    for (const name of finished(workspace)) expectWhole(workspace, name)
    await leasesRunOut(workspace)
  }
  kill = () => undefined
  await workspace.phase(['wrap'])
  expectAllDone(workspace, log)
  return hits
}

it('stopped while it writes a report, beyond its lease: it changes neither report nor DB any more', async () => {
  const { workspace, log } = await openStage(stages, 'wrap')
  let caught = false
  let stop = (): void => undefined
  log.onAnswered(() => {
    if (caught || !appears(() => temporaryFiles(workspace).length > 0)) return
    stop()
    caught = true
  })
  while (papersLeft(workspace) > 0) {
    caught = false
    let ended = false
    const running = workspace.start(['wrap', '--limit', '1', '--json'])
    stop = () => running.kill('SIGSTOP')
    void running.ended.then(() => (ended = true))
    await until('it is stopped, or has ended', () => caught || ended)
    const [busy] = Object.entries(workspace.statuses()).filter(([, status]) => status === 'wrapping')
    // It had ended, or all but ended, before the signal came.
    if (busy === undefined) {
      running.kill('SIGCONT')
      await running.ended
      continue
    }
    const [id] = busy
    await leasesRunOut(workspace)
    await workspace.phase(['wrap', '--id', id])
    const before = [
      dump(workspace.in('data', 'executions.sqlite')).rows,
      workspace.reports(),
      workspace.report(id),
    ]
    running.kill('SIGCONT')
    const { code, stderr, json } = await running.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(json<PhaseResult>()).toMatchObject({ executions: [{ arxiv_id: id, error_class: 'lease_lost' }] })
    const after = [
      dump(workspace.in('data', 'executions.sqlite')).rows,
      workspace.reports(),
      workspace.report(id),
    ]
    expect(after).toEqual(before)
    return
  }
  expect.unreachable('no process could be stopped in time')
})

/** Looks without letting go of the event loop: the moment is over sooner than a timer would fire. */
function appears(holds: () => boolean): boolean {
  const deadline = Date.now() + 3000
  while (Date.now() < deadline) if (holds()) return true
  return false
}

function papersLeft(workspace: Workspace): number {
  return Object.values(workspace.statuses()).filter((status) => status !== 'done').length
}

function temporaryFiles(workspace: Workspace): string[] {
  return workspace.reports().filter((name) => name.endsWith('.tmp'))
}

function finished(workspace: Workspace): string[] {
  return workspace.reports().filter((name) => name.endsWith('.md'))
}

function expectWhole(workspace: Workspace, name: string): void {
  const report = readFileSync(workspace.in('data', 'reports', name), 'utf8')
  expect(requiredHeadings(report), name).toEqual(REQUIRED_HEADINGS)
  expect(report.endsWith('\n'), name).toBe(true)
}
