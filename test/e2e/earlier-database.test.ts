import { readFileSync, statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { utcDay } from '../../src/core/clock.js'
import type { StatusReport } from '../../src/pipeline/status.js'
import { dump } from '../support/database.js'
import {
  EARLIER_KEY_OUTCOME,
  EARLIER_LIMITS,
  EARLIER_PAPER,
  EARLIER_PLAIN_REPRODUCTION,
  EARLIER_PLAIN_WHY,
  EARLIER_QUESTIONS,
  EARLIER_REPORT,
  EARLIER_REPRODUCTION,
  EARLIER_WHY,
} from '../support/earlier-texts.js'
import type { EarlierRow } from '../support/earlier-tool.js'
import { earlierExecutionId, writeEarlierFile } from '../support/earlier-tool.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { answerWithout, startModels } from '../support/model-questions.js'
import { frontmatterOf, reportHeadings } from '../support/reports.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

const PENDING = '2301.00001'
const PREPPING_NO_LEASE = '2301.00002'
const PREPPING_LIVE = '2301.00003'
const PREPPED = '2301.00004'
/** Text under its older name, no page marks, longer than models take. */
const PREPPED_OLDER = '2301.00005'
const ANALYZING_EXPIRED = '2301.00006'
const ANALYZING_RECENT = '2301.00007'
const ANALYZED = '2301.00008'
/** Says analyzed, holds nulls. */
const NULLS = '2301.00009'
const WRAPPING_EXPIRED = '2301.00010'
const DONE = '2301.00011'
const FAILED_WRAP = '2301.00012'
const FAILED_ANALYZE = '2301.00013'
const FAILED_PREP = '2301.00014'
/** Its writers wrote plain words. */
const PLAIN = '2301.00015'
const LOST_PREP = '2301.00016'
const WRAPPING_NULLS = '2301.00017'

const NOW = Math.floor(Date.now() / 1000)
const HOURS = 3600

const PREP = {
  key_outcome: EARLIER_KEY_OUTCOME,
  paper_text: EARLIER_PAPER,
  reference_count: 1,
  corpus_signals: {
    status: 'ok',
    neighbor_query: '"routing" OR "attention"',
    avg_neighbor_fmr: 0.5512,
    avg_neighbor_citations: 12.5,
    max_neighbor_author_h_index: 41,
    summary: 'Found 1 related papers.',
  },
  corpus_neighbors: [
    { paper_id: 7, arxiv_id: '2201.00007', title: 'Sparse Attention, Again', abstract: 'A', fmr_score: 0.5 },
  ],
}
const OLDER_PREP = {
  key_outcome: EARLIER_KEY_OUTCOME,
  section_text: `${EARLIER_PAPER.replace(/\[PAGE \d+\]\n/g, '')}\n${'Appendix. '.repeat(12_000)}\nTHE VERY END`,
  reference_count: 0,
  corpus_signals: null,
  corpus_neighbors: [],
}
const ANALYSIS = {
  why_hypotheses: EARLIER_WHY,
  reproduction_notes: EARLIER_REPRODUCTION,
  open_questions: EARLIER_QUESTIONS,
}
const HALF_ANALYSIS = { ...ANALYSIS, reproduction_notes: null }

const ROWS: readonly EarlierRow[] = [
  { id: PENDING, status: 'pending', priority: 0.5731 },
  { id: PREPPING_NO_LEASE, status: 'prepping', priority: -1 },
  { id: PREPPING_LIVE, status: 'prepping', lease_until: NOW + 5 * HOURS },
  { id: PREPPED, status: 'prepped', prep: PREP, priority: 0.9 },
  { id: PREPPED_OLDER, status: 'prepped', prep: OLDER_PREP, priority: 0.8 },
  {
    id: ANALYZING_EXPIRED,
    status: 'analyzing',
    prep: PREP,
    lease_until: NOW - 5 * HOURS,
    snapshot: {
      machine: 'expensive-pipeline',
      event: 'state_enter',
      state: 'parallel_expensive_writers',
      context: { why_hypotheses: null, title: 'Routing für Paper' },
    },
  },
  { id: ANALYZING_RECENT, status: 'analyzing', prep: PREP, updated_at: new Date().toISOString() },
  { id: ANALYZED, status: 'analyzed', prep: PREP, analysis: ANALYSIS },
  { id: NULLS, status: 'analyzed', prep: PREP, analysis: HALF_ANALYSIS },
  {
    id: WRAPPING_EXPIRED,
    status: 'wrapping',
    prep: PREP,
    analysis: ANALYSIS,
    lease_until: NOW - 5 * HOURS,
    snapshot: {
      machine: 'wrap-pipeline',
      event: 'state_exit',
      state: 'write_limits_confidence',
      context: { limits_confidence: EARLIER_LIMITS, report_body: null, repair_attempted: false },
    },
  },
  { id: DONE, status: 'done', prep: PREP, analysis: HALF_ANALYSIS, result_path: '/srv/rpa/data/report.md' },
  {
    id: FAILED_WRAP,
    status: 'failed',
    prep: PREP,
    analysis: { ...ANALYSIS, why_hypotheses: EARLIER_PLAIN_WHY },
    error: 'unknown error',
    snapshot: {
      machine: 'wrap-pipeline',
      event: 'machine_end',
      state: 'failed',
      context: {
        limits_confidence: EARLIER_LIMITS,
        report_body: EARLIER_REPORT,
        judge_decision_raw: 'REPAIR',
        judge_decision: 'REPAIR',
        repair_attempted: true,
        last_error: 'unknown error',
      },
    },
  },
  { id: FAILED_ANALYZE, status: 'failed', prep: PREP, error: 'TimeoutError: the model did not answer' },
  { id: FAILED_PREP, status: 'failed', error: 'pdf_404: HTTPStatusError status=404' },
  {
    id: PLAIN,
    status: 'analyzed',
    prep: PREP,
    analysis: {
      ...ANALYSIS,
      why_hypotheses: EARLIER_PLAIN_WHY,
      reproduction_notes: EARLIER_PLAIN_REPRODUCTION,
    },
  },
  { id: LOST_PREP, status: 'prepped' },
  { id: WRAPPING_NULLS, status: 'wrapping', prep: PREP, analysis: '{"why_hypotheses": null' },
]
/** Rows whose status the migration corrects. */
const CORRECTED: Record<string, string> = {
  [NULLS]: 'prepped',
  [WRAPPING_NULLS]: 'prepped',
  [LOST_PREP]: 'pending',
}

/** Today, whichever day it is when the command runs. */
const TODAY = [utcDay(Date.now()), utcDay(Date.now() + 24 * HOURS * 1000)]
const USAGE = { '2026-03-03': [30, 10], [TODAY[0]!]: [12, 5], [TODAY[1]!]: [12, 5] } satisfies Record<
  string,
  [number, number]
>
const USED = 17

let models: ModelQuestions
beforeAll(async () => {
  models = await startModels()
})
afterEach(() => models.reset())
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

async function workspaceWith(rows: readonly EarlierRow[], older = false): Promise<Workspace> {
  const workspace = await makeWorkspace()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  writeEarlierFile(fileOf(workspace), { rows, usage: USAGE, older })
  return workspace
}

const only = (...ids: string[]): EarlierRow[] => ROWS.filter(({ id }) => ids.includes(id))

function fileOf(workspace: Workspace): string {
  return workspace.in('data', 'executions.sqlite')
}

async function run<T = Record<string, unknown>>(workspace: Workspace, ...args: string[]): Promise<T> {
  const end = await workspace.rpa([...args, '--json'])
  expect(end, end.stderr).toMatchObject({ code: 0, stderr: '' })
  return end.json<T>()
}

function writersOf(id: string): string[] {
  return models.requests
    .filter(({ title }) => title.endsWith(id))
    .map(({ writer }) => writer)
    .sort()
}

describe('the first command on a file of the earlier tool', () => {
  it('takes it over in place, and the next one changes nothing', async () => {
    const workspace = await workspaceWith(ROWS)
    const before = dump(fileOf(workspace))
    const status = await run<StatusReport>(workspace, 'status')
    const after = dump(fileOf(workspace))
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
    const workspace = await workspaceWith(only(PREPPED))
    const end = await workspace.rpa(['analyze', '--json'], { RPA_BUDGET: String(USED) })
    expect(end.code).toBe(75)
    expect(models.requests).toEqual([])
    expect(workspace.statuses()).toEqual({ [PREPPED]: 'prepped' })
  })

  it('may be any command on the oldest files too', async () => {
    const rows = only(PENDING, PREPPING_NO_LEASE, PREPPED_OLDER, ANALYZING_EXPIRED, DONE, FAILED_PREP)
    const workspace = await workspaceWith(rows, true)
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
    const workspace = await workspaceWith(ROWS)
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
    const workspace = await workspaceWith([
      ...only(FAILED_WRAP, FAILED_ANALYZE, FAILED_PREP, DONE),
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

describe('analyze', () => {
  it('goes on from the old texts, and takes no row whose analysis is whole or whose text is gone', async () => {
    const workspace = await workspaceWith([
      ...only(PREPPED, PREPPED_OLDER, ANALYZING_EXPIRED, ANALYZED, NULLS, DONE, LOST_PREP),
      { id: '2301.00022', status: 'prepped', prep: { ...PREP, paper_text: '' } },
    ])
    const result = await run(workspace, 'analyze')
    expect(result).toMatchObject({ claimed: 5, succeeded: 4, failed: 1, resumed: 1 })
    const three = ['open_questions', 'reproduction_notes', 'why_hypotheses']
    for (const id of [PREPPED, PREPPED_OLDER, ANALYZING_EXPIRED, NULLS])
      expect(writersOf(id), id).toEqual(three)
    expect(models.requests).toHaveLength(12)
    expect(workspace.statuses()).toEqual({
      [PREPPED]: 'analyzed',
      [PREPPED_OLDER]: 'analyzed',
      [ANALYZING_EXPIRED]: 'analyzed',
      [ANALYZED]: 'analyzed',
      [NULLS]: 'analyzed',
      [DONE]: 'done',
      [LOST_PREP]: 'pending',
      '2301.00022': 'failed',
    })
    expect(workspace.query("select error_class from executions where status = 'failed'")).toEqual([
      { error_class: 'paper_text_missing' },
    ])
    expect(await run(workspace, 'budget')).toMatchObject({ used: USED + 12, cheap: 12, expensive: 17 })

    const prompts = (id: string): string[] =>
      models.requests.filter(({ title }) => title.endsWith(id)).map(({ call }) => call.prompt)
    for (const prompt of prompts(PREPPED)) {
      expect(prompt).toContain('[p. 2]\n2 Method\nKeys are split into blocks of 128 tokens')
      expect(prompt).not.toContain('[PAGE')
    }
    for (const prompt of prompts(PREPPED_OLDER)) {
      expect(prompt).toContain('Keys are split into blocks of 128 tokens')
      expect(prompt).toContain('the rest of the paper is left out')
      expect(prompt).not.toContain('THE VERY END')
      expect(prompt.length).toBeLessThan(100_000)
    }
    const [prep] = workspace.query<{ prep_output: string }>(
      'select prep_output from executions where arxiv_id = ?',
      PREPPED_OLDER,
    )
    expect(JSON.parse(prep!.prep_output)).toEqual(OLDER_PREP)
  })
})

/** Sections that the report of a paper takes from the earlier tool's texts. */
const FROM_EARLIER = {
  'Executive Summary': 'The paper addresses the quadratic cost of attention',
  'Method Summary': 'Minimum viable reproduction plan',
  'Key Results': '- It keeps 97.1% of the accuracy of dense attention at 64k tokens.',
  'Why This Works (Mechanism)': 'Few blocks hold most of the attention mass',
  'Foundational Learning': 'Block-sparse attention',
  'Architecture Onboarding': 'keys -> blocks -> router -> attention',
  'Open Questions the Paper Calls Out': 'Does routing survive fine-tuning',
}
const FROM_LIMITS = {
  Limitations: 'No variance over random seeds is reported.',
  Confidence: 'Accuracy: Medium, one benchmark only.',
  'Next Checks': 'Repeat the main table with five seeds.',
}

function sectionOf(report: string, heading: string): string {
  const from = report.indexOf(`\n## ${heading}\n`)
  const to = report.indexOf('\n## ', from + 1)
  return from < 0 ? '' : report.slice(from, to < 0 ? undefined : to)
}

function expectSections(report: string, texts: Record<string, string>): void {
  expect(reportHeadings(report)).toHaveLength(11)
  for (const [heading, text] of Object.entries(texts)) expect(sectionOf(report, heading)).toContain(text)
}

describe('wrap', () => {
  it('makes a report of the old answers with one request for what they lack: limits and confidence', async () => {
    const workspace = await workspaceWith(only(ANALYZED))
    expect(await run(workspace, 'wrap')).toMatchObject({
      succeeded: 1,
      requests: { cheap: 1, expensive: 0 },
    })
    expect(models.requests.map(({ writer }) => writer)).toEqual(['limits_confidence'])
    const report = workspace.report(ANALYZED)
    expectSections(report, FROM_EARLIER)
    expectSections(report, { 'Quick Facts': 'Sparse Attention, Again (2201.00007)', Limitations: '- ' })
    expect(sectionOf(report, 'Quick Facts')).toContain('mean relevance score 0.55')
    const frontmatter = frontmatterOf(report)
    expect(frontmatter).toMatchObject({
      core_contribution: 'The paper addresses the quadratic cost of attention over long inputs.',
      paper: { pages: 3, references: 1, text_cut: false },
      quality: { complete: true, repaired: false, incomplete: [] },
      requests: { cheap: 1, expensive: 0 },
    })
    expect(JSON.stringify(frontmatter)).not.toContain('[PAGE')
  })

  it('asks for all that plain words leave out in one repair, and for nothing else', async () => {
    const workspace = await workspaceWith(only(PLAIN))
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1, requests: { cheap: 2 } })
    expect(writersOf(PLAIN)).toEqual(['limits_confidence', 'repair'])
    expect(models.requests.at(-1)!.headings).toEqual(['Foundational Learning', 'Architecture Onboarding'])
    expectSections(workspace.report(PLAIN), {
      'Why This Works (Mechanism)': EARLIER_PLAIN_WHY,
      'Method Summary': EARLIER_PLAIN_REPRODUCTION,
    })
  })

  it('gives up after one repair that did not help, keeps what was paid for, and needs one more at the next try', async () => {
    const workspace = await workspaceWith(only(PLAIN))
    models.script((question) =>
      question.writer === 'repair'
        ? { content: answerWithout(question, ['Architecture Onboarding']) }
        : undefined,
    )
    expect(await run(workspace, 'wrap')).toMatchObject({ failed: 1, requests: { cheap: 2 } })
    expect(workspace.query('select status, error_class from executions')).toEqual([
      { status: 'failed', error_class: 'incomplete_report' },
    ])
    models.reset()
    await run(workspace, 'retry', '--all')
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1, requests: { cheap: 1 } })
    expect(models.requests.map(({ writer, headings }) => ({ writer, headings }))).toEqual([
      { writer: 'repair', headings: ['Architecture Onboarding'] },
    ])
  })

  it('continues an interrupted wrap without asking again for its limits and confidence', async () => {
    const workspace = await workspaceWith(only(WRAPPING_EXPIRED))
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1, resumed: 1 })
    expect(models.requests).toEqual([])
    expectSections(workspace.report(WRAPPING_EXPIRED), { ...FROM_EARLIER, ...FROM_LIMITS })
  })

  it('uses the answers and the report of a failed wrap before it asks for anything', async () => {
    const workspace = await workspaceWith(only(FAILED_WRAP))
    await run(workspace, 'retry', '--all')
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1, failed: 0 })
    expect(models.requests).toEqual([])
    expectSections(workspace.report(FAILED_WRAP), {
      'Executive Summary': 'Assembled: the router makes attention over long inputs cheap',
      'Foundational Learning': 'Assembled: block-sparse attention',
      'Architecture Onboarding': 'Minimum viable reproduction plan',
      'Open Questions the Paper Calls Out': 'Does routing survive fine-tuning',
      ...FROM_LIMITS,
    })
  })

  it('asks one repair for what neither answers nor report of a failed wrap hold', async () => {
    const [failed] = only(FAILED_WRAP)
    const context = {
      ...failed!.snapshot!.context,
      limits_confidence: EARLIER_LIMITS.split('**Next')[0],
      report_body: EARLIER_REPORT.replace('## Foundational Learning', '### More'),
    }
    const workspace = await workspaceWith([
      { ...failed!, status: 'analyzed', snapshot: { ...failed!.snapshot!, context } },
    ])
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1, requests: { cheap: 1 } })
    expect(models.requests.map(({ writer, headings }) => ({ writer, headings }))).toEqual([
      { writer: 'repair', headings: ['Foundational Learning', 'Next Checks'] },
    ])
  })

  it('takes no row for analyzed whose answers are nulls, even if it was stored so later', async () => {
    const workspace = await workspaceWith(only(ANALYZED))
    await run(workspace, 'status')
    workspace.change('update executions set expensive_output = ?', JSON.stringify(HALF_ANALYSIS))
    expect(await run(workspace, 'wrap')).toMatchObject({ failed: 1 })
    expect(models.requests).toEqual([])
    expect(workspace.query('select error_class from executions')).toEqual([
      { error_class: 'analysis_missing' },
    ])
    await run(workspace, 'retry', '--all')
    expect(workspace.statuses()).toEqual({ [ANALYZED]: 'prepped' })
  })

  it('asks for limits and confidence where a failed wrap left an empty text', async () => {
    const [interrupted] = only(WRAPPING_EXPIRED)
    const snapshot = { ...interrupted!.snapshot!, context: { limits_confidence: '', report_body: '' } }
    const workspace = await workspaceWith([{ ...interrupted!, snapshot }])
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1 })
    expect(models.requests.map(({ writer }) => writer)).toEqual(['limits_confidence'])
  })
})

