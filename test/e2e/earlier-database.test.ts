import { readFileSync, statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { StatusReport } from '../../src/pipeline/overview/status-report.js'
import { dump } from '../support/database.js'
import type { EarlierRow } from '../support/earlier-tool.js'
import { earlierExecutionId } from '../support/earlier-tool.js'
import {
  PENDING,
  PREPPING_NO_LEASE,
  PREPPING_LIVE,
  PREPPED,
  PREPPED_OLDER,
  ANALYZING_EXPIRED,
  ANALYZING_RECENT,
  WRAPPING_EXPIRED,
  DONE,
  FAILED_WRAP,
  FAILED_ANALYZE,
  FAILED_PREP,
  PREP,
  OLDER_PREP,
  ANALYSIS,
  HALF_ANALYSIS,
  ROWS,
  CORRECTED,
  USED,
  earlierWorkspace,
  rowsOf,
  fileOf,
  run,
} from '../support/earlier-papers.js'
import { EARLIER_PAPER } from '../support/earlier-texts.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
beforeAll(async () => {
  models = await startModels()
})
afterEach(() => models.reset())
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

describe('a file of the earlier tool', () => {
  it('is left as it is by what only reads, and taken over in place by the first command that writes', async () => {
    const workspace = await earlierWorkspace(models, ROWS)
    const before = dump(fileOf(workspace))
    const unchanged = await run<StatusReport>(workspace, 'status')
    expect(dump(fileOf(workspace))).toEqual(before)
    await run(workspace, 'prune', '--keep', 'keep_all')
    const after = dump(fileOf(workspace))
    const status = await run<StatusReport>(workspace, 'status')
    expect({ ...unchanged, now: status.now, commands: status.commands }).toEqual(status)
    expect(status.commands).toMatchObject([{ command: 'prune', exit_code: 0 }])
    for (const [table, rows] of Object.entries(before.rows)) {
      expect(after.rows[table], table).toHaveLength(rows.length)
      const expected = rows.map((row) => {
        const { arxiv_id } = row as { arxiv_id?: string }
        const status = CORRECTED[arxiv_id ?? '']
        return status === undefined ? row : { ...(row as object), status }
      })
      expect(after.rows[table], table).toMatchObject(expected)
    }
    expect(status.executions).toEqual({
      pending: 2,
      prepping: 2,
      prepped: 4,
      analyzing: 2,
      analyzed: 2,
      wrapping: 1,
      done: 1,
      failed: 3,
    })
    expect(status.total).toBe(ROWS.length)
    expect(status.working.map(({ arxiv_id }) => arxiv_id)).toEqual([PREPPING_LIVE])
    expect(status.stuck.map(({ arxiv_id }) => arxiv_id).sort()).toEqual(
      [PREPPING_NO_LEASE, ANALYZING_EXPIRED, ANALYZING_RECENT, WRAPPING_EXPIRED].sort(),
    )
    expect(status.failures).toEqual([
      { error_class: 'unknown', count: 2 },
      { error_class: 'pdf_not_found', count: 1 },
    ])
    expect(status.budget).toMatchObject({ used: USED, limit: 1000, remaining: 1000 - USED })
    expect(await run(workspace, 'budget')).toMatchObject({ used: USED, cheap: 12, expensive: 5 })
    await run(workspace, 'reap', '--dry-run')
    expect(dump(fileOf(workspace))).toEqual(after)
  })

  it('counts what was spent today against the budget', async () => {
    const workspace = await earlierWorkspace(models, rowsOf(PREPPED))
    const end = await workspace.rpa(['analyze', '--json'], { RPA_BUDGET: String(USED) })
    expect(end.code).toBe(75)
    expect(models.requests).toEqual([])
    expect(workspace.statuses()).toEqual({ [PREPPED]: 'prepped' })
  })

  it('may be any command on the oldest files too', async () => {
    const rows = rowsOf(PENDING, PREPPING_NO_LEASE, PREPPED_OLDER, ANALYZING_EXPIRED, DONE, FAILED_PREP)
    const workspace = await earlierWorkspace(models, rows, true)
    const before = dump(fileOf(workspace))
    expect(await run(workspace, 'analyze', '--id', PREPPED_OLDER)).toMatchObject({ succeeded: 1 })
    const after = dump(fileOf(workspace))
    for (const [index, row] of before.rows['executions']!.entries()) {
      if ((row as { arxiv_id: string }).arxiv_id !== PREPPED_OLDER)
        expect(after.rows['executions']![index]).toMatchObject(row as object)
    }
    expect(workspace.statuses()[PREPPED_OLDER]).toBe('analyzed')
  })
})

describe('reap', () => {
  it('puts back what nobody works on, and leaves live leases and recent work alone', async () => {
    const workspace = await earlierWorkspace(models, ROWS)
    expect(await run(workspace, 'reap')).toMatchObject({
      released: { prepping: 1, analyzing: 1, wrapping: 1 },
    })
    expect(workspace.statuses()).toMatchObject({
      [PREPPING_NO_LEASE]: 'pending',
      [PREPPING_LIVE]: 'prepping',
      [ANALYZING_EXPIRED]: 'prepped',
      [ANALYZING_RECENT]: 'analyzing',
      [WRAPPING_EXPIRED]: 'analyzed',
      [DONE]: 'done',
    })
  })
})

describe('retry', () => {
  it('puts failed papers where their stored results let them go on', async () => {
    const workspace = await earlierWorkspace(models, [
      ...rowsOf(FAILED_WRAP, FAILED_ANALYZE, FAILED_PREP, DONE),
      { id: '2301.00021', status: 'failed', prep: OLDER_PREP, analysis: HALF_ANALYSIS },
      { id: '2301.00022', status: 'failed', prep: { ...PREP, paper_text: '' } },
      { id: '2301.00023', status: 'failed', prep: '{"key_outcome": "cut in the mid', analysis: ANALYSIS },
    ])
    expect(await run(workspace, 'retry', '--error-class', 'pdf_not_found')).toMatchObject({ retried: 1 })
    expect(await run(workspace, 'retry', '--all')).toMatchObject({ considered: 5, retried: 5, exhausted: 0 })
    expect(workspace.statuses()).toEqual({
      [FAILED_WRAP]: 'analyzed',
      [FAILED_ANALYZE]: 'prepped',
      [FAILED_PREP]: 'pending',
      [DONE]: 'done',
      '2301.00021': 'prepped',
      '2301.00022': 'pending',
      '2301.00023': 'pending',
    })
  })
})

describe('a file with long inline texts', () => {
  it('is taken over without rewriting them', async () => {
    const text = EARLIER_PAPER.repeat(80)
    const rows = Array.from({ length: 400 }, (_, index): EarlierRow => {
      const id = `2302.${String(index).padStart(5, '0')}`
      const statuses = ['prepped', 'analyzed', 'done', 'failed']
      return { id, status: statuses[index % 4]!, prep: { ...PREP, paper_text: text }, analysis: ANALYSIS }
    })
    const workspace = await earlierWorkspace(models, rows)
    const before = readFileSync(fileOf(workspace))
    expect(before.length).toBeGreaterThan(400 * 60_000)
    await run(workspace, 'status')
    expect(statSync(fileOf(workspace)).size).toBeLessThan(before.length * 1.03)
    const after = readFileSync(fileOf(workspace))
    let changed = 0
    for (let at = 0; at < before.length; at += 4096)
      if (before.compare(after, at, at + 4096, at, at + 4096) !== 0) changed += 1
    expect(changed).toBeLessThan(before.length / 4096 / 50)
    expect(workspace.statuses()).toEqual(Object.fromEntries(rows.map(({ id, status }) => [id, status])))
    expect(
      workspace.query(
        'select count(*) as n from executions where execution_id = ?',
        earlierExecutionId(rows[0]!.id),
      ),
    ).toEqual([{ n: 1 }])
  })
})
