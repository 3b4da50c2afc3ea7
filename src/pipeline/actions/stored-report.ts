import { systemCode } from '../../core/errors.js'
import { readSmallFile } from '../../core/files/small-file.js'
import { readReport, reportRowsOf, type ReportRow } from '../../db/executions/reports.js'
import type { Db } from '../../db/engine/prepared.js'
import { reportFileName } from '../../report/file-name.js'
import { versionIn } from '../../report/frontmatter/mark-changes.js'
import type { KnownChanges } from '../../report/report-input.js'
import { readFrontmatter } from '../../report/frontmatter/read-frontmatter.js'

/**
 * Returns the report of a paper as it was written, null where neither the DB nor this machine has it: those of earlier
 * versions of this program are in their files alone.
 *
 * @throws RpaError `db_corrupt`, naming the paper.
 */
export async function writtenReport(
  db: Db,
  row: Pick<ReportRow, 'execution_id' | 'report' | 'result_path'>,
): Promise<string | null> {
  const stored = await readReport(db, row)
  if (stored !== null || row.result_path?.endsWith('.md') !== true) return stored
  return readReportFile(row.result_path)
}

/** Returns the text of a file; null where it is not there, or not one of a report's size. */
export function readReportFile(path: string): string | null {
  try {
    return readSmallFile(path)
  } catch (error) {
    if (systemCode(error) === 'EMFILE') throw error
    return null
  }
}

/** Folder of reports that a later one has replaced, in that of reports. */
const EARLIER_FOLDER = 'earlier'

/** What a paper's new report needs of what came before it. */
export interface Before {
  changes: KnownChanges
  /** When it was put back in the queue for a later version; null: it never was. */
  redone_at: string | null
  /** The report of the version before; null: there is none. */
  earlier: { folder: string; name: string; markdown: string; report_version: number } | null
}

/** Returns what is known of a paper beside what was read, and its earlier report. */
export async function beforeReport(db: Db, executionId: string): Promise<Before> {
  const [row] = await reportRowsOf(db, [executionId])
  const changes = row ?? { newer_version: null, withdrawn_at: null }
  const markdown = row === undefined || row.redone_at === null ? null : await readReport(db, row)
  return {
    changes,
    redone_at: row?.redone_at ?? null,
    earlier: row === undefined || markdown === null ? null : earlierReport(row, markdown),
  }
}

function earlierReport({ arxiv_id, title }: ReportRow, markdown: string): Before['earlier'] {
  const head = readFrontmatter(markdown) ?? {}
  const count = head['report_version']
  const report_version = typeof count === 'number' ? count : 1
  const version = versionIn(markdown)
  const id = version === null ? `${arxiv_id}-report${report_version}` : `${arxiv_id}v${version}`
  const named = typeof head['title'] === 'string' ? head['title'] : title
  return { folder: EARLIER_FOLDER, name: reportFileName(id, named), markdown, report_version }
}
