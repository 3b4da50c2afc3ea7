import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { renderRetag } from '../../src/cli/render/retag.js'
import type { Settings } from '../../src/core/settings/settings.js'
import { storeJson } from '../../src/db/checkpoints/blobs.js'
import type { Db } from '../../src/db/engine/prepared.js'
import { insertExecutions } from '../../src/db/executions/executions.js'
import { readReport, reportRows, storeReport } from '../../src/db/executions/reports.js'
import { paperTerms } from '../../src/pipeline/paper-terms.js'
import { chosenReports } from '../../src/pipeline/reports.js'
import { retag, type RetagResult } from '../../src/pipeline/retag.js'
import { frontmatterOf } from '../support/reports.js'
import { NOON, openTestDatabase } from '../support/database.js'
import { temporaryFolder } from '../support/temp.js'

const SETTINGS = { configDir: null, reportsDir: '/nowhere' } as Settings
const ABSTRACT =
  'We sort parcels with a graph neural network (GNN). The graph neural network plans routes, and conveyor belts carry them.'
const TEXT = `## 1 Introduction\n\n${ABSTRACT} Conveyor belts are slow; the GNN and conveyor belts are trained.\n`
const HEAD = `ver: 4\ntitle: "T: \\"quoted\\""   # a remark\ntags:\n  - "these"\n  - "across"\ncore_contribution: "It sorts:\\nall."\n`
const BODY = `# T\n\n## Key Results\n\ntags: none — “kept”\t \n\n---\n\ntags:\n  - x\n`

interface Paper {
  text?: string
  report?: string
  status?: 'done' | 'analyzing'
  path?: string
}

async function filled(papers: readonly Paper[]): Promise<Db> {
  const { db } = await openTestDatabase()
  const ids = papers.map((_, n) => `2401.0000${n}`)
  await insertExecutions(
    db,
    ids.map((arxiv_id, paper_id) => ({
      arxiv_id,
      paper_id,
      title: 'Graph Neural Networks for Parcel Sorting',
      authors: '',
      abstract: ABSTRACT,
      priority: 0,
    })),
    NOON,
  )
  for (const [n, { text, report, status = 'done', path }] of papers.entries()) {
    const stored = report === undefined ? null : await storeReport(db, report)
    const prep = text === undefined ? null : await storeJson(db, { paper_text: text })
    await db
      .updateTable('executions')
      .set({ report: stored, prep_output: prep, status, result_path: path ?? null })
      .where('arxiv_id', '=', ids[n] ?? '')
      .execute()
  }
  return db
}

async function reports(db: Db): Promise<(string | null)[]> {
  const found: (string | null)[] = []
  for await (const row of reportRows(db)) found.push(await readReport(db, row))
  return found
}

const all = (): boolean => true
const run = (db: Db, dryRun = false): Promise<RetagResult> => retag(db, SETTINGS, all, dryRun)

it('gives reports the tags of their text, with score and sources, and leaves every other byte', async () => {
  const path = join(temporaryFolder(), '2401.00000_t.md')
  const report = `---\n${HEAD}---\n${BODY}`
  const edited = report.replaceAll('\n', '\r\n').replace('kept', 'kept by hand')
  writeFileSync(path, edited)
  const db = await filled([{ text: TEXT, report, path }])
  const before = await db.selectFrom('executions').selectAll().executeTakeFirstOrThrow()

  const dry = await run(db, true)
  expect(dry).toMatchObject({ considered: 1, changed: 1, papers: [{ before: ['these', 'across'] }] })
  expect([await reports(db), readFileSync(path, 'utf8')]).toEqual([[report], edited])

  expect(await run(db)).toEqual(dry)
  const [after = ''] = await reports(db)
  const { tags, tag_scores: scores } = frontmatterOf(after ?? '')
  expect(tags).toEqual(expect.arrayContaining(['graph neural network', 'conveyor belt']))
  expect(tags).toEqual(dry.papers[0]?.after)
  expect(scores).toContainEqual({
    tag: 'graph neural network',
    score: expect.any(Number) as number,
    count: expect.any(Number) as number,
    sources: ['title', 'abstract', 'text', 'acronym'],
  })
  const rest = (text: string): string =>
    text.replace(/^tags:\r?\n(?: +-[^\n]*\n)+|^tag_scores:\r?\n(?: [^\n]*\n)+/gm, '')
  expect(rest(after ?? '')).toBe(rest(report))
  const file = readFileSync(path, 'utf8')
  expect(rest(file)).toBe(rest(edited))
  expect(file.replaceAll('\r\n', '\n').replace('kept by hand', 'kept')).toBe(after)
  const { report: one, ...now } = await db.selectFrom('executions').selectAll().executeTakeFirstOrThrow()
  expect({ ...now, report: before.report }).toEqual(before)
  expect(one).not.toBe(before.report)

  expect(await run(db)).toMatchObject({ changed: 0, unchanged: 1, papers: [] })
  expect([await reports(db), readFileSync(path, 'utf8')]).toEqual([[after], file])
})

