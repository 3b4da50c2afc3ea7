import type { Line, PageText, Segment } from '../model.js'
import { endsBelow, takeRest } from './across.js'
import { spacesIn } from './letter-pitch.js'
import { SIDE, sidebarOf } from './sidebars.js'
import { crosses, wideFloats, type Gutter } from './wide-floats.js'

const MIN_COLUMN_SHARE = 0.22
const MIN_LINES = 6
const BIN_PT = 3
/** In ems. */
const CELL_GAP = 1.2

/**
 * Returns the gutter of a page in two columns, or null. A column shows itself by many long lines that start at one
 * x right of the middle third, and by as many that end before it. `likely` is the gutter of other pages: a page
 * that agrees with it needs less of its own evidence.
 */
export function findGutter(page: PageText, likely: Gutter | null): Gutter | null {
  if (likely !== null && agrees(page, likely)) return likely
  const long = page.segments.filter((s) => s.x1 - s.x0 > MIN_COLUMN_SHARE * page.width && s.glyphs > 12)
  const edge = commonLeftEdge(long, page.width)
  if (edge !== null) {
    const rights = long.filter((s) => Math.abs(s.x0 - edge) < 2 * BIN_PT)
    const lefts = long.filter((s) => s.x1 < edge && s.x0 < edge - MIN_COLUMN_SHARE * page.width)
    const across = long.filter((s) => s.x0 < edge - 30 && s.x1 > edge + 30).length
    const enough = Math.min(lefts.length, rights.length)
    if (enough >= MIN_LINES && across < 1.5 * (lefts.length + rights.length)) {
      return {
        left: Math.min(
          edge - 4,
          percentile(
            lefts.map((s) => s.x1),
            0.95,
          ),
        ),
        right: edge,
      }
    }
  }
  return null
}

function commonLeftEdge(long: readonly Segment[], width: number): number | null {
  const bins = new Map<number, number>()
  for (const s of long) {
    if (s.x0 < 0.35 * width || s.x0 > 0.68 * width) continue
    const bin = Math.round(s.x0 / BIN_PT)
    bins.set(bin, (bins.get(bin) ?? 0) + 1)
  }
  let best: number | null = null
  for (const [bin, count] of bins) {
    if (best === null || count > (bins.get(best) ?? 0)) best = bin
  }
  if (best === null) return null
  const chosen = best
  const members = long.filter((s) => Math.abs(s.x0 / BIN_PT - chosen) <= 1.5).map((s) => s.x0)
  return percentile(members, 0.1)
}

/** True if most text of the page stays on one side of the gutter, and some starts right of it. */
function agrees(page: PageText, gutter: Gutter): boolean {
  let across = 0
  let beside = 0
  let starts = 0
  for (const s of page.segments) {
    if (s.x0 < gutter.left - 12 && s.x1 > gutter.right + 12) across += s.glyphs
    else beside += s.glyphs
    if (Math.abs(s.x0 - gutter.right) < 6) starts += 1
  }
  return beside > across && starts >= (across === 0 ? 1 : 2)
}

/** Returns the gutter that most pages of the document share, or null. */
export function commonGutter(pages: readonly PageText[]): Gutter | null {
  const found = pages.map((p) => findGutter(p, null)).filter((g): g is Gutter => g !== null)
  if (found.length === 0 || found.length < pages.length * 0.3) return null
  return {
    left: percentile(
      found.map((g) => g.left),
      0.5,
    ),
    right: percentile(
      found.map((g) => g.right),
      0.5,
    ),
  }
}

/**
 * Returns the lines of a page in reading order: bands between lines that run across the page, in each band the
 * left column before the right one; what stands beside an abstract comes before it.
 */
export function orderedLines(page: PageText, gutter: Gutter | null): Line[] {
  const sidebar = sidebarOf(page, gutter)
  if (sidebar === null) return linesInColumns(page, gutter)
  const { heading, segments } = sidebar
  const lines = linesInColumns({ ...page, segments: page.segments.filter((s) => !segments.has(s)) }, gutter)
  const at = lines.findIndex((l) => l.x0 === heading.x0 && Math.abs(l.base - heading.base) < 1)
  const beside = withMargins(joinLines([...segments], page.number, SIDE))
  return [...lines.slice(0, at), ...beside, ...lines.slice(at)]
}

function linesInColumns(page: PageText, gutter: Gutter | null): Line[] {
  if (gutter === null) return withMargins(joinLines(page.segments, page.number, 0))
  const sides: [Segment[], Segment[], Segment[]] = [[], [], []]
  const wide = new Set(wideFloats(page.segments, gutter))
  for (const s of page.segments) sides[wide.has(s) ? 0 : sideOf(s, gutter)].push(s)
  takeRest(sides)
  const full = joinLines(sides[0], page.number, 0)
  const left = joinLines(sides[1], page.number, 1)
  const right = joinLines(sides[2], page.number, 2)
  const ends = endsBelow(full, left, right)
  for (const end of ends) end.column = 0
  const across = ends.size === 0 ? full : [...full, ...ends].sort((a, b) => b.base - a.base)
  const rest = ends.size === 0 ? left : left.filter((l) => !ends.has(l))
  return inBands(withMargins(across), withMargins(rest), withMargins(right))
}

