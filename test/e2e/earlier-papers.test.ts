import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  PENDING,
  PREPPING_NO_LEASE,
  PREPPING_LIVE,
  PREPPED,
  PREPPED_OLDER,
  ANALYZING_EXPIRED,
  ANALYZING_RECENT,
  ANALYZED,
  NULLS,
  WRAPPING_EXPIRED,
  DONE,
  FAILED_WRAP,
  FAILED_ANALYZE,
  FAILED_PREP,
  PLAIN,
  LOST_PREP,
  WRAPPING_NULLS,
  PREP,
  OLDER_PREP,
  HALF_ANALYSIS,
  ROWS,
  USED,
  earlierWorkspace,
  rowsOf,
  run,
} from '../support/earlier-papers.js'
import {
  EARLIER_LIMITS,
  EARLIER_PLAIN_REPRODUCTION,
  EARLIER_PLAIN_WHY,
  EARLIER_REPORT,
} from '../support/earlier-texts.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { answerWithout, startModels } from '../support/model-questions.js'
import { frontmatterOf, REQUIRED_HEADINGS, requiredHeadings } from '../support/reports.js'
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

function writersOf(id: string): string[] {
  return models.requests
    .filter(({ title }) => title.endsWith(id))
    .map(({ writer }) => writer)
    .sort()
}

describe('analyze', () => {
  it('goes on from the old texts, and takes no row whose analysis is whole or whose text is gone', async () => {
    const workspace = await earlierWorkspace(models, [
      ...rowsOf(PREPPED, PREPPED_OLDER, ANALYZING_EXPIRED, ANALYZED, NULLS, DONE, LOST_PREP),
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
      expect(prompt).toContain('THE VERY END')
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
  expect(requiredHeadings(report)).toEqual(REQUIRED_HEADINGS)
  for (const [heading, text] of Object.entries(texts)) expect(sectionOf(report, heading)).toContain(text)
}

describe('wrap', () => {
  it('makes a report of the old answers with one request for what they lack: limits and confidence', async () => {
    const workspace = await earlierWorkspace(models, rowsOf(ANALYZED))
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
    const workspace = await earlierWorkspace(models, rowsOf(PLAIN))
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1, requests: { cheap: 2 } })
    expect(writersOf(PLAIN)).toEqual(['limits_confidence', 'repair'])
    expect(models.requests.at(-1)!.headings).toEqual(['Foundational Learning', 'Architecture Onboarding'])
    expectSections(workspace.report(PLAIN), {
      'Why This Works (Mechanism)': EARLIER_PLAIN_WHY,
      'Method Summary': EARLIER_PLAIN_REPRODUCTION,
    })
  })

  it('gives up after one repair that did not help, keeps what was paid for, and needs one more at the next try', async () => {
    const workspace = await earlierWorkspace(models, rowsOf(PLAIN))
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
    const workspace = await earlierWorkspace(models, rowsOf(WRAPPING_EXPIRED))
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1, resumed: 1 })
    expect(models.requests).toEqual([])
    expectSections(workspace.report(WRAPPING_EXPIRED), { ...FROM_EARLIER, ...FROM_LIMITS })
  })

  it('uses the answers and the report of a failed wrap before it asks for anything', async () => {
    const workspace = await earlierWorkspace(models, rowsOf(FAILED_WRAP))
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
    const [failed] = rowsOf(FAILED_WRAP)
    const context = {
      ...failed!.snapshot!.context,
      limits_confidence: EARLIER_LIMITS.split('**Next')[0],
      report_body: EARLIER_REPORT.replace('## Foundational Learning', '### More'),
    }
    const workspace = await earlierWorkspace(models, [
      { ...failed!, status: 'analyzed', snapshot: { ...failed!.snapshot!, context } },
    ])
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1, requests: { cheap: 1 } })
    expect(models.requests.map(({ writer, headings }) => ({ writer, headings }))).toEqual([
      { writer: 'repair', headings: ['Foundational Learning', 'Next Checks'] },
    ])
  })

  it('takes no row for analyzed whose answers are nulls, even if it was stored so later', async () => {
    const workspace = await earlierWorkspace(models, rowsOf(ANALYZED))
    await run(workspace, 'reap')
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
    const [interrupted] = rowsOf(WRAPPING_EXPIRED)
    const snapshot = { ...interrupted!.snapshot!, context: { limits_confidence: '', report_body: '' } }
    const workspace = await earlierWorkspace(models, [{ ...interrupted!, snapshot }])
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 1 })
    expect(models.requests.map(({ writer }) => writer)).toEqual(['limits_confidence'])
  })
})

describe('the whole file', () => {
  it('goes through analyze and wrap with three and one requests a paper, repairs apart', async () => {
    const workspace = await earlierWorkspace(models, ROWS)
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
    const workspace = await earlierWorkspace(models, ROWS)
    workspace.env = { RPA_PROFILE: 'offline' }
    await run(workspace, 'reap')
    expect(await run(workspace, 'analyze')).toMatchObject({ succeeded: 5, failed: 0 })
    expect(await run(workspace, 'wrap')).toMatchObject({ succeeded: 8, failed: 0 })
    expect(models.requests).toEqual([])
    expect(await run(workspace, 'budget')).toMatchObject({ used: USED })
    expectSections(workspace.report(ANALYZED), FROM_EARLIER)
  })
})
