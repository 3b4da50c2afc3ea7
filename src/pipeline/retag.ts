import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { messageOf, RpaError } from '../core/errors.js'
import { replaceFile } from '../core/files/replace-file.js'
import type { Settings } from '../core/settings/settings.js'
import { replaceReport, reportRows, type ReportRow } from '../db/executions/reports.js'
import { paperTextOf } from '../db/executions/results.js'
import type { Db } from '../db/engine/prepared.js'
import { readReportText } from '../report/read-report.js'
import { named, tagsOf, type Tag } from '../report/terms/tags.js'
import { Vocabulary } from '../report/terms/vocabulary.js'
import { withTags } from '../report/frontmatter/with-tags.js'
import { findAcronyms } from '../text/acronyms.js'
import { readReportFile, writtenReport } from './actions/stored-report.js'
import { loadTerminology } from './config/load-terminology.js'

/** What `retag` prints with --json. */
export interface RetagResult {
  /** Papers that are done and fit. */
  considered: number
  changed: number
  unchanged: number
  /** Papers whose text the DB does not hold: their tags are renamed at most. */
  without_text: string[]
  /** Papers whose report cannot be read or written. */
  failed: { arxiv_id: string; code: string; message: string }[]
  /** The first of those that were changed, or would be. */
  papers: { arxiv_id: string; before: string[]; after: string[] }[]
}

/** Papers that a result lists at most. */
const SHOWN = 1000

/** What one paper's report can be tagged with: scored tags, or the names it has. */
type Found = readonly Tag[] | readonly string[]

/**
 * Finds the tags of the papers that are done again, from the text the DB holds, under the names that the tags of all reports
 * have together, without a request. Of a report nothing but its tags changes, in the DB and in the file that this machine wrote.
 *
 * @param fits which papers, by execution id; the vocabulary is that of all.
 * @throws ConfigError `terminology_invalid`, `terminology_cycle`.
 */
export async function retag(
  db: Db,
  settings: Settings,
  fits: (row: ReportRow) => boolean,
  dryRun: boolean,
): Promise<RetagResult> {
  const result: RetagResult = {
    considered: 0,
    changed: 0,
    unchanged: 0,
    without_text: [],
    failed: [],
    papers: [],
  }
  const { canonical, ...terminology } = loadTerminology(settings)
  const vocabulary = new Vocabulary({ canonical, ...terminology })
  const found = new Map<string, Found>()
  for await (const row of reportRows(db)) {
    const tags = await attempt(row, result, () => tagsFor(db, row, vocabulary))
    if (tags === null || row.status !== 'done' || !fits(row)) continue
    found.set(row.execution_id, tags)
    if (tags.some((tag) => typeof tag === 'string')) result.without_text.push(row.arxiv_id)
  }
  const names = vocabulary.names()
  const nameOf = (tag: string): string => names.get(tag) ?? canonical(tag)
  for await (const row of reportRows(db)) {
    const tags = found.get(row.execution_id)
    if (tags === undefined) continue
    result.considered += 1
    const change = await attempt(row, result, () =>
      retagOne(db, row, renamed(tags, nameOf), { dryRun, reportsDir: settings.reportsDir }),
    )
    if (change === 'none') result.unchanged += 1
    else if (change !== null) {
      result.changed += 1
      if (result.papers.length < SHOWN) result.papers.push({ arxiv_id: row.arxiv_id, ...change })
    }
  }
  return result
}

/** Runs `work`; null where one paper's report cannot be read or written, which the result says then. */
async function attempt<T>(row: ReportRow, result: RetagResult, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RpaError)) throw error
    result.failed.push({ arxiv_id: row.arxiv_id, code: error.code, message: messageOf(error) })
    return null
  }
}

/** Finds the tags of one paper and takes them into the vocabulary; without its text those of its report. */
async function tagsFor(db: Db, row: ReportRow, vocabulary: Vocabulary): Promise<Found> {
  const paper = await paperTextOf(db, row.execution_id)
  if (paper === null) {
    const markdown = (await writtenReport(db, row)) ?? ''
    const { tags } = readReportText(markdown)
    vocabulary.add(tags, findAcronyms(markdown))
    return tags
  }
  const tags = tagsOf(paper)
  vocabulary.add(
    tags.map(({ tag }) => tag),
    findAcronyms([paper.title, paper.abstract, paper.text].join('\n')),
  )
  return tags
}

function renamed(tags: Found, nameOf: (tag: string) => string): Found {
  const scored = tags.filter((tag): tag is Tag => typeof tag !== 'string')
  if (scored.length > 0) return named(scored, nameOf)
  return [...new Set((tags as readonly string[]).map(nameOf))]
}

async function retagOne(
  db: Db,
  row: ReportRow,
  tags: Found,
  { dryRun, reportsDir }: { dryRun: boolean; reportsDir: string },
): Promise<'none' | { before: string[]; after: string[] }> {
  const before = await writtenReport(db, row)
  if (before === null) return 'none'
  const after = tagged(before, tags)
  // A file may be behind what the DB holds: its process was killed in between, or somebody wrote into it.
  const path = row.result_path?.endsWith('.md') === true ? ownFile(row.result_path, reportsDir) : null
  const file = path === null ? null : readReportFile(path)
  const written = file === null ? null : withTags(file, tags)
  const isFileBehind = written !== null && written !== file
  if (after === before && !isFileBehind) return 'none'
  const change = { before: readReportText(before).tags, after: readReportText(after).tags }
  if (dryRun) return change
  if (after !== before && row.report !== null && !(await replaceReport(db, row, after))) return 'none'
  if (path !== null && isFileBehind)
    await replaceFile(path, written).catch((error: unknown) => unwritten(path, error))
  return change
}

/** A workspace that was copied has its own file of the name; the path in its DB leads to that of the one before. */
function ownFile(path: string, reportsDir: string): string {
  const own = join(reportsDir, basename(path))
  return existsSync(own) ? own : path
}

function tagged(markdown: string, tags: Found): string {
  const report = withTags(markdown, tags)
  if (report !== null) return report
  throw new RpaError('report_frontmatter', 'The report has no frontmatter that can be read.', {
    hint: 'rpa quality --fix has broken reports written again.',
  })
}

function unwritten(path: string, cause: unknown): never {
  throw new RpaError('report_write_failed', `The report ${path} could not be written: ${messageOf(cause)}.`, {
    hint: 'Run rpa retag again: the DB has the new tags, the file follows.',
    cause,
  })
}
