import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { processOwnerId } from '../../src/core/processes/owner.js'
import { claim } from '../../src/db/executions/claims.js'
import { reap } from '../../src/pipeline/reap.js'
import type { PhaseResult } from '../../src/pipeline/result.js'
import { until } from '../support/cli.js'
import { addPapers, dump, mustClaim, NOON, openTestDatabase, prepClaim } from '../support/database.js'
import { temporaryFolder } from '../support/temp.js'
import { removeWorkspaces, SAMPLES, type Workspace } from '../support/workspace.js'
import { committedQuestions, expectAtRest, expectBooksAgree } from './books.js'
import { leasesRunOut, makeStages, openStage, PHASE_LIST, type Stages } from './stage.js'

const [PAPER = ''] = SAMPLES

let stages: Stages

beforeAll(async () => {
  stages = await makeStages(PAPER)
})
afterAll(removeWorkspaces)

describe.each(PHASE_LIST)('$name, stopped longer than its lease lasts', (phase) => {
  it('writes nothing more once another process has done its paper, says so, and ends', async () => {
    const { workspace, log } = await openStage(stages, phase.name)
    const hold = log.hold(() => true)
    const stopped = workspace.start([phase.name, '--json'])
    await until('its requests are there', () => hold.held.length === (phase.name === 'analyze' ? 3 : 1))
    stopped.kill('SIGSTOP')
    const mine = [...hold.held]
    await leasesRunOut(workspace)
    hold.release()
    const other = await workspace.phase([phase.name])
    expect(other).toMatchObject({ claimed: 1, succeeded: 1, resumed: 1 })
    log.seal(committedQuestions(workspace))
    const before = everything(workspace)

    stopped.kill('SIGCONT')
    const { code, signal, stderr, json } = await stopped.ended
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(json<PhaseResult>()).toMatchObject({
      claimed: 1,
      succeeded: 0,
      failed: 0,
      executions: [{ arxiv_id: PAPER, error_class: 'lease_lost' }],
    })
    expect(everything(workspace)).toEqual(before)
    expect(workspace.statuses()).toEqual({ [PAPER]: phase.to })
    expect(mine.every(({ answeredAt }) => answeredAt !== null)).toBe(true)
    expectAtRest(workspace)
    expectBooksAgree(workspace, log)
  })
})

it('a process that has lost its paper does not wait for an answer that it could not keep', async () => {
  const { workspace, log } = await openStage(stages, 'wrap')
  const first = log.arrivals.length + 1
  const never = log.hold(({ number }) => number === first)
  const stopped = workspace.start(['wrap', '--json'])
  await until('its request is there', () => never.held.length === 1)
  stopped.kill('SIGSTOP')
  await leasesRunOut(workspace)
  await workspace.phase(['wrap'])
  stopped.kill('SIGCONT')
  expect((await stopped.ended).json<PhaseResult>().executions).toMatchObject([{ error_class: 'lease_lost' }])
  expect(never.held).toMatchObject([{ aborted: true }])
  expectAtRest(workspace)
  expectBooksAgree(workspace, log)
})

describe('a clock that was set an hour ahead', () => {
  const LATER = NOON + 3_600_000

  it('takes no lease from a process that is alive, and puts nothing of it back', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db, { ownerId: aliveOwner() })
    const before = dump(path)
    expect(await claim(db, prepClaim({ ownerId: 'other', now: LATER }))).toBeNull()
    expect(
      await claim(db, prepClaim({ ownerId: 'other', now: LATER, executionId: lease.executionId })),
    ).toBeNull()
    expect(await reap(db, { phases: [], olderThanMs: 0, orphans: true, dryRun: false, now: LATER })).toEqual({
      released: { prepping: 0, analyzing: 0, wrapping: 0 },
      calls_settled: 0,
    })
    expect(dump(path)).toEqual(before)
  })

  it('does not keep the paper of a dead one', async () => {
    const { db } = await openTestDatabase(join(temporaryFolder(), 'executions.sqlite'))
    await addPapers(db, 1)
    const owner = aliveOwner()
    const { lease } = await mustClaim(db, { ownerId: owner })
    process.kill(Number(owner.split(':')[1]), 'SIGKILL')
    await until('it is gone', async () => {
      const taken = await claim(db, prepClaim({ ownerId: 'other', now: LATER }))
      if (taken !== null) expect(taken.lease.fencingToken).toBe(lease.fencingToken + 1)
      return taken !== null
    })
  })
})

/** Starts a process that does nothing, and returns the owner id that it would have. */
function aliveOwner(): string {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return processOwnerId(child.pid)
}

/** All that work leaves behind. */
function everything(workspace: Workspace): unknown {
  const { rows } = dump(workspace.in('data', 'executions.sqlite'))
  const reports = workspace
    .reports()
    .map((name) => [name, workspace.files(workspace.in('data', 'reports')).length])
  return { rows, reports, report: workspace.reports().length > 0 ? workspace.report(PAPER) : null }
}
