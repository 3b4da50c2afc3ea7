import { roomOn } from './screen.js'
import { broken, copied, cut, unbroken, widthOf, withoutControls } from './width.js'

export interface Column {
  head: string
  align?: 'left' | 'right'
}

const GAP = '  '
/** Words in a last column narrower than this cannot be read. */
const LEAST_LAST = 20

/**
 * Returns a borderless table, easy to read and to cut with shell tools. Control characters in cells are left out. Where a line has
 * no room for the longest word of each column, rows stand one below the other.
 *
 * @param room cells that a line may take: of the terminal, if there is one.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
  room = roomOn(process.stdout),
): string {
  const texts = rows.map((row) => row.map(cell))
  const heads = columns.map(({ head }) => head)
  const widths = columns.map(({ head }, at) => widest([head, ...texts.map((row) => row[at] ?? '')]))
  if (sum(widths) <= room) return [heads, ...texts].map((row) => line(columns, row, widths)).join('\n')
  // A title may be cut where it would go on in the next line of the terminal; what else stands last may not.
  const isCut = heads.at(-1) === 'TITLE'
  const last = Math.min(widths.at(-1) ?? 0, LEAST_LAST)
  const leastOf = (words: (text: string) => string[]): number[] => {
    const least = columns.map(({ head }, at) => longest([head, ...texts.map((row) => row[at] ?? '')], words))
    return [...least.slice(0, -1), Math.max(last, least.at(-1) ?? 0)]
  }
  if (isCut) {
    if (sum([...widths.slice(0, -1), last]) > room) return stacked(heads, texts, room)
    return [heads, ...texts].map((row) => cut(line(columns, row, widths), room)).join('\n')
  }
  // Where a path is too long for its column, its row alone stands below itself.
  const least = [unbroken, withoutCopied].map(leastOf).find((one) => sum(one) <= room)
  if (least === undefined) return stacked(heads, texts, room)
  const fitting = narrowed(widths, least, room)
  const fits = (row: readonly string[]): boolean =>
    row.every((text, at) => widest(copied(text)) <= (fitting[at] ?? 0))
  return [heads, ...texts]
    .flatMap((row) =>
      fits(row) ? linesOf(row, fitting, (one) => line(columns, one, fitting)) : stacked(heads, [row], room),
    )
    .join('\n')
}

const sum = (widths: readonly number[]): number =>
  widths.reduce((all, width) => all + width + GAP.length, -GAP.length)

/** Of more texts than a call takes arguments. */
function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0)
}

function longest(texts: readonly string[], words: (text: string) => string[]): number {
  return widest(texts.flatMap(words))
}

function withoutCopied(text: string): string[] {
  const whole = new Set(copied(text))
  return unbroken(text).filter((word) => !whole.has(word))
}

function line(columns: readonly Column[], row: readonly string[], widths: readonly number[]): string {
  const cells = columns.map(({ align }, at) => {
    const text = row[at] ?? ''
    const blanks = ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(text)))
    return align === 'right' ? blanks + text : text + blanks
  })
  return cells.join(GAP).trimEnd()
}

/** Returns a row whose cells go on in the lines below. */
function linesOf(
  row: readonly string[],
  widths: readonly number[],
  toLine: (row: readonly string[]) => string,
): string[] {
  const cells = row.map((text, at) => broken(text, widths[at] ?? 0).split('\n'))
  const height = Math.max(...cells.map(({ length }) => length))
  return Array.from({ length: height }, (_, at) => toLine(cells.map((lines) => lines[at] ?? '')))
}

/** Returns widths of columns that fit, the widest made less, none below what it needs at least. */
function narrowed(widths: readonly number[], least: readonly number[], room: number): number[] {
  const own = [...widths]
  const width = (at: number): number => own[at] ?? 0
  for (let over = sum(own) - room; over > 0; over = sum(own) - room) {
    const [at, next] = [...own.keys()]
      .filter((column) => width(column) > (least[column] ?? 0))
      .sort((one, other) => width(other) - width(one))
    if (at === undefined) break
    const step = next === undefined ? over : Math.max(1, width(at) - width(next))
    own[at] = width(at) - Math.min(over, width(at) - (least[at] ?? 0), step)
  }
  return own
}

/** Returns each row as its first cell, and below it what the others hold, each behind the head of its column. */
function stacked(heads: readonly string[], rows: readonly (readonly string[])[], room: number): string {
  const own = room - GAP.length
  return rows
    .flatMap(([first = '', ...others]) => {
      const lines: string[] = []
      for (const [at, text] of others.entries()) {
        const piece = `${heads[at + 1] ?? ''} ${text}`.trim()
        const joined = `${lines.at(-1)}${GAP}${piece}`
        if (text === '') continue
        if (lines.length > 0 && widthOf(joined) <= own) lines[lines.length - 1] = joined
        else lines.push(...broken(piece, own).split('\n'))
      }
      // A path that is too long for the line is copied best without blanks before it.
      return [first, ...lines.map((one) => (widthOf(one) > own ? one : GAP + one))]
    })
    .join('\n')
}

function cell(value: string | number): string {
  return withoutControls(String(value)).replaceAll('\n', ' ')
}
