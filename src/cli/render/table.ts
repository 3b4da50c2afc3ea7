import Table from 'cli-table3'
import { cut } from './width.js'

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

export interface Column {
  head: string
  align?: 'left' | 'right'
}

/** Returns a borderless table, easy to read and to cut with shell tools. Control characters in cells are left out. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push(row.map(cell))
  const lines = table.toString().split('\n')
  // A title may be cut where it would go on in the next line of the terminal; what else stands last may not.
  const isForTerminal = process.stdout.isTTY && columns.at(-1)?.head === 'TITLE'
  const room = isForTerminal ? process.stdout.columns : Infinity
  return lines.map((line) => cut(line.trimEnd(), room)).join('\n')
}

function cell(value: string | number): string {
  // Titles come from strangers: an escape sequence in one must not reach the terminal.
  // eslint-disable-next-line no-control-regex
  return String(value).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}
