import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { RpaError, UsageError, messageOf } from '../core/errors.js'
import type { Settings } from '../core/settings.js'
import { DamageError } from '../db/checkpoints/damage.js'
import { namedExecutions } from '../db/executions/named.js'
import { paperTextOf } from '../db/executions/results.js'
import type { Db } from '../db/engine/prepared.js'
import { aboutPaper, FactChecker } from '../report/fact-check.js'
import { judgeReport, scoreOf, type JudgedReport } from '../report/judge-report.js'
import { ReportSet } from '../report/judge-set.js'
import { pairedTest, significant, type PairedTest } from '../report/paired-test.js'
import { indexPaper } from '../report/paper-index.js'
import { readReportText, type ReadReport } from '../report/read-report.js'
import { extractFiles } from './extract-files.js'
import { listReports, showReports } from './reports.js'

/** What `quality` prints of one report with --json. */
export interface QualityOfReport extends JudgedReport {
  file: string
  arxiv_id: string | null
}

export interface QualitySummary {
  reports: number
  /** Reports whose facts could be looked up. */
  grounded: number
  /** Null without reports. */
  mean_score: number | null
  /** Kind of finding → how many. */
  kinds: Record<string, number>
}

/** One measure of the reports beside those of the baseline; a positive effect speaks for the reports. */
export interface Compared extends PairedTest {
  measure: string
  mean: number
  baseline_mean: number
  /** Whether the two sets differ, all measures taken together. */
  different: boolean
}

export interface QualityResult {
  reports: QualityOfReport[]
  summary: QualitySummary
  /** Files that are no reports. */
  unreadable: { file: string; code: string; message: string }[]
  comparison?: { pairs: number; unpaired: number; measures: Compared[] }
}

export interface QualityOptions {
  /** Files and folders; empty: the reports of the DB. */
  paths: readonly string[]
  baseline: string | null
  pdfDir: string | null
}

interface Services {
  /** Null where there is no DB; then the files say all. */
  db: Db | null
  settings: Settings
}

/** Larger than any report, bytes. */
const MOST_BYTES = 2 * 1024 * 1024

/**
 * Judges reports, each by itself and beside the others; with a baseline, paper by paper beside that.
 *
 * @throws UsageError `no_reports`, `no_such_path`, `baseline_of_others`.
 */
export async function judgeReports(services: Services, options: QualityOptions): Promise<QualityResult> {
  const { paths, baseline, pdfDir } = options
  const unreadable: QualityResult['unreadable'] = []
  const texts = new PaperTexts(services, pdfDir)
  const given = paths.length > 0 ? readPaths(paths, unreadable) : readDb(services.db, unreadable)
  const reports = await judged(given, texts, unreadable)
  if (reports.length === 0 && unreadable.length === 0)
    throw new UsageError('no_reports', 'There are no reports to judge.', {
      hint: 'Name files or a folder of them.',
    })
  const result: QualityResult = { reports, summary: summaryOf(reports), unreadable }
  if (baseline !== null)
    result.comparison = compared(reports, await judged(readPaths([baseline], unreadable), texts, unreadable))
  return result
}

interface Named {
  file: string
  report: ReadReport
}

function* readPaths(paths: readonly string[], unreadable: QualityResult['unreadable']): Generator<Named> {
  for (const file of paths.flatMap(filesIn)) {
    let report: ReadReport
    try {
      report = readReportText(readText(file), basename(file))
      if (report.sections.size === 0) throw new RpaError('report_none', 'it has no section of a report')
    } catch (error) {
      const code = error instanceof RpaError ? error.code : 'file_unreadable'
      unreadable.push({ file, code, message: messageOf(error) })
      continue
    }
    yield { file, report }
  }
}

function filesIn(path: string): string[] {
  if (!existsSync(path)) throw new UsageError('no_such_path', `There is no file or folder ${path}.`)
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => name.endsWith('.md') && !name.startsWith('.'))
    .sort()
    .map((name) => join(path, name))
}

function readText(file: string): string {
  const { size } = statSync(file)
  if (size > MOST_BYTES)
    throw new RpaError('report_too_large', `it has ${size} bytes; no report has more than ${MOST_BYTES}`)
  const bytes = readFileSync(file)
  if (bytes.includes(0)) throw new RpaError('report_binary', 'it is no text')
  return bytes.toString('utf8')
}

async function* readDb(db: Db | null, unreadable: QualityResult['unreadable']): AsyncGenerator<Named> {
  if (db === null) return
  for await (const { arxiv_id: id } of listReports(db)) {
    const shown = await leftOut(id, unreadable, async () => (await showReports(db, [id]))[0])
    if (shown !== undefined) yield { file: shown.path ?? id, report: readReportText(shown.markdown) }
  }
}

