import type { Line } from '../model.js'

const ZONE_LINES = 3
/** A title that is repeated over the other pages is larger than its repetitions. */
const LARGER = 1.2
const ARXIV_STAMP = /^arXiv:\s?(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?\/\d{7})(v\d+)?\s/
const PAGE_NUMBER =
  /^[-–—|·•\s]*(page\s+)?(\d{1,4}|[ivxlc]{1,6}|[A-Z]-?\d{1,3})(\s*(of|\/)\s*\d{1,4})?[-–—|·•\s]*$/i

interface PageLines {
  height: number
  lines: Line[]
}

/**
 * Takes running heads, page numbers and the arXiv stamp out of the pages: lines at the top or bottom whose text
 * (digits aside) comes back at the same height on several pages, and bare numbers at the outer edge.
 */
export function withoutFurniture(pages: readonly PageLines[]): Line[][] {
  const edges = pages.map((p) => edgeLines(p))
  const repeated = repeatedKeys(edges)
  return pages.map((page, i) => {
    const isFurniture = (line: Line): boolean =>
      line.size < LARGER * (repeated.get(keyOf(line)) ?? 0) || ARXIV_STAMP.test(line.text)
    const drop = new Set([
      ...fromEdge(edges[i]!.top, isFurniture),
      ...fromEdge(edges[i]!.bottom, isFurniture),
    ])
    for (const line of outermost(page.lines, drop)) if (PAGE_NUMBER.test(line.text)) drop.add(line)
    return drop.size === 0 ? page.lines : page.lines.filter((line) => !drop.has(line))
  })
}

/** The lines of an edge from outside inwards that are furniture, up to the first that is none. */
function fromEdge(lines: readonly Line[], isFurniture: (line: Line) => boolean): Line[] {
  const first = lines.findIndex((line) => !isFurniture(line) && !PAGE_NUMBER.test(line.text))
  return (first < 0 ? lines : lines.slice(0, first)).filter(isFurniture)
}

interface Edges {
  /** From outside inwards. */
  top: Line[]
  bottom: Line[]
}

function edgeLines(page: PageLines): Edges {
  const byHeight = [...page.lines].sort((a, b) => b.base - a.base)
  return {
    top: byHeight.slice(0, ZONE_LINES).filter((l) => l.base > 0.8 * page.height),
    bottom: byHeight
      .slice(-ZONE_LINES)
      .reverse()
      .filter((l) => l.base < 0.18 * page.height),
  }
}

function outermost(lines: readonly Line[], dropped: ReadonlySet<Line>): Line[] {
  const left = lines.filter((l) => !dropped.has(l))
  if (left.length === 0) return []
  let top = left[0]!
  let bottom = left[0]!
  for (const line of left) {
    if (line.base > top.base) top = line
    if (line.base < bottom.base) bottom = line
  }
  const gapBelow = Math.min(...left.filter((l) => l !== bottom).map((l) => l.base)) - bottom.base
  return gapBelow > 1.3 * bottom.size ? [top, bottom] : [top]
}

function keyOf(line: Line): string {
  return line.text
    .toLowerCase()
    .replace(/\d+/g, '#')
    .replace(/[^\p{L}#]+/gu, ' ')
    .trim()
}

/** Returns the smallest size of each text that comes back. */
function repeatedKeys(edges: readonly Edges[]): Map<string, number> {
  const seen = new Map<string, { pages: Set<number>; heights: number[]; size: number }>()
  for (const { top, bottom } of edges) {
    for (const line of [...top, ...bottom]) {
      const key = keyOf(line)
      const entry = seen.get(key) ?? { pages: new Set<number>(), heights: [], size: Infinity }
      entry.pages.add(line.page)
      entry.heights.push(line.base)
      entry.size = Math.min(entry.size, line.size)
      seen.set(key, entry)
    }
  }
  const result = new Map<string, number>()
  for (const [key, { pages, heights, size }] of seen) {
    if (pages.size >= Math.max(2, Math.min(4, edges.length * 0.25)) && sameHeight(heights))
      result.set(key, size)
  }
  return result
}

/** True if two thirds of the heights lie within 6 pt of one of them. */
function sameHeight(heights: readonly number[]): boolean {
  return heights.some((h) => heights.filter((o) => Math.abs(o - h) < 6).length >= heights.length * 0.66)
}
