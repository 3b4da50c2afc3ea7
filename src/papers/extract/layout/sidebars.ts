import type { PageText, Segment } from '../model.js'
import type { Gutter } from './wide-floats.js'

/** The lines beside an abstract or a title that are none of it: the frame with keywords and dates, or a margin with addresses. */
export interface Sidebar {
  segments: ReadonlySet<Segment>
  /** What they come before: the abstract's heading, or the first line of the page. */
  heading: Segment
}

/** The column of what stands beside an abstract. */
export const SIDE = 3

const HEADING = /^(?:a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|summary)(?:\W|$)/iu
const KEYWORDS = /^key\s?words?\W*$/iu
const LAST_PAGE = 2
/** So many lines on either side of the lane between them. */
const MIN_LINES = 3
const MIN_GLYPHS = 20
/** In ems: how far the text may stand from its heading's edge, and the sidebar has to. */
const EDGE = 2
const LANE = 0.5
/** Lines of a sidebar that goes on below the abstract stand no farther apart, in ems. */
const LEADING = 1.6

/** Returns what stands left of the abstract of a page and beside it, the keywords right of it, or what stands in the margin of the first; null where nothing does. */
export function sidebarOf(page: PageText, gutter: Gutter | null): Sidebar | null {
  if (page.number > LAST_PAGE) return null
  for (const heading of page.segments) {
    if (!HEADING.test(heading.text)) continue
    if (gutter !== null && heading.x0 > gutter.left) continue
    const left = besideOf(heading, page.segments, gutter)
    const segments = left.length > 0 ? left : rightOf(heading, page.segments, gutter)
    if (segments.length > 0) return { segments: new Set(segments), heading }
  }
  return page.number === 1 && gutter === null ? notesOf(page) : null
}

/** Lines of text with so many letters tell where its left edge is, and so many lines have to. */
const LONG_GLYPHS = 40
const MIN_TEXT_LINES = 8
/** Share of the page's height: running heads and page numbers stand above or below. */
const RUNNING = 0.06

/** Returns the notes in the left margin of a first page, dates and editors, where no line of the page runs into them. */
function notesOf(page: PageText): Sidebar | null {
  const long = page.segments.filter((s) => s.glyphs > LONG_GLYPHS)
  const [first] = long
  if (first === undefined) return null
  const alike = (x: number): Segment[] => long.filter((s) => Math.abs(s.x0 - x) < 3)
  const text = long
    .map((s) => alike(s.x0))
    .reduce((most, found) => (found.length > most.length ? found : most))
  if (text.length < MIN_TEXT_LINES) return null
  const [{ x0: edge, size: em }] = text as [Segment]
  const notes = page.segments.filter((s) => {
    const isRunning = s.base < RUNNING * page.height || s.base > (1 - RUNNING) * page.height
    return s.x1 < edge - LANE * em && s.glyphs < LONG_GLYPHS && /\p{L}{3}/u.test(s.text) && !isRunning
  })
  const [top, foot] = [Math.max(...notes.map((s) => s.base)), Math.min(...notes.map((s) => s.base))]
  const isInBand = (s: Segment): boolean => s.base < top + em && s.base > foot - em
  const isAcross = page.segments.some((s) => isInBand(s) && s.x0 < edge - 2 * em && s.x1 > edge + em)
  if (notes.length < MIN_LINES || isAcross || notes.some((s) => HEADING.test(s.text))) return null
  // Before everything else they part no paragraph.
  const [heading] = page.segments
    .filter((s) => !notes.includes(s))
    .sort((a, b) => b.base - a.base || a.x0 - b.x0)
  return heading === undefined ? null : { segments: new Set(notes), heading }
}

function besideOf(heading: Segment, all: readonly Segment[], gutter: Gutter | null): Segment[] {
  const edge = heading.x0
  const em = heading.size
  const below = all.filter((s) => s.base < heading.base + 1.5 * em).sort((a, b) => b.base - a.base)
  // The lane ends where a line runs across it.
  const end = below.find((s) => s.x0 < edge - em && s.x1 > edge + LANE * em)?.base ?? -Infinity
  const band = below.filter((s) => s.base > end)
  const text = band.filter(
    (s) =>
      s.glyphs > MIN_GLYPHS &&
      Math.abs(s.x0 - edge) < EDGE * em &&
      (gutter === null || s.x0 < gutter.left) &&
      s.base < heading.base,
  )
  const lowest = text.at(-1)
  if (lowest === undefined || text.length < MIN_LINES) return []
  const left = band.filter((s) => s.x1 < edge - LANE * em)
  const beside = left.filter((s) => s.base > lowest.base - LANE * em)
  if (beside.length < MIN_LINES) return []
  for (const s of left.slice(beside.length)) {
    const last = beside.at(-1)!
    if (last.base - s.base > LEADING * s.size || Math.abs(last.size - s.size) > 0.3) break
    beside.push(s)
  }
  return beside
}

/** The keywords, and what stands below them, right of an abstract that is wider than a column. */
function rightOf(heading: Segment, all: readonly Segment[], gutter: Gutter | null): Segment[] {
  const em = heading.size
  const label = all.find(
    (s) => KEYWORDS.test(s.text) && s.x0 > heading.x1 && Math.abs(s.base - heading.base) < EDGE * em,
  )
  if (label === undefined) return []
  const edge = label.x0 - LANE * em
  const below = all.filter((s) => s.base <= Math.max(heading.base, label.base) + 1)
  const end = Math.max(-Infinity, ...below.filter((s) => s.x0 < edge && s.x1 > label.x0).map((s) => s.base))
  const text = below.filter(
    (s) => s.base > end && s.x1 < edge && s.glyphs > MIN_GLYPHS && (gutter === null || s.x1 > gutter.right),
  )
  const lowest = Math.min(...text.map((s) => s.base))
  if (text.length < MIN_LINES) return []
  // The last line of the abstract may be short.
  return below.filter((s) => s.x0 > edge && s.base > Math.max(end, lowest - LEADING * em))
}