/** Does what one paper needs; where it has no report or the DB is damaged at it, names it among the unreadable. */
async function leftOut<T>(
  file: string,
  unreadable: QualityResult['unreadable'],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const isOfThePaper =
      error instanceof UsageError || (error instanceof RpaError && error.cause instanceof DamageError)
    if (!isOfThePaper) throw error
    unreadable.push({ file, code: error.code, message: error.message })
    return undefined
  }
}

/** One report after the other is read, judged and let go; how it stands beside the others is known at the end. */
async function judged(
  given: Iterable<Named> | AsyncIterable<Named>,
  texts: PaperTexts,
  unreadable: QualityResult['unreadable'],
): Promise<QualityOfReport[]> {
  const set = new ReportSet()
  const reports: QualityOfReport[] = []
  for await (const { file, report } of given) {
    const alone = await leftOut(file, unreadable, async () =>
      judgeReport(report, await texts.checkerFor(report)),
    )
    if (alone === undefined) continue
    set.add(report)
    reports.push({ file, arxiv_id: report.arxiv_id, ...alone })
  }
  for (const [at, beside] of set.findings().entries()) {
    const one = reports[at]
    if (one === undefined || beside.length === 0) continue
    one.findings = [...one.findings, ...beside]
    one.score = scoreOf(one)
  }
  return reports
}

/** Looks papers' texts up: in the DB, else in a folder of PDFs. */
class PaperTexts {
  readonly #services: Services
  readonly #pdfDir: string | null

  constructor(services: Services, pdfDir: string | null) {
    this.#services = services
    this.#pdfDir = pdfDir
  }

  async checkerFor({ arxiv_id: id, title, neighbors }: ReadReport): Promise<FactChecker | null> {
    if (id === null) return null
    const { db } = this.#services
    const [row] = db === null ? [] : ((await namedExecutions(db, [id])).get(id) ?? [])
    const stored = db === null || row === undefined ? null : await paperTextOf(db, row.execution_id)
    const text = stored?.text ?? (await this.#fromPdf(id))
    if (text === null) return null
    const about = { arxiv_id: id, title: stored?.title ?? title, abstract: stored?.abstract ?? null }
    // As `wrap` had it: what writers were told of near papers is no invention.
    return new FactChecker(indexPaper(text), aboutPaper(about, stored?.neighbors ?? neighbors))
  }

  async #fromPdf(id: string): Promise<string | null> {
    const file = this.#pdfDir === null ? null : join(this.#pdfDir, `${id.replace('/', '_')}.pdf`)
    if (file === null || !existsSync(file)) return null
    const [paper] = await extractFiles([file], 1, this.#services.settings, () => undefined)
    return paper === undefined || paper.error !== undefined ? null : paper.text
  }
}

function summaryOf(reports: readonly QualityOfReport[]): QualitySummary {
  const kinds: Record<string, number> = {}
  for (const { kind } of reports.flatMap(({ findings }) => findings)) kinds[kind] = (kinds[kind] ?? 0) + 1
  return {
    reports: reports.length,
    grounded: reports.filter(({ grounding }) => grounding !== null).length,
    mean_score: reports.length === 0 ? null : rounded(meanOf(reports.map(({ score }) => score))),
    kinds,
  }
}

const MEASURES: readonly [string, (report: QualityOfReport) => number | null][] = [
  ['score', ({ score }) => score],
  ['grounding', ({ grounding }) => grounding?.score ?? null],
  ['findings', ({ findings }) => -findings.length],
  ['complete', ({ complete }) => (complete ? 1 : 0)],
  ['words', ({ words }) => words],
]

function compared(
  reports: readonly QualityOfReport[],
  baseline: readonly QualityOfReport[],
): NonNullable<QualityResult['comparison']> {
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
  const tests = MEASURES.flatMap(([measure, of]) => {
    const values = pairs.flatMap(([one, other]): [number, number][] => {
      const [a, b] = [of(one), of(other)]
      return a === null || b === null ? [] : [[a, b]]
    })
    if (values.length === 0) return []
    const [first, second] = [values.map(([a]) => a), values.map(([, b]) => b)]
    return [{ measure, mean: meanOf(second), baseline_mean: meanOf(first), ...pairedTest(first, second) }]
  })
  const found = significant(tests.map(({ p }) => p))
  const measures = tests.map((test, at): Compared => ({
    ...test,
    mean: rounded(test.mean),
    baseline_mean: rounded(test.baseline_mean),
    mean_difference: rounded(test.mean_difference),
    effect: rounded(test.effect),
    different: found[at] === true,
  }))
  return { pairs: pairs.length, unpaired: reports.length + baseline.length - 2 * pairs.length, measures }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
