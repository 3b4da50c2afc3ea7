import type { Line, PageText, Segment } from '../model.js'
import { commonGutter, findGutter, orderedLines } from './columns.js'
import { crosses, type Gutter } from './wide-floats.js'

/** Lines that each column of a part of a page has at the least. */
const MIN_LINES = 3
/** In ems: lines of a column stand nearer to one another. */
const MAX_LEADING = 1.7
/** In points: entries hang out of their column by no more. */
const HANG = 14
/** Share of the page's height: running heads and page numbers stand above or below. */
const MARGIN = 0.08
/** Share of the page's width that a line of a column has at the least. */
const MIN_WIDTH = 0.22

export interface OrderedPage {
  height: number
  lines: Line[]
}

/**
 * Returns the lines of each page in reading order. Beside a page in two columns a page may have them in a part only: a list
 * of references that begins at its foot, or ends at its head.
 */
export function orderedPages(pages: readonly PageText[]): OrderedPage[] {
  const likely = commonGutter(pages)
  const gutters = pages.map((page) => findGutter(page, likely))
  return pages.map((page, i) => {
    const gutter = gutters[i] ?? null
    const lines = gutter === null ? inParts(page, gutters[i - 1], gutters[i + 1]) : orderedLines(page, gutter)
    return { height: page.height, lines }
  })
}

function inParts(
  page: PageText,
  before: Gutter | null | undefined,
  after: Gutter | null | undefined,
): Line[] {
  const body = page.segments.filter(
    (s) => s.base > MARGIN * page.height && s.base < (1 - MARGIN) * page.height,
  )
  if (before !== null && before !== undefined) {
    const end = Math.max(-Infinity, ...body.filter((s) => crosses(s, before)).map((s) => s.base))
    const [head, rest] = parted(
      page,
      footOf(
        body.filter((s) => s.base > end),
        before,
      ),
    )
    if (isInColumns(head, body, before)) return [...orderedLines(head, before), ...orderedLines(rest, null)]
  }
  if (after !== null && after !== undefined) {
    const end = Math.min(Infinity, ...body.filter((s) => crosses(s, after)).map((s) => s.base))
    const [rest, foot] = parted(page, end - 1)
    if (isInColumns(foot, body, after)) return [...orderedLines(rest, null), ...orderedLines(foot, after)]
  }
  return orderedLines(page, null)
}

/** Returns what stands above a height, and the rest of the page. */
function parted(page: PageText, base: number): [PageText, PageText] {
  const above = page.segments.filter((s) => s.base >= base)
  const below = page.segments.filter((s) => s.base < base)
  return [
    { ...page, segments: above },
    { ...page, segments: below },
  ]
}

/** Returns where columns at the head of a page end: a heading below them stands apart. */
function footOf(segments: readonly Segment[], gutter: Gutter): number {
  const right = segments.filter((s) => s.x0 > gutter.left)
  let foot = Math.min(Infinity, ...right.map((s) => s.base))
  for (const s of [...segments].sort((a, b) => b.base - a.base)) {
    if (s.base < foot && foot - s.base < MAX_LEADING * s.size) foot = s.base
  }
  return foot - 1
}

function isInColumns(part: PageText, body: readonly Segment[], gutter: Gutter): boolean {
  const long = part.segments.filter(
    (s) => body.includes(s) && s.glyphs > 12 && s.x1 - s.x0 > MIN_WIDTH * part.width,
  )
  const rights = long.filter((s) => s.x0 > gutter.right - 3 && s.x0 < gutter.right + HANG)
  const lefts = long.filter((s) => s.x1 < gutter.right)
  return rights.length >= MIN_LINES && lefts.length >= MIN_LINES
}
