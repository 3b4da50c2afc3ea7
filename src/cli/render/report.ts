import type { ExportedReports, FoundReport, ListedReport, ShownReport } from '../../pipeline/reports.js'
import { frontmatterLength, normaliseLines } from '../../report/frontmatter/read-frontmatter.js'
import { renderTable } from '../layout/table.js'
import { withoutControls } from '../layout/width.js'

const TITLE = 70
const LINE = 160
const NAMED = 10

/** Returns the table of `report list`. */
export function renderReports(reports: readonly ListedReport[]): string {
  if (reports.length === 0) return 'no reports yet'
  const columns = [{ head: 'PAPER' }, { head: 'DONE' }, { head: 'TITLE' }]
  const rows = reports.map((row) => [row.arxiv_id, row.done_at.slice(0, 10), shortened(row.title, TITLE)])
  return `${renderTable(columns, rows)}\n${reports.length} ${reports.length === 1 ? 'report' : 'reports'}`
}

/** Returns what a person reads of a report on a terminal: where it is, and its text without the data above it. */
export function renderReport({ arxiv_id, done_at, path, markdown }: ShownReport): string {
  const text = normaliseLines(markdown)
  const above = `${arxiv_id}, done ${done_at.slice(0, 10)}; its data: rpa report show ${arxiv_id} | less`
  const place = path === null ? '' : `\n${path}`
  return withoutControls(`${above}${place}\n\n${text.slice(frontmatterLength(text)).trim()}`)
}

/** Returns what a person reads of a search: two lines a report. */
export function renderFound(reports: readonly FoundReport[]): string {
  if (reports.length === 0) return 'no report holds all of that'
  return reports
    .map(
      ({ arxiv_id, title, line }) => `${arxiv_id}  ${shortened(title, TITLE)}\n    ${shortened(line, LINE)}`,
    )
    .join('\n')
}

/** Returns what a person reads of an export. */
export function renderExport({ folder, written, unchanged, missing }: ExportedReports): string {
  const lines = [`${written} reports written to ${folder}, ${unchanged} were there already`]
  if (missing.length > 0) {
    const more = missing.length > NAMED ? ' …' : ''
    lines.push(
      `${missing.length} are neither in the DB nor on this machine: ${missing.slice(0, NAMED).join(', ')}${more}`,
    )
  }
  return lines.join('\n')
}

function shortened(text: string, most: number): string {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`
}
