import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderQuality } from '../../src/cli/render/quality.js'
import { qualityPage } from '../../src/cli/render/quality-page.js'
import type { Settings } from '../../src/core/settings/settings.js'
import { judgeReports, type QualityResult } from '../../src/pipeline/quality.js'
import { rewriteBroken } from '../../src/pipeline/rewrite-broken.js'
import { insertExecutions } from '../../src/db/executions/executions.js'
import { storeJson } from '../../src/db/checkpoints/blobs.js'
import { storeReport } from '../../src/db/executions/reports.js'
import { NOON, openTestDatabase } from '../support/database.js'
import { spoilt } from '../support/report-faults.js'
import { makePaper, makeSections, renderMade } from '../support/report-set.js'
import { temporaryFolder } from '../support/temp.js'

const settings = {} as Settings

function folderOf(files: Record<string, string | Buffer>): string {
  const folder = join(temporaryFolder(), 'reports')
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

function setOf(spoil: (n: number) => boolean): string {
  return folderOf(
    Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => {
        const paper = makePaper(n)
        const sections = makeSections(paper)
        return [
          `${paper.id}_made.md`,
          spoil(n) ? spoilt(paper, 'heading gone').text : renderMade(paper, sections),
        ]
      }),
    ),
  )
}

function judge(paths: string[], baseline: string | null = null): Promise<QualityResult> {
  return judgeReports({ db: null, settings }, { paths, baseline, pdfDir: null })
}

describe('two sets of 20 papers', () => {
  it('that differ in twelve of them are told apart, with the size of it', async () => {
    const { comparison } = await judge(
      [setOf(() => false)],
      setOf((n) => n < 12),
    )
    const by = Object.fromEntries(comparison!.measures.map((one) => [one.measure, one]))
    expect(comparison).toMatchObject({ pairs: 20, unpaired: 0 })
    expect(by['score']).toMatchObject({ effect: 1, different: true })
    expect(by['complete']).toMatchObject({ mean: 1, baseline_mean: 0.4, different: true })
  })

  it('that are the same, or differ as much one way as the other, are not', async () => {
    const set = setOf(() => false)
    const same = (await judge([set], set)).comparison!.measures
    expect(same.filter(({ different }) => different)).toEqual([])
    const mixed = await judge(
      [setOf((n) => n % 4 === 0)],
      setOf((n) => n % 4 === 2),
    )
    expect(mixed.comparison!.measures.filter(({ different }) => different)).toEqual([])
  })

  it('of too few papers say that they can show none', async () => {
    const few = (n: number): string =>
      folderOf(
        Object.fromEntries(
          Array.from({ length: n }, (_, at) => {
            const paper = makePaper(at)
            return [`${paper.id}.md`, renderMade(paper, makeSections(paper))]
          }),
        ),
      )
    expect(renderQuality(await judge([few(5)], few(5)))).toContain(
      'so few papers can show no difference; it takes 8',
    )
    expect(renderQuality(await judge([few(8)], few(8)))).not.toContain('so few papers')
  })

  it('of other papers are refused', async () => {
    const paper = makePaper(77)
    const other = folderOf({ 'a.md': renderMade(paper, makeSections(paper)) })
    await expect(judge([setOf(() => false)], other)).rejects.toMatchObject({ code: 'baseline_of_others' })
  })
})

it('of very many reports the worst are shown, and some of what each of them lacks; two of one paper by their files', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 130 }, (_, n) => {
      const paper = makePaper(n)
      const text = n < 120 ? renderMade(paper, makeSections(paper)) : spoilt(paper, 'heading gone').text
      return [`${paper.id}.md`, text]
    }),
  )
  const folder = folderOf(files)
  mkdirSync(join(folder, 'folder.md'))
  writeFileSync(join(folder, 'again.md'), files[`${makePaper(0).id}.md`] ?? '')
  const result = await judge([folder])
  expect(result.unreadable).toEqual([])
  const lines = renderQuality(result).split('\n')
  const scores = lines.slice(1, 101).map((line) => Number(/ (\d\.\d{3}) /.exec(line)?.[1]))
  const lowest = result.reports.map(({ score }) => score).sort((one, other) => one - other)
  expect(scores).toEqual(lowest.slice(0, 100))
  expect(lines[101]).toBe('… and 31 better ones (--json has all)')
  const lacking = lines.filter((line) => line.includes('section_missing')).map((line) => line.split(' ')[0])
  expect(new Set(lacking).size).toBeGreaterThan(3)
  expect(lines.join('\n')).toContain('again.md')
})

it('what is no report is named, and the others are judged', async () => {
  const paper = makePaper(3)
  const folder = folderOf({
    'binary.md': Buffer.from([0, 1, 2, 255]),
    'huge.md': 'x'.repeat(5 * 1024 * 1024),
    'empty.md': '',
    'good.md': renderMade(paper, makeSections(paper)).replaceAll('\n', '\r\n'),
  })
  const result = await judge([folder])
  expect(result.unreadable).toMatchObject([
    { code: 'report_binary', message: 'it is no text' },
    { code: 'report_none', message: 'it has no section of a report' },
    { code: 'report_too_large', message: expect.stringMatching(/bytes/) as string },
  ])
  expect(result.reports).toMatchObject([
    { arxiv_id: paper.id, complete: true, grounding: null, findings: [] },
  ])
  const none = await judge([join(folder, 'empty.md')])
  expect(renderQuality(none)).toBe('no report was judged')
  await expect(judge(['/nowhere/at-all'])).rejects.toMatchObject({ code: 'no_such_path' })
})

