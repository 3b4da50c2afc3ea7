import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { PhaseName } from '../../src/db/engine/schema.js'
import type { CachingServer } from '../support/response-cache.js'
import { startCachingServer, useResponseCache } from '../support/response-cache.js'
import type { Workspace } from '../support/workspace.js'
import { removeWorkspaces, SAMPLES } from '../support/workspace.js'
import { makeStages, openStage, PHASE_LIST, type Stages } from './stage.js'

const [PAPER = ''] = SAMPLES

let stages: Stages
beforeAll(async () => {
  stages = await makeStages(PAPER)
})
afterAll(removeWorkspaces)

/** A paper before a phase, and a cache of answers in front of the model. */
async function scene(
  phase: PhaseName,
  cached = true,
): Promise<{ workspace: Workspace; cache: CachingServer }> {
  const { workspace } = await openStage(stages, phase)
  const cache = await startCachingServer(workspace.env['OPENROUTER_BASE_URL'] ?? '')
  onTestFinished(() => cache.close())
  workspace.env = { ...workspace.env, OPENROUTER_BASE_URL: cache.url }
  if (cached) useResponseCache(workspace)
  return { workspace, cache }
}

/** Runs a phase, and kills it when answers are here that could not be stored. */
async function killBeforeStoring(workspace: Workspace, cache: CachingServer, phase: string): Promise<void> {
  const db = new BetterSqlite3(workspace.in('data', 'executions.sqlite'))
  let locked = (): void => undefined
  const isLocked = new Promise<void>((resolve) => (locked = resolve))
  cache.onAnswer(() => {
    if (db.open && !db.inTransaction) db.exec('begin immediate')
    locked()
  })
  const running = workspace.start([phase])
  await isLocked
  await cache.idle()
  running.kill('SIGKILL')
  expect((await running.ended).signal).toBe('SIGKILL')
  db.exec('rollback')
  db.close()
}

describe.each(PHASE_LIST.map(({ name }) => name))('%s', (phase) => {
  it('has answers that came, and were lost with the process, again for nothing', async () => {
    const { workspace, cache } = await scene(phase)
    await killBeforeStoring(workspace, cache, phase)
    const lost = cache.asked.map(({ hash }) => hash)
    expect(lost.length).toBeGreaterThan(0)
    expect(await workspace.phase([phase])).toMatchObject({ succeeded: 1 })
    const again = cache.asked.slice(lost.length)
    expect(
      again
        .filter(({ status }) => status === 'HIT')
        .map(({ hash }) => hash)
        .sort(),
    ).toEqual(lost.sort())
    expect(again.some(({ cleared }) => cleared)).toBe(false)
    expect(new Set(cache.billed.map(({ body }) => body)).size).toBe(cache.billed.length)
    const rows = workspace.query<{ outcome: string; cached: string | null; counted: number }>(
      'select outcome, cached, counted from llm_calls where phase = ?',
      phase,
    )
    // The day counts what was sent: whether a provider counts what its cache gave is not known.
    expect(rows.filter(({ counted }) => counted === 1)).toHaveLength(cache.asked.length)
    expect(rows.filter(({ cached }) => cached === 'hit')).toHaveLength(lost.length)
    expect(rows.filter(({ outcome }) => outcome === 'aborted')).toHaveLength(lost.length)
  })
})

it('without it they are paid again, in the same bytes', async () => {
  const { workspace, cache } = await scene('analyze', false)
  await killBeforeStoring(workspace, cache, 'analyze')
  const lost = cache.asked.map(({ body }) => body)
  expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 1 })
  expect(cache.asked.every(({ status, ttl }) => status === null && ttl === undefined)).toBe(true)
  const again = cache.billed.slice(lost.length).map(({ body }) => body)
  expect(again).toEqual(expect.arrayContaining(lost))
  expect(workspace.query('select distinct cached, question_hash from llm_calls')).toEqual([
    { cached: null, question_hash: null },
  ])
})