describe('the whole file', () => {
  it('goes through analyze and wrap with three and one requests a paper, repairs apart', async () => {
    const workspace = await workspaceWith(ROWS)
    await run(workspace, 'reap')
    await run(workspace, 'retry', '--id', FAILED_WRAP, '--id', FAILED_ANALYZE)
    const analyzed = [PREPPED, PREPPED_OLDER, ANALYZING_EXPIRED, NULLS, WRAPPING_NULLS, FAILED_ANALYZE]
    expect(await run(workspace, 'analyze')).toMatchObject({ succeeded: 6, failed: 0 })
    expect(models.requests).toHaveLength(18)
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 10, failed: 0 })
    expect(models.requests).toHaveLength(18 + 6 + 1 + 2)
    const five = ['limits_confidence', 'open_questions', 'reproduction_notes', 'why_hypotheses']
    for (const id of analyzed) expect(writersOf(id), id).toEqual(five)
    const left: Record<string, string> = {
      [PENDING]: 'pending',
      [PREPPING_NO_LEASE]: 'pending',
      [PREPPING_LIVE]: 'prepping',
      [ANALYZING_RECENT]: 'analyzing',
      [FAILED_PREP]: 'failed',
      [LOST_PREP]: 'pending',
    }
    const expected = ROWS.map(({ id }) => [id, left[id] ?? 'done'])
    expect(workspace.statuses()).toEqual(Object.fromEntries(expected))
    expect(
      workspace.query('select result_path, updated_at from executions where arxiv_id = ?', DONE),
    ).toEqual([{ result_path: '/srv/rpa/data/report.md', updated_at: '2026-03-04T08:00:00.123456+00:00' }])
    expect(workspace.reports()).toHaveLength(10)
    expect(workspace.integrity()).toBe('ok')
  })

  it('goes through them offline, too', async () => {
    const workspace = await workspaceWith(ROWS)
    workspace.env = { RPA_PROFILE: 'offline' }
    await run(workspace, 'reap')
    expect(await run(workspace, 'analyze')).toMatchObject({ succeeded: 5, failed: 0 })
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 8, failed: 0 })
    expect(models.requests).toEqual([])
    expect(await run(workspace, 'budget')).toMatchObject({ used: USED })
    expectSections(workspace.report(ANALYZED), FROM_EARLIER)
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
    const workspace = await workspaceWith(rows)
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