/** Returns 0 for what runs across the gutter, 1 for the left and 2 for the right column. */
function sideOf(s: Segment, gutter: Gutter): 0 | 1 | 2 {
  if (crosses(s, gutter)) return 0
  return s.x0 + s.x1 < gutter.left + gutter.right ? 1 : 2
}

function inBands(full: readonly Line[], left: readonly Line[], right: readonly Line[]): Line[] {
  const result: Line[] = []
  let l = 0
  let r = 0
  const take = (above: number): void => {
    while (l < left.length && left[l]!.base > above) result.push(left[l++]!)
    while (r < right.length && right[r]!.base > above) result.push(right[r++]!)
  }
  for (const line of full) {
    take(line.base)
    result.push(line)
  }
  take(-Infinity)
  return result
}

/** Joins segments of one column that stand on one baseline; the result runs from top to bottom. */
function joinLines(segments: readonly Segment[], page: number, column: number): Line[] {
  const sorted = [...segments].sort((a, b) => b.base - a.base || a.x0 - b.x0)
  const rows: Segment[][] = []
  for (const s of sorted) {
    const row = findRow(rows, s)
    if (row === null) rows.push([s])
    else row.push(s)
  }
  return rows.map((row) => joinRow(row, page, column)).sort((a, b) => b.base - a.base)
}

function findRow(rows: readonly Segment[][], s: Segment): Segment[] | null {
  for (let i = rows.length - 1; i >= Math.max(0, rows.length - 4); i--) {
    const row = rows[i]!
    if (row.some((other) => sameRow(other, s)) && !row.some((other) => overlapX(other, s) > 0.3)) return row
  }
  return null
}

function sameRow(a: Segment, b: Segment): boolean {
  const shift = Math.abs(a.base - b.base)
  const em = Math.max(a.size, b.size)
  if (shift < 0.2 * em) return true
  const gap = Math.max(a.x0, b.x0) - Math.min(a.x1, b.x1)
  const script = Math.min(a.size, b.size) < 0.75 * em
  return shift < (script ? 0.65 : 0.5) * em && gap < (script ? 0.9 : 0.6) * em
}

function overlapX(a: Segment, b: Segment): number {
  const shared = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0)
  return shared / Math.max(1, Math.min(a.x1 - a.x0, b.x1 - b.x0))
}

function joinRow(row: Segment[], page: number, column: number): Line {
  const isLeftward = row.length > 1 && runsLeftward(row)
  if (row.length > 1) row.sort(isLeftward ? (a, b) => b.x1 - a.x1 : (a, b) => a.x0 - b.x0)
  const first = row[0]!
  const line: Line = {
    text: first.text,
    x0: first.x0,
    x1: first.x1,
    base: first.base,
    size: first.size,
    glyphs: first.glyphs,
    bold: first.bold,
    italic: first.italic,
    math: first.math,
    mono: first.mono,
    leftward: first.leftward,
    order: first.order,
    page,
    column,
    left: first.x0,
    right: first.x1,
    wideGaps: 0,
  }
  for (let i = 1; i < row.length; i++) append(line, row[i]!, isLeftward)
  return line
}

/** True if most letters of a row run from right to left. */
function runsLeftward(row: readonly Segment[]): boolean {
  let balance = 0
  for (const s of row) balance += 2 * s.leftward - s.glyphs
  return balance > 0
}

function append(line: Line, s: Segment, isLeftward: boolean): void {
  const em = Math.max(line.size, s.size)
  const gap = isLeftward ? line.x0 - s.x1 : s.x0 - line.x1
  if (gap > 2 * em) line.wideGaps += 1
  const tight = gap < 0.15 * em && Math.min(line.size, s.size) < 0.9 * em
  // A tab marks a gap that may part two cells of a table.
  line.text += tight ? s.text : `${gap > CELL_GAP * em ? '\t' : ' '}${spacesIn(gap, line, s)}${s.text}`
  line.x0 = Math.min(line.x0, s.x0)
  line.x1 = Math.max(line.x1, s.x1)
  if (s.size > line.size * 1.05 || (s.glyphs > line.glyphs && s.size > line.size * 0.95)) {
    line.size = s.size
    line.base = s.base
  }
  line.glyphs += s.glyphs
  line.bold += s.bold
  line.italic += s.italic
  line.math += s.math
  line.mono += s.mono
  line.leftward += s.leftward
  line.order = Math.min(line.order, s.order)
}

/** Fills in the edges of the column: where most long lines start and end. */
function withMargins(lines: Line[]): Line[] {
  const long = lines.filter((l) => l.glyphs > 25 && l.wideGaps === 0)
  const base = long.length >= 3 ? long : lines
  const left = commonest(base.map((l) => l.x0))
  const right = percentile(
    base.map((l) => l.x1),
    0.9,
  )
  for (const line of lines) {
    line.left = left
    line.right = right
  }
  return lines
}

/** Returns the leftmost value that at least a fifth of the values share within 3 pt, else the 10th percentile. */
function commonest(values: readonly number[]): number {
  const sorted = new Float64Array(values).sort()
  const need = Math.max(2, Math.ceil(sorted.length * 0.2))
  for (let i = 0; i + need <= sorted.length; i++) {
    if (sorted[i + need - 1]! < sorted[i]! + 3) return sorted[i]!
  }
  return percentile(values, 0.1)
}

/** Returns the value below which the given share of the values lies; 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = new Float64Array(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
