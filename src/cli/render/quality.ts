import type { QualityResult } from '../../pipeline/quality.js'
import { renderTable } from './table.js'
import { counted } from './counted.js'

const SHOWN = 100
const SHOWN_FINDINGS = 20
const LONGEST = 90

/** Returns what a person reads of judged reports: a line each, what is wrong, and how they stand to a baseline. */
export function renderQuality({ reports, summary, comparison }: QualityResult): string {
  if (reports.length === 0) return 'no report was judged'
  const columns = ['REPORT', 'SCORE', 'GROUNDED', 'WORDS', 'FINDINGS'].map((head, at) => ({
    head,
    align: at === 0 ? ('left' as const) : ('right' as const),
  }))
  const rows = reports
    .slice(0, SHOWN)
    .map((one) => [
      one.arxiv_id ?? one.file,
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
    ...(reports.length > SHOWN ? [`… and ${reports.length - SHOWN} more (--json has all)`] : []),
    `${summary.reports} reports, ${summary.grounded} with their paper's text; mean score ${summary.mean_score ?? '–'}`,
    kinds.length === 0 ? 'nothing found' : `found: ${kinds.join(', ')}`,
    ...firstFindings(reports),
    ...(comparison === undefined ? [] : [renderComparison(comparison)]),
  ].join('\n')
}

function firstFindings(reports: QualityResult['reports']): string[] {
  const all = reports.flatMap(({ file, arxiv_id: id, findings }) =>
    findings.map((one) => ({ ...one, of: id ?? file })),
  )
  if (all.length === 0) return []
  const rows = all
    .slice(0, SHOWN_FINDINGS)
    .map(({ of, kind, section, text }) => [of, kind, section ?? '', text.slice(0, LONGEST)])
  return [
    '',
    renderTable([{ head: 'REPORT' }, { head: 'KIND' }, { head: 'SECTION' }, { head: 'WHAT' }], rows),
    ...(all.length > SHOWN_FINDINGS
      ? [`… and ${all.length - SHOWN_FINDINGS} more findings (--json has all)`]
      : []),
  ]
}

function renderComparison({ pairs, unpaired, measures }: NonNullable<QualityResult['comparison']>): string {
  const heads = ['MEASURE', 'BASELINE', 'THESE', 'EFFECT', 'P', '']
  const rows = measures.map((one) => [
    one.measure,
    Math.abs(one.baseline_mean),
    Math.abs(one.mean),
    one.effect.toFixed(2),
    one.p < 0.001 ? '<0.001' : one.p.toFixed(3),
    one.different ? (one.effect > 0 ? 'more or better' : 'less or worse') : 'no difference shown',
  ])
  const left = unpaired > 0 ? `; ${unpaired} reports have no counterpart` : ''
  return `\n${counted(pairs, 'paper')} in both sets${left}\n${renderTable(
    heads.map((head) => ({ head })),
    rows,
  )}`
}
