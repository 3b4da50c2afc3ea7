import type { Compared } from '../../pipeline/compare-reports.js'
import type { Comparison, QualityResult } from '../../pipeline/quality.js'
import { leastPairs } from '../../report/judging/paired-test.js'
import { printable } from '../errors.js'
import { renderTable } from '../layout/table.js'
import { counted } from '../layout/counted.js'

const SHOWN = 100
const SHOWN_FINDINGS = 20
const LONGEST = 90

const SHOWN_OF_ONE = 3

/** Returns what a person reads of judged reports: a line each, of very many the worst; what is wrong, and how they stand to a baseline. */
export function renderQuality({ reports, summary, comparison }: QualityResult): string {
  if (reports.length === 0) return 'no report was judged'
  const worst = [...reports].sort((one, other) => one.score - other.score)
  const columns = ['REPORT', 'SCORE', 'GROUNDED', 'WORDS', 'FINDINGS'].map((head, at) => ({
    head,
    align: at === 0 ? ('left' as const) : ('right' as const),
  }))
  const ids = countOf(reports.map(({ arxiv_id: id }) => id))
  const nameOf = ({ arxiv_id: id, file }: (typeof reports)[number]): string =>
    id !== null && ids.get(id) === 1 ? id : file
  const rows = (reports.length > SHOWN ? worst : reports)
    .slice(0, SHOWN)
    .map((one) => [
      nameOf(one),
      one.score.toFixed(3),
      one.grounding?.score?.toFixed(3) ?? '–',
      one.words,
      one.findings.length,
    ])
  const kinds = Object.entries(summary.kinds)
    .sort(([, one], [, other]) => other - one)
    .map(([kind, n]) => `${kind} ${n}`)
  return [
    renderTable(columns, rows),
    ...(reports.length > SHOWN ? [`… and ${reports.length - SHOWN} better ones (--json has all)`] : []),
    `${summary.reports} reports, ${summary.grounded} with their paper's text; mean score ${summary.mean_score ?? '–'}`,
    kinds.length === 0 ? 'nothing found' : `found: ${kinds.join(', ')}`,
    ...firstFindings(worst, nameOf),
    ...(comparison === undefined ? [] : [renderComparison(comparison)]),
  ].join('\n')
}

/** Where there are more than fit, some of each report. */
function firstFindings(
  worst: QualityResult['reports'],
  nameOf: (report: QualityResult['reports'][number]) => string,
): string[] {
  const all = worst.flatMap((report) => report.findings.map((one) => ({ ...one, of: nameOf(report) })))
  if (all.length === 0) return []
  const some = worst.flatMap((report) =>
    report.findings.slice(0, SHOWN_OF_ONE).map((one) => ({ ...one, of: nameOf(report) })),
  )
  const rows = (all.length > SHOWN_FINDINGS ? some : all)
    .slice(0, SHOWN_FINDINGS)
    .map(({ of, kind, section, text }) => [of, kind, section ?? '', text.slice(0, LONGEST)])
  return [
    '',
    renderTable([{ head: 'REPORT' }, { head: 'KIND' }, { head: 'SECTION' }, { head: 'WHAT' }], rows),
    ...(all.length > SHOWN_FINDINGS
      ? [`… and ${all.length - rows.length} more findings (--json has all)`]
      : []),
  ]
}

function countOf(values: readonly (string | null)[]): Map<string | null, number> {
  const counts = new Map<string | null, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function renderComparison({ pairs, unpaired, measures, judge }: Comparison): string {
  const least = leastPairs(measures.length + (judge?.measures.length ?? 0))
  const left = unpaired > 0 ? `; ${unpaired} reports have no counterpart` : ''
  return [
    `\n${counted(pairs, 'paper')} in both sets${left}`,
    renderMeasures(measures),
    ...(pairs < least ? [`so few papers can show no difference; it takes ${least} at least`] : []),
    ...(judge === undefined ? [] : [renderJudge(judge)]),
  ].join('\n')
}

function renderMeasures(measures: readonly Compared[]): string {
  const heads = ['MEASURE', 'BASELINE', 'THESE', 'EFFECT', 'P', '']
  const rows = measures.map((one) => [
    one.measure,
    Math.abs(one.baseline_mean),
    Math.abs(one.mean),
    one.effect.toFixed(2),
    shortP(one.p),
    one.different ? (one.effect > 0 ? 'more or better' : 'less or worse') : 'no difference shown',
  ])
  return renderTable(
    heads.map((head) => ({ head })),
    rows,
  )
}

function renderJudge(judge: NonNullable<Comparison['judge']>): string {
  const rows = judge.papers
    .slice(0, SHOWN)
    .map(({ arxiv_id: id, preferred, orders }) => [
      id,
      preferred === 'ours' ? 'these' : preferred,
      ...orders.map((one) => (one.preferred === 'ours' ? 'these' : one.preferred)),
    ])
  const heads = ['JUDGED', 'PREFERRED', 'BASELINE FIRST', 'THESE FIRST']
  return [
    ...judgeLines(judge).map((line, at) => (at === 0 ? `\n${line}` : line)),
    ...(judge.judged === 0
      ? []
      : [
          renderMeasures(judge.measures),
          '',
          renderTable(
            heads.map((head) => ({ head })),
            rows,
          ),
        ]),
    ...(judge.papers.length > SHOWN
      ? [`… and ${judge.papers.length - SHOWN} more papers (--json has all)`]
      : []),
  ].join('\n')
}

/** Returns what a judge's verdicts come to, in sentences. */
export function judgeLines(judge: NonNullable<Comparison['judge']>): string[] {
  const { judged, not_judged: open, preferred, position, mean_certainty: certainty, lacking } = judge
  const unread = lacking.filter(({ code }) => code === 'judgement_unreadable').length
  const models = printable(Object.keys(judge.models).join(', '))
  const sum = `judged by ${models || 'nobody'}: ${counted(judged, 'paper')} in both orders`
  const missing = [
    ...(open > 0 ? [`${counted(open, 'paper')} not judged`] : []),
    ...(unread > 0 ? [`${counted(unread, 'answer')} not readable`] : []),
  ]
  return [
    [sum, ...missing].join('; '),
    ...(judged === 0
      ? []
      : [
          `preferred in both: these ${preferred.ours}, the baseline ${preferred.baseline}; ${preferred.split} split between the orders${certainty === null ? '' : `; mean certainty ${certainty}`}`,
          `by place: read first ${position.first}, second ${position.second}, none ${position.tie} (p ${shortP(position.p)} if it leans to no place)`,
        ]),
    ...(judge.stopped === null ? [] : [`stopped: ${printable(judge.stopped.message)}`]),
  ]
}

/** Returns a p-value as people write it. */
export function shortP(p: number): string {
  return p < 0.001 ? '<0.001' : p.toFixed(3)
}