it('a file that fell behind the DB follows; one that is not there is not made', async () => {
  const path = join(temporaryFolder(), 'a.md')
  const report = `---\n${HEAD}---\n${BODY}`
  const db = await filled([{ text: TEXT, report, path }])
  await run(db)
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, report)
  expect(await run(db)).toMatchObject({ changed: 1 })
  expect(readFileSync(path, 'utf8')).toBe((await reports(db))[0])
})

it('all reports have one name for a term, those without a text, too; who is in work and what is broken is left alone', async () => {
  const own = `---\n${HEAD.replace('"these"', '"GNNs"')}---\n${BODY}`
  const broken = `---\ntags: [\n---\n${BODY}`
  const db = await filled([
    { text: TEXT, report: `---\n${HEAD}---\n${BODY}` },
    { report: own },
    { text: TEXT, report: own, status: 'analyzing' },
    { text: TEXT, report: broken },
  ])
  const result = await run(db)
  expect(result).toMatchObject({
    considered: 3,
    changed: 2,
    without_text: ['2401.00001'],
    failed: [{ arxiv_id: '2401.00003', code: 'report_frontmatter' }],
  })
  const [, renamed, inWork, unread] = await reports(db)
  expect(frontmatterOf(renamed ?? '')).toMatchObject({ tags: ['graph neural network', 'across'] })
  expect(renamed).not.toContain('tag_scores')
  expect([inWork, unread]).toEqual([own, broken])
  expect(renderRetag(result, false)).toContain('2401.00001: + graph neural network, - GNNs')
  expect(await run(db)).toMatchObject({ changed: 0 })
})

it('takes the papers that are named, under the names that all reports give', async () => {
  const report = `---\n${HEAD}---\n${BODY}`
  const db = await filled([
    { text: TEXT, report },
    { text: TEXT, report },
  ])
  const fits = await chosenReports(db, ['2401.00001'], null)
  expect(await retag(db, SETTINGS, fits, false)).toMatchObject({ considered: 1, changed: 1 })
  expect((await reports(db))[0]).toBe(report)
  const [paper] = await paperTerms(db, SETTINGS, ['2401.00001'])
  expect(paper).toMatchObject({ file: '2401.00001' })
  expect(paper?.terms).toContainEqual(
    expect.objectContaining({ term: 'conveyor belt', reports: 1, sources: ['abstract', 'text'] }),
  )
})

it('of a workspace that was copied, writes its own file, not that of the one before', async () => {
  const name = '2401.00000_t.md'
  const [before, copied] = [temporaryFolder(), temporaryFolder()]
  const report = `---\n${HEAD}---\n${BODY}`
  for (const folder of [before, copied]) writeFileSync(join(folder, name), report)
  const db = await filled([{ text: TEXT, report, path: join(before, name) }])
  await retag(db, { ...SETTINGS, reportsDir: copied }, all, false)
  expect(readFileSync(join(before, name), 'utf8')).toBe(report)
  expect(readFileSync(join(copied, name), 'utf8')).toBe((await reports(db))[0])
})
