import { UsageError } from '../core/errors.js'
import { meanOf, type PairedMeasure } from '../report/judging/judged-pairs.js'
import type { JudgedReport } from '../report/quality/report-findings.js'
import { pairedTest, significant } from '../report/judging/paired-test.js'

/** What `quality` prints of one report with --json. */
export interface QualityOfReport extends JudgedReport {
  file: string
  arxiv_id: string | null
}

/** One measure of the reports beside those of the baseline; a positive effect speaks for the reports. */
export interface Compared extends PairedMeasure {
  /** Whether the two sets differ, all measures taken together. */
  different: boolean
}

/** A report of the baseline, and ours on the same paper. */
export type ReportPair = readonly [baseline: QualityOfReport, ours: QualityOfReport]

/**
 * Returns the reports on papers that are in both sets.
 *
 * @throws UsageError `baseline_of_others` where there is none.
 */
export function pairsOf(
  reports: readonly QualityOfReport[],
  baseline: readonly QualityOfReport[],
): ReportPair[] {
  const before = new Map(
    baseline.flatMap((one) => (one.arxiv_id === null ? [] : [[one.arxiv_id, one] as const])),
  )
  const pairs = reports.flatMap((report) => {
    const other = before.get(report.arxiv_id ?? '')
    return other === undefined ? [] : [[other, report] as const]
  })
  if (pairs.length === 0)
    throw new UsageError('baseline_of_others', 'No report of the baseline is about one of these papers.', {
      hint: 'Both sets must have reports of the same arXiv ids.',
    })
  return pairs
}

const MEASURES: readonly [string, (report: QualityOfReport) => number | null][] = [
  ['score', ({ score }) => score],
  ['grounding', ({ grounding }) => grounding?.score ?? null],
  ['findings', ({ findings }) => -findings.length],
  ['complete', ({ complete }) => (complete ? 1 : 0)],
  ['words', ({ words }) => words],
]

/** Returns how two sets compare by what code measures. */
export function measuresOf(pairs: readonly ReportPair[]): PairedMeasure[] {
  return MEASURES.flatMap(([measure, of]) => {
    const values = pairs.flatMap(([one, other]): [number, number][] => {
      const [a, b] = [of(one), of(other)]
      return a === null || b === null ? [] : [[a, b]]
    })
    if (values.length === 0) return []
    const [first, second] = [values.map(([a]) => a), values.map(([, b]) => b)]
    return [{ measure, mean: meanOf(second), baseline_mean: meanOf(first), ...pairedTest(first, second) }]
  })
}

/** Returns the measures, rounded, with which of them tell the sets apart, all of them taken together. */
export function withDifferences(measures: readonly PairedMeasure[]): Compared[] {
  const found = significant(measures.map(({ p }) => p))
  return measures.map((one, at) => ({
    ...one,
    mean: rounded(one.mean),
    baseline_mean: rounded(one.baseline_mean),
    mean_difference: rounded(one.mean_difference),
    effect: rounded(one.effect),
    different: found[at] === true,
  }))
}

/** Returns a number with three digits behind the point. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
