import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { RpaError, UsageError, messageOf } from '../core/errors.js'
import type { Settings } from '../core/settings/settings.js'
import { DamageError } from '../db/checkpoints/damage.js'
import type { Db } from '../db/engine/prepared.js'
import { blindReport } from '../report/judging/blind-report.js'
import { meanOf } from '../report/judging/judged-pairs.js'
import { judgeReport, scoreOf } from '../report/quality/report-findings.js'
import { ReportSet } from '../report/quality/report-set.js'
import { readReportText, type ReadReport } from '../report/read-report.js'
import type { Compared, QualityOfReport } from './compare-reports.js'
import { measuresOf, pairsOf, rounded, withDifferences } from './compare-reports.js'
import type { JudgeResult, Judging } from './judging/judge-pairs.js'
import type { PairToJudge } from './judging/plan.js'
import { PaperTexts } from './paper-texts.js'
import { listReports, showReports } from './reports.js'

export interface QualitySummary {
  reports: number
  /** Reports whose facts could be looked up. */
  grounded: number
  /** Null without reports. */
  mean_score: number | null
  /** Kind of finding → how many. */
  kinds: Record<string, number>
}

export interface Comparison {
  pairs: number
  unpaired: number
  measures: Compared[]
  /** Its measures are tested together with the others. */
  judge?: JudgeResult & { measures: Compared[] }
}

export interface QualityResult {
  reports: QualityOfReport[]
  summary: QualitySummary
  /** Files that are no reports. */
  unreadable: { file: string; code: string; message: string }[]
  comparison?: Comparison
}

export interface QualityOptions {
  /** Files and folders; empty: the reports of the DB. */
  paths: readonly string[]
  baseline: string | null
  pdfDir: string | null
  /** Has pairs of reports judged by a model; left out: none is asked. */
  judge?: (pairs: readonly PairToJudge[]) => Promise<Judging>
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
  const { paths, baseline, pdfDir, judge } = options
  const unreadable: QualityResult['unreadable'] = []
  const texts = new PaperTexts(services, pdfDir)
  const blind: BlindTexts | null = judge === undefined ? null : new Map()
  const given = paths.length > 0 ? readPaths(paths, unreadable) : readDb(services.db, unreadable)
  const reports = await judged(given, texts, unreadable, blind)
  if (reports.length === 0 && unreadable.length === 0)
    throw new UsageError('no_reports', 'There are no reports to judge.', {
      hint: 'Name files or a folder of them.',
    })
  const result: QualityResult = { reports, summary: summaryOf(reports), unreadable }
  if (baseline === null) return result
  const before = await judged(readPaths([baseline], unreadable), texts, unreadable, blind)
  const pairs = pairsOf(reports, before)
  const toJudge = pairs.map(([other, ours]): PairToJudge => ({
    arxiv_id: ours.arxiv_id ?? ours.file,
    ours: blind?.get(ours) ?? '',
    baseline: blind?.get(other) ?? '',
    paperText: () => texts.textOf(ours.arxiv_id ?? ''),
  }))
  const judging = await judge?.(toJudge)
  const own = measuresOf(pairs)
  const compared = withDifferences([...own, ...(judging?.measures ?? [])])
  result.comparison = {
    pairs: pairs.length,
    unpaired: reports.length + before.length - 2 * pairs.length,
    measures: compared.slice(0, own.length),
    ...(judging === undefined ? {} : { judge: { ...judging.result, measures: compared.slice(own.length) } }),
  }
  return result
}

/** Reports as a judge reads them. */
type BlindTexts = Map<QualityOfReport, string>

interface Named {
  file: string
  markdown: string
  report: ReadReport
}

function* readPaths(paths: readonly string[], unreadable: QualityResult['unreadable']): Generator<Named> {
  for (const file of paths.flatMap(filesIn)) {
    let markdown: string
    let report: ReadReport
    try {
      markdown = readText(file)
      report = readReportText(markdown, basename(file))
      if (report.sections.size === 0) throw new RpaError('report_none', 'it has no section of a report')
    } catch (error) {
      const code = error instanceof RpaError ? error.code : 'file_unreadable'
      unreadable.push({ file, code, message: messageOf(error) })
      continue
    }
    yield { file, markdown, report }
  }
}

function filesIn(path: string): string[] {
  if (!existsSync(path)) throw new UsageError('no_such_path', `There is no file or folder ${path}.`)
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map(({ name }) => name)
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
    if (shown === undefined) continue
    const { path, markdown } = shown
    yield { file: path ?? id, markdown, report: readReportText(markdown) }
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
  blind: BlindTexts | null,
): Promise<QualityOfReport[]> {
  const set = new ReportSet()
  const reports: QualityOfReport[] = []
  for await (const { file, markdown, report } of given) {
    const alone = await leftOut(file, unreadable, async () =>
      judgeReport(report, await texts.checkerFor(report)),
    )
    if (alone === undefined) continue
    set.add(report, file)
    const one = { file, arxiv_id: report.arxiv_id, ...alone }
    reports.push(one)
    blind?.set(one, blindReport(markdown, report.arxiv_id))
  }
  for (const [at, beside] of set.findings().entries()) {
    const one = reports[at]
    if (one === undefined || beside.length === 0) continue
    one.findings = [...one.findings, ...beside]
    one.score = scoreOf(one)
  }
  return reports
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
