import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BudgetReport } from '../../src/pipeline/overview/budget-report.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { answerWithout, startModels } from '../support/model-questions.js'
import type { PdfServer } from '../support/pdf-server.js'
import { startPdfServer } from '../support/pdf-server.js'
import { frontmatterOf, REQUIRED_HEADINGS, requiredHeadings } from '../support/reports.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

const LEAN = ['0000.00001', '0000.00002', '0000.00003']
const FULL = '0000.00007'
/** Its one answer lacks two sections. */
const REPAIRED = '0000.00002'
const PHASES = ['prep', 'analyze', 'wrap']

let models: ModelQuestions
let pdfs: PdfServer

beforeAll(async () => {
  ;[models, pdfs] = await Promise.all([startModels(), startPdfServer()])
})
afterAll(async () => {
  await Promise.all([models.close(), pdfs.close()])
  removeWorkspaces()
})

describe('papers of two pipelines', () => {
  let workspace: Workspace
  let before: BudgetReport
  let dry: string

  const writersOf = (id: string): string[] =>
    models.requests
      .filter(({ title }) => title === workspace.title(id))
      .map(({ writer, headings }) =>
        headings.includes('Next Checks') && headings.length > 8 ? 'whole_report' : writer,
      )
  const run = async (): Promise<void> => {
    for (const phase of PHASES) await workspace.phase([phase])
  }

  beforeAll(async () => {
    workspace = await makeLightWorkspace({ pdf_url: pdfs.template, pdf_dir: null })
    workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
    models.script((request) =>
      request.writer !== 'repair' && request.title === workspace.title(REPAIRED)
        ? { content: answerWithout(request, ['Method Summary', 'Confidence']) }
        : undefined,
    )
    await workspace.phase(['seed', '--pipeline', 'lean', ...LEAN])
    await workspace.seed(FULL)
    before = (await workspace.rpa(['budget', '--json'])).json<BudgetReport>()
    await run()
    dry = (await workspace.rpa(['retry', '--pipeline', 'full', '--id', LEAN[0]!, '--dry-run'])).stdout
  })

  it('ask one expensive request of a lean paper, at most one repair, and five of a full one', () => {
    const counts = Object.fromEntries([...LEAN, FULL].map((id) => [id, writersOf(id).sort()]))
    expect(counts).toEqual({
      ...Object.fromEntries(LEAN.map((id) => [id, ['whole_report']])),
      [REPAIRED]: ['repair', 'whole_report'],
      [FULL]: ['key_outcome', 'limits_confidence', 'open_questions', 'reproduction_notes', 'why_hypotheses'],
    })
    const ledger = workspace.query<{ pipeline: string; n: number; papers: number }>(
      `select pipeline, count(*) as n, count(distinct c.execution_id) as papers
       from llm_calls c join executions e using (execution_id) where counted = 1 group by pipeline order by 1`,
    )
    const perPaper = ledger.map(({ pipeline, n, papers }) => [pipeline, Number(n) / Number(papers)] as const)
    expect(perPaper).toEqual([
      ['full', 5],
      ['lean', 4 / 3],
    ])
    expect(
      workspace.query("select distinct role from llm_calls where state = 'ask' and machine = 'lean-analyze'"),
    ).toEqual([{ role: 'expensive' }])
  })

  it('have the same form of report', () => {
    for (const id of LEAN) expect(requiredHeadings(workspace.report(id))).toEqual(REQUIRED_HEADINGS)
    expect(frontmatterOf(workspace.report(LEAN[0]!))).toMatchObject({
      pipeline: 'lean',
      requests: { cheap: 0, expensive: 1 },
      models: { whole_report: expect.stringContaining('@stand-in') as unknown },
      quality: { complete: true },
    })
    expect(frontmatterOf(workspace.report(FULL))).toMatchObject({ pipeline: 'full' })
  })

  it('are forecast by the mix', () => {
    expect(before.forecast).toMatchObject({
      requests_needed: 8,
      pipelines: { full: { papers: 1 }, lean: { papers: 3 } },
    })
  })

  it('a lean report is upgraded: the text is kept, each question is asked once, the report stands until then', async () => {
    const [id] = LEAN as [string]
    expect(dry).toMatch(/would put back 1 of 1 papers/)
    const lean = workspace.report(id)
    const fetched = pdfs.asked.length
    models.reset()
    const end = await workspace.rpa(['retry', '--pipeline', 'full', '--id', id, '--json'])
    expect(end.json()).toMatchObject({ retried: 1, executions: [{ status: 'pending', pipeline: 'full' }] })
    // The first try fails behind the questions that were answered.
    models.script(({ writer }) =>
      writer === 'open_questions' ? { status: 451, body: { error: { message: 'no' } } } : undefined,
    )
    await workspace.phase(['prep'])
    await workspace.phase(['analyze'])
    expect(workspace.report(id)).toBe(lean)
    expect((await workspace.rpa(['report', 'list', '--json'])).stdout).toContain(id)
    models.script()
    await workspace.rpa(['retry', '--id', id])
    await workspace.phase(['analyze', '--now'])
    await workspace.phase(['wrap'])
    const asked = writersOf(id).sort()
    expect(asked.filter((writer) => writer !== 'open_questions')).toEqual([
      'key_outcome',
      'limits_confidence',
      'reproduction_notes',
      'why_hypotheses',
    ])
    expect(pdfs.asked.length).toBe(fetched)
    const full = frontmatterOf(workspace.report(id))
    expect(full).toMatchObject({ pipeline: 'full', requests: { expensive: expect.any(Number) as unknown } })
    expect(Object.keys(full['models'] as object)).not.toContain('whole_report')
    const [row] = workspace.query<{ expensive_output: string }>(
      'select expensive_output from executions where arxiv_id = ?',
      id,
    )
    expect(row!.expensive_output).toContain('whole_report')
  })

  it('stay in the full one where its questions were answered, and are left alone where nothing changes', async () => {
    const end = await workspace.rpa(['retry', '--pipeline', 'lean', '--id', FULL, LEAN[1]!, '--json'])
    expect(end.json()).toMatchObject({ retried: 0, not_failed: [{ arxiv_id: FULL }, { arxiv_id: LEAN[1] }] })
    expect((await workspace.rpa(['retry', '--all', '--pipeline', 'thin'])).code).toBe(2)
  })
})

