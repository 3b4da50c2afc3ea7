import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ended } from '../support/cli.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { answerWithout, startModels } from '../support/model-questions.js'
import type { PdfServer } from '../support/pdf-server.js'
import { startPdfServer } from '../support/pdf-server.js'
import { frontmatterOf, REQUIRED_HEADINGS, requiredHeadings } from '../support/reports.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

const CHEAP = 'nvidia/nemotron-3-super-120b-a12b:free'
const EXPENSIVE = 'nvidia/nemotron-3-ultra-550b-a55b:free'
const PAPERS = ['0000.00001', '0000.00002', '0000.00003']
/** Its answers lack two sections of two writers. */
const REPAIRED = '0000.00002'
const FORGOTTEN = ['Method Summary', 'Confidence']

let models: ModelQuestions
let pdfs: PdfServer

beforeAll(async () => {
  ;[models, pdfs] = await Promise.all([startModels(), startPdfServer()])
})
afterAll(async () => {
  await Promise.all([models.close(), pdfs.close()])
  removeWorkspaces()
})

async function workspaceWithModel(): Promise<Workspace> {
  const workspace = await makeWorkspace({ pdf_url: pdfs.template, pdf_dir: null })
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  return workspace
}

describe('with a model and PDFs from the network', () => {
  let workspace: Workspace
  const ended: Record<string, Ended> = {}

  beforeAll(async () => {
    workspace = await workspaceWithModel()
    pdfs.answer('0000.00003', 'redirect')
    models.script((request) =>
      request.writer !== 'repair' && request.title.startsWith('A Budget Is a Ledger')
        ? { content: answerWithout(request, FORGOTTEN), completion: { model: `${request.model}@stand-in` } }
        : undefined,
    )
    await workspace.seed(...PAPERS)
    for (const phase of ['prep', 'analyze', 'wrap']) {
      ended[phase] = await workspace.rpa([phase, '--json', '--debug'])
    }
    ended['budget --json'] = await workspace.rpa(['budget', '--json'])
    ended['budget --remaining'] = await workspace.rpa(['budget', '--remaining'])
    ended['budget'] = await workspace.rpa(['budget'])
    ended['status --json'] = await workspace.rpa(['status', '--json'])
    ended['status'] = await workspace.rpa(['status'])
  })

  it('finishes every paper', () => {
    for (const phase of ['prep', 'analyze', 'wrap']) {
      expect(ended[phase]!.code, ended[phase]!.stderr).toBe(0)
      expect(ended[phase]!.json()).toMatchObject({ claimed: 3, succeeded: 3, failed: 0, released: 0 })
    }
    expect(workspace.reports()).toHaveLength(3)
    expect(pdfs.asked.sort()).toEqual(PAPERS)
  })

  it('sends five requests a paper, and a sixth for all missing sections of one together', () => {
    const writersOf = (id: string): string[] =>
      models.requests
        .filter(({ title }) => title === workspace.title(id))
        .map(({ writer }) => writer)
        .sort()
    const counts = PAPERS.map(writersOf)
    const five = [
      'key_outcome',
      'limits_confidence',
      'open_questions',
      'reproduction_notes',
      'why_hypotheses',
    ]
    expect(counts).toEqual([five, [...five, 'repair'].sort(), five])
    const [repair, ...more] = models.requests.filter((request) => request.writer === 'repair')
    expect(more).toEqual([])
    expect(repair!.headings).toEqual(FORGOTTEN)
    const { requests } = ended['wrap']!.json<{ requests: unknown }>()
    expect(requests).toEqual({ cheap: 4, expensive: 0 })
  })

  it('books each request the server saw, once', () => {
    const rows = workspace.query<{
      model: string
      role: string
      outcome: string
      counted: number
      status_code: number
    }>('select * from llm_calls')
    expect(rows).toHaveLength(models.requests.length)
    expect(rows).toHaveLength(16)
    for (const row of rows)
      expect(row).toMatchObject({
        outcome: 'ok',
        counted: 1,
        status_code: 200,
        prompt_tokens: expect.any(Number) as number,
        completion_tokens: expect.any(Number) as number,
      })
    expect(rows.filter((row) => row.role === 'cheap').map((row) => row.model)).toEqual(
      Array(7).fill(`${CHEAP}@stand-in`),
    )
    expect(rows.filter((row) => row.role === 'expensive').map((row) => row.model)).toEqual(
      Array(9).fill(`${EXPENSIVE}@stand-in`),
    )
    expect(workspace.query('select total_calls, cheap_calls, expensive_calls from daily_usage')).toEqual([
      { total_calls: 16, cheap_calls: 7, expensive_calls: 9 },
    ])
  })

  it('names in each report the models that really answered, and its requests', () => {
    for (const id of PAPERS) {
      const report = workspace.report(id)
      const head = frontmatterOf(report)
      const repaired = id === REPAIRED
      expect(head).toMatchObject({
        arxiv_id: id,
        offline: false,
        requests: { cheap: repaired ? 3 : 2, expensive: 3 },
        models: {
          key_outcome: `${CHEAP}@stand-in`,
          why_hypotheses: `${EXPENSIVE}@stand-in`,
          reproduction_notes: `${EXPENSIVE}@stand-in`,
          open_questions: `${EXPENSIVE}@stand-in`,
          limits_confidence: `${CHEAP}@stand-in`,
          ...(repaired ? { repair: `${CHEAP}@stand-in` } : {}),
        },
        quality: { complete: true, repaired },
        paper: { pdf_source: 'download' },
      })
      expect(report).not.toMatch(/made offline/i)
      expect(requiredHeadings(report)).toEqual(REQUIRED_HEADINGS)
    }
  })

  it('sends the key to the server, and leaves it nowhere else', () => {
    expect(new Set(models.requests.map((request) => request.authorization))).toEqual(
      new Set([`Bearer ${KEY}`]),
    )
    for (const { path, bytes } of workspace.files()) expect(bytes.includes(KEY), path).toBe(false)
    for (const [name, { stdout, stderr }] of Object.entries(ended)) {
      expect(stdout + stderr, name).not.toContain(KEY)
    }
    for (const { call } of models.requests) expect(JSON.stringify(call.body)).not.toContain(KEY)
  })

  it('accounts for the day exactly', () => {
    const budget = ended['budget --json']!.json()
    expect(Object.keys(budget)).toEqual(
      expect.arrayContaining([
        'date',
        'limit',
        'used',
        'remaining',
        'cheap',
        'expensive',
        'resets_at',
        'by_phase',
        'by_model',
        'requests_per_paper',
        'circuits',
      ]),
    )
    expect(budget).toMatchObject({
      limit: 1000,
      used: 16,
      remaining: 984,
      cheap: 7,
      expensive: 9,
      requests_per_paper: 5.33,
      circuits: [],
      by_phase: {
        prep: { requests: 3, ok: 3, failed: 0 },
        analyze: { requests: 9, ok: 9 },
        wrap: { requests: 4, ok: 4 },
      },
      by_model: { [`${CHEAP}@stand-in`]: { requests: 7 }, [`${EXPENSIVE}@stand-in`]: { requests: 9 } },
    })
    expect(ended['budget --remaining']).toMatchObject({ code: 0, stdout: '984\n', stderr: '' })
    expect(ended['budget']!.stdout).toContain('16 requests of 1000, 984 left')
  })

  it('tells where everything stands', () => {
    expect(ended['status --json']!.json()).toMatchObject({
      executions: {
        pending: 0,
        prepping: 0,
        prepped: 0,
        analyzing: 0,
        analyzed: 0,
        wrapping: 0,
        done: 3,
        failed: 0,
      },
      total: 3,
      working: [],
      stuck: [],
      in_flight: [],
      failures: [],
      budget: { limit: 1000, used: 16, remaining: 984 },
    })
    expect(ended['status']!.stdout).toMatch(/done\s+3\n/)
  })
})

describe('a report whose parts were made differently', () => {
  it('says in its body and frontmatter which sections no model wrote', async () => {
    models.reset()
    const workspace = await makeWorkspace()
    workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
    await workspace.seed('0000.00001')
    await workspace.phase(['prep'])
    await workspace.phase(['analyze', '--profile', 'offline'])
    await workspace.phase(['wrap'])

    expect(models.requests.map((request) => request.writer)).toEqual(['key_outcome', 'limits_confidence'])
    const report = workspace.report('0000.00001')
    expect(frontmatterOf(report)).toMatchObject({ offline: 'partial', requests: { cheap: 2, expensive: 0 } })
    const note = /^> Mixed: made offline.*$/m.exec(report)?.[0]
    expect(note).toContain('Why This Works (Mechanism)')
    expect(note).toContain('Open Questions the Paper Calls Out')
    expect(note).not.toContain('Executive Summary')
    expect(note).not.toContain('Limitations')
  })
})
