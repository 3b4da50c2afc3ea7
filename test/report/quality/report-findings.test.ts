import { describe, expect, it } from 'vitest'
import { FactChecker } from '../../../src/report/facts/fact-check.js'
import { aboutPaper } from '../../../src/report/facts/about-paper.js'
import { judgeReport } from '../../../src/report/quality/report-findings.js'
import { ReportSet } from '../../../src/report/quality/report-set.js'
import { labelsIn } from '../../../src/report/paper/labels.js'
import { neighborsLine } from '../../../src/report/neighbor-lines.js'
import { indexPaper } from '../../../src/report/paper/paper-index.js'
import { pairedTest, significant } from '../../../src/report/judging/paired-test.js'
import { readReportText } from '../../../src/report/read-report.js'
import { tagFaults } from '../../../src/report/quality/tag-faults.js'
import { FAULT_FORMS, spoilt } from '../../support/report-faults.js'
import { makePaper, makeSections, renderMade, type MadePaper } from '../../support/report-set.js'

/** A report as it may lie there, and the same paper all the same. */
const DRESSES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => `\uFEFF${text}`,
  (text) => text.replace(/^---\n[^]*?\n---\n/, ''),
  (text) =>
    text
      .replaceAll('\n- ', '\n* ')
      .replaceAll(' [p. ', ' (p. ')
      .replace(/(\(p\. \d+)\]/g, '$1)'),
]

describe('200 reports with planted faults, and 200 without', () => {
  const papers = Array.from({ length: 200 }, (_, n) => makePaper(n))
  const judge = (paper: MadePaper, text: string) => {
    const report = readReportText(text, `${paper.id}_made.md`)
    return { report, ...judgeReport(report, new FactChecker(indexPaper(paper.text), { title: 'Made' })) }
  }
  const planted = papers.map((paper, n) => {
    const form = FAULT_FORMS[n % FAULT_FORMS.length]!
    const fault = spoilt(paper, form, n + 1)
    return { form, ...fault, ...judge(paper, fault.text) }
  })
  const sound = papers.map((paper, n) =>
    judge(paper, DRESSES[n % DRESSES.length]!(renderMade(paper, makeSections(paper)))),
  )

  it('finds at least 95 in 100, each by its kind and in its place', () => {
    const missed = planted.filter(
      ({ findings, kinds, section }) =>
        !findings.some((found) => kinds.includes(found.kind) && found.section === section),
    )
    expect(
      missed.length,
      missed.map(({ form, section }) => `${form} in ${section}`).join(', '),
    ).toBeLessThanOrEqual(10)
  })

  it('invents at most one in 100, and nothing in the sections beside', () => {
    const facts = sound.reduce((sum, { grounding }) => sum + (grounding?.supported ?? 0), 0)
    const invented = [
      ...sound.flatMap(({ findings }) => findings),
      ...planted.flatMap(({ findings, section }) =>
        section === null ? [] : findings.filter((found) => found.section !== section),
      ),
    ].map(({ kind, section, text }) => `${kind} ${section} ${text}`)
    expect(facts).toBeGreaterThan(10_000)
    expect(invented.slice(0, 5)).toEqual([])
  })

  it('knows whose report it is, also where the frontmatter is broken or missing', () => {
    const ids = papers.map(({ id }) => id)
    expect(planted.map(({ report }) => report.arxiv_id)).toEqual(ids)
    expect(sound.map(({ report }) => report.arxiv_id)).toEqual(ids)
  })
})

it('finds sections that begin alike in three reports, and the same report again', () => {
  const reports = [0, 1, 2, 3].map((n) => {
    const paper = makePaper(n)
    const sections = makeSections(paper)
    if (n < 3)
      sections.set('Limitations', 'The evidence for this claim is thin and rests on one trial [p. 1].')
    return readReportText(renderMade(paper, sections))
  })
  const set = new ReportSet()
  for (const [at, report] of [...reports, reports[3]!].entries()) set.add(report, `${at}.md`)
  expect(set.findings().map((found) => found.map(({ kind }) => kind))).toEqual([
    ['opener'],
    ['opener'],
    ['opener'],
    [],
    ['duplicate'],
  ])
  expect(set.findings()[4]?.[0]?.text).toBe('the same text as 3.md')
})

