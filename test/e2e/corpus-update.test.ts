import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { startArxivServer, type ArxivServer } from '../support/arxiv-server.js'
import type { FakePaper } from '../support/arxiv-wire.js'
import { addCrawledPaper, makeCrawlerCorpus } from '../support/corpus.js'
import { startPdfServer, type PdfServer } from '../support/pdf-server.js'
import { removeWorkspaces, Workspace } from '../support/workspace.js'

let arxiv: ArxivServer
let pdfs: PdfServer
let workspace: Workspace

function paper(n: number, changes: Partial<FakePaper> = {}): FakePaper {
  return {
    id: `2401.${10_000 + n}`,
    title: `Paper ${n}`,
    abstract: 'We do it.',
    authors: ['Ada Example'],
    categories: ['cs.CL'],
    versions: ['2024-01-05T12:00:00Z'],
    ...changes,
  }
}

beforeEach(async () => {
  arxiv = await startArxivServer(Array.from({ length: 20 }, (_, n) => paper(n)))
  pdfs = await startPdfServer()
  workspace = new Workspace(mkdtempSync(join(tmpdir(), 'rpa-e2e-')))
  workspace.env = { ...arxiv.env, RPA_PDF_URL: pdfs.template, RPA_PROFILE: 'offline' }
})
afterEach(async () => {
  await arxiv.close()
  await pdfs.close()
  rmSync(workspace.path, { recursive: true, force: true })
})
afterAll(removeWorkspaces)

const ID = paper(1).id
const FETCH = ['corpus', 'fetch', '--category', 'cs.CL', '--since', '2024-01-01', '--json']

async function finish(id: string): Promise<void> {
  await work(id, ['prep', 'analyze', 'wrap'])
}

async function work(id: string, phases: readonly string[]): Promise<void> {
  for (const phase of phases)
    expect(await workspace.phase([phase, '--id', id])).toMatchObject({ succeeded: 1 })
}

function makeCrawler(papers: Parameters<typeof makeCrawlerCorpus>[1]): string {
  workspace.write('data/.keep', '')
  return makeCrawlerCorpus(workspace.in('data', 'arxiv.sqlite'), papers)
}

function stored(): string[] {
  const db = new BetterSqlite3(workspace.in('data', 'arxiv.sqlite'))
  try {
    return db.prepare('select arxiv_id from papers order by 1').pluck().all() as string[]
  } finally {
    db.close()
  }
}

