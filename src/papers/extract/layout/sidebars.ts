import type { PageText, Segment } from '../model.js'
import type { Gutter } from './wide-floats.js'

/** The lines beside an abstract that are none of it: the frame with keywords and dates, or a margin with addresses. */
export interface Sidebar {
  segments: ReadonlySet<Segment>
  /** The abstract's heading, or its first line. */
  heading: Segment
}

const HEADING = /^(?:a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|summary)(?:\W|$)/iu
const LAST_PAGE = 2
/** So many lines on either side of the lane between them. */
const MIN_LINES = 3
const MIN_GLYPHS = 20
/** In ems: how far the text may stand from its heading's edge, and the sidebar has to. */
const EDGE = 2
const LANE = 0.5
/** Lines of a sidebar that goes on below the abstract stand no farther apart, in ems. */
const LEADING = 1.6

/** Returns what stands left of the abstract of a page and beside it, null where nothing does. */
export function sidebarOf(page: PageText, gutter: Gutter | null): Sidebar | null {
  if (page.number > LAST_PAGE) return null
  for (const heading of page.segments) {
    if (!HEADING.test(heading.text)) continue
    if (gutter !== null && heading.x0 > gutter.left) continue
    const segments = besideOf(heading, page.segments, gutter)
    if (segments.length > 0) return { segments: new Set(segments), heading }
  }
  return null
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