it('does not hold the openers of the offline writer against reports that say they are its own', () => {
  const set = new ReportSet()
  for (const n of [0, 1, 2]) {
    const paper = makePaper(n)
    const sections = makeSections(paper)
    sections.set('Limitations', 'The authors discuss limitations under a heading of their own.')
    set.add(readReportText(renderMade(paper, sections).replace('---\n', '---\noffline: true\n')), paper.id)
  }
  expect(set.findings()).toEqual([[], [], []])
})

it('takes no measured figure for the label of one', () => {
  const text =
    'Re-run the figure 9% behind “…”, the figure 7.5 and figure 8 points; see Figure 2 and table 3.'
  expect(labelsIn(text).map(({ key }) => key)).toEqual(['figure 2', 'table 3'])
})

it('knows the near papers that a report names, which are no inventions of its writer', () => {
  const facts = neighborsLine([
    {
      arxiv_id: '2401.00122',
      title: 'XY-Cuts (Revisited): Whitespace',
      line: `We review ${'words '.repeat(60)}`,
    },
    { arxiv_id: 'cs/0301001', title: 'Old', line: null, retracted: true },
  ])
  const report = `## Quick Facts\n\n- **Nearest in the corpus:**${facts}\n- **Models:** none\n`
  const { neighbors } = readReportText(report)
  expect(neighbors).toMatchObject([
    { arxiv_id: '2401.00122', title: 'XY-Cuts (Revisited): Whitespace' },
    { arxiv_id: 'cs/0301001', title: 'Old', line: '' },
  ])
  expect(neighbors[0]?.line).toMatch(/ words…$/)
  const paper = makePaper(1)
  const about = aboutPaper({ arxiv_id: paper.id, title: null, abstract: null }, neighbors)
  const checks = new FactChecker(indexPaper(paper.text), about).check(
    'Next Checks',
    '3. Compare with the nearest paper, *Old* (arXiv:cs/0301001).',
  )
  expect(checks.filter(({ verdict }) => verdict !== 'supported')).toEqual([])
})

it('reads Windows line ends as others, and says what is wrong with tags', () => {
  const paper = makePaper(1)
  const text = renderMade(paper, makeSections(paper))
  expect(readReportText(text.replaceAll('\n', '\r\n'))).toEqual(readReportText(text))
  expect(tagFaults(['language model', 'Language-Models', 'of the art', 'doe2019x'])).toHaveLength(3)
  expect(tagFaults(['graph neural networks', 'GPT-4'])).toEqual([])
})

describe('the paired test', () => {
  it('gives the exact p-values of the tables', () => {
    // All of n differences on one side: 2 / 2^n.
    expect(pairedTest([0, 0, 0, 0, 0], [1, 2, 3, 4, 5])).toEqual({
      pairs: 5,
      mean_difference: 3,
      effect: 1,
      p: 0.0625,
    })
    // W = 9 of n = 10 (Wilcoxon's table: two-sided 0.0645).
    const second = [-1, -8, 2, 3, 4, 5, 6, 7, 9, 10]
    expect(pairedTest(new Array<number>(10).fill(0), second).p).toBeCloseTo(0.0645, 3)
    expect(pairedTest([1, 2], [1, 2])).toEqual({ pairs: 2, mean_difference: 0, effect: 0, p: 1 })
  })

  it('is the same approximated where there are many pairs', () => {
    const second = Array.from({ length: 300 }, (_, n) => (n % 3 === 0 ? -1 - n : 1 + n))
    expect(pairedTest(new Array<number>(300).fill(0), second).p).toBeLessThan(1e-6)
    expect(
      pairedTest(
        new Array<number>(300).fill(0),
        second.map((one, n) => (n % 2 === 0 ? Math.abs(one) : -Math.abs(one))),
      ).p,
    ).toBeGreaterThan(0.5)
  })

  it('tells differences of several measures together', () => {
    expect(significant([0.001, 0.04, 0.03])).toEqual([true, false, false])
    expect(significant([0.01, 0.02, 0.6])).toEqual([true, true, false])
  })
})
