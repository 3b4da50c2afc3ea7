import Table from 'cli-table3'
import { broken, cut, unbroken, widthOf } from './width.js'

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

/**
 * Returns a borderless table, easy to read and to cut with shell tools. Control characters in cells are left out.
 *
 * @param room cells that a line may take: of the terminal, if there is one.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
  room = process.stdout.isTTY ? process.stdout.columns : Infinity,
): string {
  const texts = rows.map((row) => row.map(cell))
  // A title may be cut where it would go on in the next line of the terminal; what else stands last may not.
  const isCut = columns.at(-1)?.head === 'TITLE'
  const widths = isCut ? null : widthsWithin(columns, texts, room)
  const table = new Table({
    head: columns.map(({ head }) => head),
    ...(widths === null ? {} : { colWidths: widths }),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  const fit = (text: string, at: number): string => broken(text, widths?.[at] ?? Infinity)
  table.push(...(widths === null ? texts : texts.map((row) => row.map(fit))))
  const lines = table.toString().split('\n')
  return lines.map((line) => (isCut ? cut(line.trimEnd(), room) : line.trimEnd())).join('\n')
}

const GAP = PLAIN.middle.length
const LEAST_WIDTH = 8

/** Returns the widths of columns whose cells go on in the line below, the widest made less; null where all fit as they are. */
function widthsWithin(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  room: number,
): number[] | null {
  const widths = columns.map(({ head }, at) =>
    Math.max(widthOf(head), ...rows.map((row) => widthOf(row[at] ?? ''))),
  )
  const sum = (of: readonly number[]): number => of.reduce((all, width) => all + width + GAP, -GAP)
  if (sum(widths) <= room) return null
  // No word is broken where there is room for the longest of each column.
  const longest = columns.map(({ head }, at) =>
    Math.max(...[head, ...rows.map((row) => row[at] ?? '')].flatMap(unbroken).map(widthOf)),
  )
  const least = sum(longest) <= room ? longest : widths.map((width) => Math.min(width, LEAST_WIDTH))
  const spare = (at: number): number => (widths[at] ?? 0) - (least[at] ?? 0)
  for (let over = sum(widths) - room; over > 0; over = sum(widths) - room) {
    const [at, next] = widths
      .map((_, column) => column)
      .filter((column) => spare(column) > 0)
      .sort((one, other) => (widths[other] ?? 0) - (widths[one] ?? 0))
    if (at === undefined) break
    const step = (widths[at] ?? 0) - (next === undefined ? 0 : (widths[next] ?? 0))
    widths[at] = (widths[at] ?? 0) - Math.min(over, spare(at), Math.max(1, step))
  }
  return widths
}

function cell(value: string | number): string {
  // Titles come from strangers: an escape sequence in one must not reach the terminal.
  // eslint-disable-next-line no-control-regex
  return String(value).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}
