import { captionOf } from '../../text/captions.js'
import { asideOf, pageFinder } from '../../text/paper-text.js'

export interface Entry {
  /** As printed. */
  text: string
  value: number
  /** Index into the table's rows. */
  row: number
}

/** A table as the text of a paper holds it: rows of cells, and the numbers of each column. */
export interface PaperTable {
  rows: string[][]
  /** Of the columns that hold numbers, their entries from the top; the first column is the label. */
  columns: Entry[][]
  /** What stands below it, else above it; '' where neither does. */
  caption: string
  page: number | null
}

/** A table or figure of a paper by what stands below it. */
export interface Caption {
  /** `Table 2`, `Figure 5`. */
  label: string
  text: string
  page: number | null
}

const NUMBER = /^[−-]?\d+(?:[,.]\d+)*(?:\s?%)?/
const MAX_ROWS = 60
const MAX_COLUMNS = 14

/** Returns the tables of a paper's text that could be read in rows and columns. A caption or running text ends one. */
export function readTables(text: string): PaperTable[] {
  const pageAt = pageFinder(text)
  const tables: PaperTable[] = []
  let rows: string[][] = []
  let from = 0
  let above = ''
  const close = (below: string): void => {
    if (rows.length > 1)
      tables.push({ rows, columns: columnsOf(rows), caption: below || above, page: pageAt(from) })
    rows = []
    above = below
  }
  let offset = 0
  for (const line of text.split('\n')) {
    const cells = cellsOf(line) ?? (rows.length === 0 ? null : strayRow(line, rows[0]?.length ?? 0))
    if (cells !== null) {
      if (rows.length === 0) from = offset
      if (rows.length < MAX_ROWS) rows.push(cells)
    } else if (line.trim() !== '') {
      const aside = asideOf(line)
      const caption = aside !== null && captionOf(aside) !== null ? aside : ''
      if (aside === null || caption !== '') close(caption)
    }
    offset += line.length + 1
  }
  close('')
  return tables
}

function cellsOf(line: string): string[] | null {
  const row = /^> \|(.*)\|\s*$/.exec(line)?.[1]
  return row === undefined
    ? null
    : row
        .split('|')
        .slice(0, MAX_COLUMNS)
        .map((cell) => cell.trim())
}

/** A row that the reader of the PDF took for running text: a name and as many numbers as the table has columns. */
function strayRow(line: string, width: number): string[] | null {
  const [, label = '', numbers = ''] =
    /^(?:> )?([^\d\s|].{0,40}?)((?:\s[−-]?\d+(?:\.\d+)?%?){2,14})(?=\s|$)/.exec(line) ?? []
  const cells = numbers.trim().split(' ')
  return cells.length === width - 1 ? [label.trim(), ...cells] : null
}

function columnsOf(rows: readonly string[][]): Entry[][] {
  const width = Math.max(...rows.map((row) => row.length))
  // Where cells were lost, a column is no column any more.
  const whole = rows.map((row, index) => ({ row, index })).filter(({ row }) => row.length === width)
  return Array.from({ length: width - 1 }, (_, column) =>
    whole.flatMap(({ row, index }) => {
      const text = row[column + 1] ?? ''
      const shown = NUMBER.exec(text)?.[0]
      if (shown === undefined) return []
      const value = Number(
        shown
          .replace('−', '-')
          .replace(/,(?=\d{3})/g, '')
          .replace(/\s?%/, ''),
      )
      return Number.isFinite(value) ? [{ text: shown, value, row: index }] : []
    }),
  ).filter((column) => column.length > 1)
}

/** Returns the captions of a paper's text in their order, each label once. */
export function readCaptions(text: string): Caption[] {
  const pageAt = pageFinder(text)
  const captions = new Map<string, Caption>()
  let offset = 0
  for (const line of text.split('\n')) {
    const aside = asideOf(line)
    const caption = aside === null ? null : captionOf(aside)
    if (caption !== null) {
      const label = caption.label.replace(/^Figs?\b\.? ?/i, 'Figure ').replace(/\s+/g, ' ')
      const key = label.toLowerCase()
      if (!captions.has(key)) captions.set(key, { label, text: caption.text, page: pageAt(offset) })
    }
    offset += line.length + 1
  }
  return [...captions.values()]
}