it('newer versions and withdrawals of papers that were read are told by status and reports', async () => {
  await workspace.rpa(['seed', ID, paper(2).id])
  await finish(ID)
  const update = async (): Promise<unknown> => (await workspace.rpa(['corpus', 'update', '--json'])).json()
  expect(await update()).toMatchObject({
    fetched: { read: 2, unchanged: 2 },
    newer_versions: [],
    withdrawn: [],
  })
  const shown = async (): Promise<string> => (await workspace.rpa(['report', 'show', ID])).stdout
  const before = await shown()
  expect(before).not.toContain('newer_version')

  const later = ['2024-01-05T12:00:00Z', '2024-06-01T00:00:00Z']
  arxiv.papers = [paper(1, { versions: later }), paper(2, { versions: later })]
  expect(await update()).toMatchObject({ fetched: { updated: 2 }, newer_versions: [ID], withdrawn: [] })
  expect(await update()).toMatchObject({ fetched: { unchanged: 2 }, newer_versions: [], withdrawn: [] })
  const status = (await workspace.rpa(['status', '--json'])).json()
  expect(status).toMatchObject({
    changed: {
      newer_versions: 1,
      withdrawn: 0,
      papers: [{ arxiv_id: ID, status: 'done', newer_version: 2, withdrawn_at: null }],
    },
  })
  expect((await workspace.rpa(['status'])).stdout).toMatch(/CHANGED SINCE .*\n2401\.10001 +done +version 2/)
  expect(await shown()).toBe(before.replace('paper:\n', 'paper:\n  newer_version: 2\n'))

  arxiv.papers = [
    paper(1, { versions: [...later, '2024-07-01T00:00:00Z'], comment: 'Withdrawn by the author' }),
  ]
  expect(await update()).toMatchObject({ newer_versions: [], withdrawn: [ID] })
  expect(await shown()).toMatch(/^paper:\n {2}withdrawn_at: "\d{4}-/m)
})

it('later versions are redone or ignored, as set: the earlier report stays findable', async () => {
  const path = makeCrawler([{ arxiv_id: ID, title: 'The First Title' }])
  await workspace.rpa(['seed', ID])
  await finish(ID)
  const first = workspace.report(ID)
  const crawled = new BetterSqlite3(path)
  const updated_at = new Date(Date.now() + 3_600_000).toISOString()
  addCrawledPaper(crawled, { arxiv_id: ID, version: 2, title: 'The Second Title', updated_at })
  const update = async (newVersions: string): Promise<unknown> => {
    workspace.env = { ...workspace.env, RPA_NEW_VERSIONS: newVersions }
    return (await workspace.rpa(['corpus', 'update', '--json'])).json()
  }
  const nothing = { fetched: null, newer_versions: [], withdrawn: [], redone: [] }
  expect(await update('ignore')).toEqual(nothing)
  const runs = 'select run_id from machine_runs'
  expect(workspace.query(runs).length).toBeGreaterThan(3)
  expect(await update('redo')).toEqual({ ...nothing, redone: [ID] })
  // Else its machines would find the answers to the earlier text.
  expect(workspace.query(runs)).toEqual([])
  expect(await update('redo')).toEqual(nothing)
  const shown = (await workspace.rpa(['report', 'show', ID])).stdout
  expect(shown.trimEnd()).toBe(first.replace('paper:\n', 'paper:\n  newer_version: 2\n').trimEnd())

  const asked = pdfs.asked.length
  await work(ID, ['prep', 'analyze'])
  expect(pdfs.asked.slice(asked)).toEqual([ID])
  // What is known when a report is written stands in it as it does in one that is shown later.
  addCrawledPaper(crawled, { arxiv_id: ID, version: 3, title: 'The Third Title' })
  crawled.close()
  expect(await update('redo')).toEqual({ ...nothing, newer_versions: [ID] })
  await work(ID, ['wrap'])
  const second = workspace.report(ID)
  expect(second).toContain('title: "The Second Title"')
  expect(second).toMatch(/^report_version: 2\n/m)
  expect(second).toMatch(/^paper:\n {2}newer_version: 3\n {2}version: 2\n/m)
  expect((await workspace.rpa(['report', 'show', ID])).stdout.trimEnd()).toBe(second.trimEnd())
  const [, earlier = ''] = /^earlier_report: "(.*)"$/m.exec(second) ?? []
  expect(earlier).toBe(`earlier/${ID}v1_the-first-title.md`)
  expect(readFileSync(workspace.in('data', 'reports', earlier), 'utf8')).toBe(first)
  expect(workspace.reports().filter((name) => name.endsWith('.md'))).toHaveLength(1)
  expect(await update('redo')).toEqual({ ...nothing, redone: [ID] })
})

it("a crawler's corpus is compared, and not written", async () => {
  const path = makeCrawler([{ arxiv_id: ID }])
  await workspace.rpa(['seed', ID])
  await finish(ID)
  const crawled = new BetterSqlite3(path)
  addCrawledPaper(crawled, { arxiv_id: ID, version: 2 })
  crawled.close()
  const end = await workspace.rpa(['corpus', 'update', '--json'])
  expect(end.json()).toEqual({ fetched: null, newer_versions: [ID], withdrawn: [], redone: [] })
  expect(arxiv.requests).toEqual([])
  const refused = await workspace.rpa(FETCH)
  expect(refused.code).toBe(78)
  expect(refused.json()).toMatchObject({ error: { code: 'corpus_not_ours' } })
})

it('two at once leave no gap and no double, and a killed one is completed', async () => {
  const ids = arxiv.papers.map(({ id }) => id)
  const ends = await Promise.all([workspace.rpa(FETCH), workspace.rpa(FETCH)])
  expect(ends.map(({ code, stdout }) => (code === 0 ? 0 : stdout))).toEqual([0, 0])
  expect(stored()).toEqual(ids)
  rmSync(workspace.in('data'), { recursive: true })
  arxiv.requests.length = 0
  const killed = workspace.start(FETCH)
  while (arxiv.requests.length < 3) await new Promise((resolve) => setImmediate(resolve))
  killed.kill('SIGKILL')
  await killed.ended
  const before = stored().length
  arxiv.requests.length = 0
  const again = await workspace.rpa(FETCH)
  expect(again.json()).toMatchObject({ papers: 20 })
  expect(stored()).toEqual(ids)
  // Seven pages are all: what was stored is not asked for again, but for the page of the kill.
  expect(arxiv.requests.length).toBeLessThanOrEqual(7 - Math.floor(before / 3))
})