it('a lean paper needs no model, and no key, before its one request', async () => {
  const workspace = await makeLightWorkspace({ pdf_url: pdfs.template, pdf_dir: null })
  await workspace.phase(['seed', '--pipeline', 'lean', LEAN[0]!])
  // No key: prep of a lean paper asks nobody.
  expect(await workspace.phase(['prep'])).toMatchObject({
    succeeded: 1,
    requests: { cheap: 0, expensive: 0 },
  })
  const offline = await workspace.phase(['analyze', '--profile', 'offline'])
  expect(offline).toMatchObject({ succeeded: 1 })
  expect(await workspace.phase(['wrap', '--profile', 'offline'])).toMatchObject({ succeeded: 1 })
  expect(requiredHeadings(workspace.report(LEAN[0]!))).toEqual(REQUIRED_HEADINGS)
})

describe('a pipeline for papers with a tag, or above a score', () => {
  let workspace: Workspace

  const pipelines = (): Record<string, string> =>
    Object.fromEntries(
      workspace
        .query<{ arxiv_id: string; pipeline: string }>('select arxiv_id, pipeline from executions')
        .map(({ arxiv_id: id, pipeline }) => [id, pipeline]),
    )
  const forecasts = async (): Promise<unknown[]> =>
    Promise.all(
      ['budget', 'status'].map(
        async (command) => (await workspace.rpa([command, '--json'])).json<BudgetReport>().forecast,
      ),
    )

  beforeAll(async () => {
    workspace = await makeLightWorkspace({ pdf_url: pdfs.template, pdf_dir: null })
    await workspace.phase(['seed', '--pipeline', 'lean', ...LEAN])
    const corpus = new BetterSqlite3(workspace.in('data', 'arxiv.sqlite'))
    corpus.exec(
      `create table if not exists paper_relevance (paper_id integer primary key, fmr_score real not null, priority_score real, scored_at text, fmr_2024 real);
       insert into paper_relevance (paper_id, fmr_score, scored_at) select id, 0.9, '' from papers where arxiv_id like '${LEAN[1]}%'`,
    )
    corpus.close()
  })

  it('is that of waiting papers at once, in the queue, the log and both forecasts', async () => {
    const retry = ['retry', '--pipeline', 'full', '--min-score', '0.8']
    expect((await workspace.rpa([...retry, '--dry-run'])).stdout).toMatch(/would put back 1 of 1 papers/)
    expect(new Set(Object.values(pipelines()))).toEqual(new Set(['lean']))
    expect((await workspace.rpa([...retry, '--json'])).json()).toMatchObject({ considered: 1, retried: 1 })
    expect(pipelines()).toEqual({ [LEAN[0]!]: 'lean', [LEAN[1]!]: 'full', [LEAN[2]!]: 'lean' })
    const [budget, status] = await forecasts()
    expect(budget).toMatchObject({
      requests_needed: 7,
      pipelines: { full: { papers: 1 }, lean: { papers: 2 } },
    })
    expect(status).toEqual(budget)
    const list = (await workspace.rpa(['queue', 'list'])).stdout
    expect(list).toMatch(new RegExp(`${LEAN[1]} +pending +full`))
    expect(list).toMatch(new RegExp(`${LEAN[0]} +pending +lean`))
    expect((await workspace.rpa(['log', LEAN[0]!])).stdout).toMatch(/^pending, lean pipeline$/m)
    expect((await workspace.rpa(['log', LEAN[1]!, '--json'])).json()).toMatchObject({ pipeline: 'full' })
  })

  it('is that of papers whose report has the tag, in whatever form', async () => {
    for (const phase of PHASES) await workspace.phase([phase, '--profile', 'offline'])
    const { tags } = frontmatterOf(workspace.report(LEAN[0]!))
    const others = frontmatterOf(workspace.report(LEAN[2]!))['tags'] as string[]
    const own = (tags as string[]).find((tag) => !others.includes(tag))!
    const retry = ['retry', '--pipeline', 'full', '--tag', `${own.toUpperCase()}s`]
    expect((await workspace.rpa([...retry, '--json'])).json()).toMatchObject({
      considered: 1,
      executions: [{ arxiv_id: LEAN[0], pipeline: 'full', status: 'pending' }],
    })
    expect((await workspace.rpa(retry)).stdout).toMatch(/^no paper of another pipeline fits/)
    expect((await workspace.rpa(['retry', '--tag', own])).code).toBe(2)
  })
})