it('reports of the DB are looked up in its papers’ texts; broken ones go back to be written again', async () => {
  const { db } = await openTestDatabase()
  const papers = [makePaper(1), makePaper(2)]
  const rows = papers.map(({ id }, n) => ({
    arxiv_id: id,
    paper_id: n,
    title: 'Made',
    authors: '',
    abstract: '',
    priority: 0,
  }))
  await insertExecutions(db, rows, NOON)
  for (const [n, paper] of papers.entries()) {
    const markdown = n === 0 ? renderMade(paper, makeSections(paper)) : spoilt(paper, 'refusal').text
    const stored = {
      prep_output: await storeJson(db, { paper_text: paper.text, work: { version: 'v' } }),
      expensive_output: await storeJson(db, { why_hypotheses: 'x', work: { version: 'v' } }),
      report: await storeReport(db, markdown),
      status: 'done' as const,
    }
    await db.updateTable('executions').set(stored).where('arxiv_id', '=', paper.id).execute()
  }
  const { reports, summary } = await judgeReports(
    { db, settings },
    { paths: [], baseline: null, pdfDir: null },
  )
  expect(summary).toMatchObject({ reports: 2, grounded: 2, kinds: { degraded: 1 } })
  expect(reports[0]).toMatchObject({ findings: [], score: 1 })
  const statuses = () =>
    db.selectFrom('executions').select(['status', 'expensive_output']).orderBy('arxiv_id').execute()
  expect(await rewriteBroken(db, reports, NOON, true)).toEqual([papers[1]!.id])
  expect((await statuses()).map(({ status }) => status)).toEqual(['done', 'done'])
  expect(await rewriteBroken(db, reports, NOON, false)).toEqual([papers[1]!.id])
  expect((await statuses())[1]).toEqual({ status: 'prepped', expensive_output: null })
  expect(await rewriteBroken(db, reports, NOON, false)).toEqual([])
})

it('a report may name near papers that its writers were shown; a damaged paper is named, and the others are judged', async () => {
  const { db } = await openTestDatabase()
  const papers = [makePaper(1), makePaper(2)]
  const about = { title: 'Made', authors: '', abstract: '', priority: 0 }
  await insertExecutions(
    db,
    papers.map(({ id }, paper_id) => ({ ...about, arxiv_id: id, paper_id })),
    NOON,
  )
  for (const paper of papers) {
    const sections = makeSections(paper)
    const [first = ''] = sections.keys()
    sections.set(first, `${sections.get(first)}\n- The nearest paper is arXiv:2312.09999 on sorted filters.`)
    const neighbors = [{ arxiv_id: '2312.09999', title: 'Sorted filters', line: null }]
    const stored = {
      prep_output: await storeJson(db, {
        paper_text: paper.text,
        corpus_neighbors: neighbors,
        work: { version: 'v' },
      }),
      report: await storeReport(db, renderMade(paper, sections)),
      status: 'done' as const,
    }
    await db.updateTable('executions').set(stored).where('arxiv_id', '=', paper.id).execute()
  }
  const options = { paths: [], baseline: null, pdfDir: null }
  const whole = await judgeReports({ db, settings }, options)
  expect(whole.reports.map(({ findings, score }) => [findings, score])).toEqual([
    [[], 1],
    [[], 1],
  ])
  await db
    .updateTable('executions')
    .set({ report: '{"markdown": broken' })
    .where('arxiv_id', '=', papers[0]!.id)
    .execute()
  const damaged = await judgeReports({ db, settings }, options)
  expect(damaged.reports.map(({ arxiv_id: id }) => id)).toEqual([papers[1]!.id])
  expect(damaged.unreadable).toMatchObject([{ file: papers[0]!.id, code: 'db_corrupt' }])
})

it('the page and the table pass nothing on that a reader would run', async () => {
  const paper = makePaper(5)
  const sections = makeSections(paper)
  const hostile = '"<script>alert(1)</script>\u001b[31m says the green door here" [p. 3]'
  sections.set('Limitations', `- ${hostile}`)
  const result = await judge([
    folderOf({ '<img src=x>.md': renderMade(paper, sections, '["<b onload=x>", "a b c d e f g h"]') }),
  ])
  const page = qualityPage(result)
  expect(page).not.toMatch(/<script|<img|<b o/)
  expect(page).not.toContain('\u001b')
  expect(page).toContain('prefers-color-scheme:dark')
  expect(page).not.toMatch(/https?:\/\//)
  expect(page.match(/<svg/g)).toHaveLength(2)
  expect(renderQuality(result)).not.toContain('\u001b')
})
