import { join } from 'node:path'
import { arxivIdOf } from '../core/arxiv-id.js'
import { UsageError } from '../core/errors.js'
import type { Corpus } from '../corpus/open.js'
import { fittingOf } from '../corpus/seeding/seed-candidates.js'
import type { SeedFilter } from '../corpus/seeding/seed-filter.js'
import { requireExecutions } from '../db/executions/named.js'
import type { ReportRow } from '../db/executions/reports.js'
import { reportRows, reportRowsOf } from '../db/executions/reports.js'
import type { Db } from '../db/engine/prepared.js'
import { reportFileName } from '../report/file-name.js'
import { frontmatterLength } from '../report/frontmatter/read-frontmatter.js'
import { markChanges } from '../report/frontmatter/mark-changes.js'
import { writeReport } from '../report/write-report.js'
import { readReportFile, writtenReport } from './actions/stored-report.js'

/** A paper that is done. Times are ISO-8601 UTC text. */
export interface ListedReport {
  arxiv_id: string
  execution_id: string
  title: string
  done_at: string
  /** Where a machine wrote its copy; null: nowhere. */
  path: string | null
  /** Whether the DB holds the text, so that every machine has it. */
  stored: boolean
}

export interface ShownReport extends ListedReport {
  markdown: string
}

export interface ExportedReports {
  folder: string
  written: number
  /** Already there, byte for byte. */
  unchanged: number
  /** Papers whose report neither the DB nor this machine has. */
  missing: string[]
}

export interface FoundReport extends ListedReport {
  /** The first line that holds one of the words; of the frontmatter only where no other does. */
  line: string
}

/** Yields every paper that has a report, by arXiv id. */
export async function* listReports(db: Db): AsyncGenerator<ListedReport> {
  for await (const row of reportRows(db)) yield listed(row)
}

/**
 * Returns the reports of some papers, in the order of the ids.
 *
 * @throws UsageError `unknown_paper`; `no_report` for a paper that has none here, saying what became of it.
 */
export async function showReports(db: Db, ids: readonly string[]): Promise<ShownReport[]> {
  const reports: ShownReport[] = []
  for (const { execution_id: id, status, arxiv_id: name } of await requireExecutions(db, ids)) {
    const [row] = await reportRowsOf(db, [id])
    const markdown = row === undefined ? null : await textOf(db, row)
    if (row === undefined || markdown === null) throw noReport(name, status, row?.result_path ?? null)
    reports.push({ ...listed(row), markdown })
  }
  return reports
}

function noReport(name: string, status: string, path: string | null): UsageError {
  if (status !== 'done') {
    return new UsageError('no_report', `${name} has no report yet: it is ${status}.`, {
      hint:
        status === 'failed'
          ? `rpa log ${name} says why, and what to do.`
          : 'rpa status shows how far things are.',
    })
  }
  return new UsageError(
    'no_report',
    `The report of ${name} is not in the DB, and ${path ?? 'no file'} cannot be read here.`,
    {
      hint: 'It was written before reports were kept in the DB: look for the file on the machine that wrote it.',
    },
  )
}

/**
 * Writes reports into a folder, one file each, named as `wrap` names them.
 *
 * @param ids only these papers; empty: all.
 * @throws RpaError `report_write_failed`; what was written before stays.
 */
export async function exportReports(
  db: Db,
  folder: string,
  ids: readonly string[],
): Promise<ExportedReports> {
  const result: ExportedReports = { folder, written: 0, unchanged: 0, missing: [] }
  for await (const row of ids.length === 0 ? reportRows(db) : chosenRows(db, ids)) {
    const markdown = await textOf(db, row)
    if (markdown === null) {
      result.missing.push(row.arxiv_id)
      continue
    }
    const name = reportFileName(row.arxiv_id, row.title)
    if (readReportFile(join(folder, name)) === markdown) result.unchanged += 1
    else {
      await writeReport(folder, name, markdown, 'name another folder: rpa report export FOLDER')
      result.written += 1
    }
  }
  return result
}

async function* chosenRows(db: Db, ids: readonly string[]): AsyncGenerator<ReportRow> {
  for (const { execution_id: id } of await requireExecutions(db, ids)) yield* await reportRowsOf(db, [id])
}

/**
 * Yields the reports that hold all the words, in any case, by arXiv id.
 *
 * @param words at least one; each may be several words that follow one another.
 */
export async function* searchReports(db: Db, words: readonly string[]): AsyncGenerator<FoundReport> {
  const wanted = words.map(folded).filter((word) => word !== '')
  for await (const row of reportRows(db)) {
    const markdown = await textOf(db, row)
    if (markdown === null) continue
    const text = folded(`${row.title}\n${markdown}`)
    if (!wanted.every((word) => text.includes(word))) continue
    const body = frontmatterLength(markdown)
    const line = `${markdown.slice(body)}\n${markdown.slice(0, body)}\n${row.title}`
      .split('\n')
      .find((one) => wanted.some((word) => folded(one).includes(word)))
    yield { ...listed(row), line: line?.trim() ?? '' }
  }
}

function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\S\n]+/g, ' ')
}

function listed({ arxiv_id, execution_id, title, updated_at, result_path, report }: ReportRow): ListedReport {
  return { arxiv_id, execution_id, title, done_at: updated_at, path: result_path, stored: report !== null }
}

/** With what became known since. */
async function textOf(db: Db, row: ReportRow): Promise<string | null> {
  const markdown = await writtenReport(db, row)
  if (markdown === null) return null
  // A paper that is being redone has its report of the version before.
  return markChanges(markdown, { ...row, newer_version: row.newer_version ?? row.redone_version })
}

/**
 * Returns which reports are meant: those of the papers named, or all, and of them those that the corpus finds fitting.
 *
 * @throws UsageError `unknown_paper`.
 */
export async function chosenReports(
  db: Db,
  ids: readonly string[],
  papers: { corpus: Corpus; filter: SeedFilter } | null,
): Promise<(row: ReportRow) => boolean> {
  const named = new Set((await requireExecutions(db, ids)).map(({ execution_id: id }) => id))
  const fitting = papers === null ? null : fittingOf(papers.corpus, papers.filter)
  return ({ execution_id: id, arxiv_id: name }) => {
    if (ids.length > 0 && !named.has(id)) return false
    return fitting === null || fitting([name]).has(arxivIdOf(name) ?? name)
  }
}
