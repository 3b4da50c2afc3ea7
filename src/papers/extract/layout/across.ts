import type { Line, Segment } from '../model.js'

/** Between the words of a line that was stretched to its width, in ems. */
const MAX_STRETCH = 6
/** What crosses the gutter and is shorter may be a word in a drawing. */
const MIN_CROSSING_GLYPHS = 12
/** A line of running text across the page has at least so many. */
const MIN_PARAGRAPH_GLYPHS = 60

/** Returns the short last lines of paragraphs that run across the page: right below one of its lines, with nothing beside them. All lists run from top to bottom. */
export function endsBelow(
  full: readonly Line[],
  left: readonly Line[],
  right: readonly Line[],
): ReadonlySet<Line> {
  const ends = new Set<Line>()
  let l = 0
  let r = 0
  for (const line of full) {
    while (l < left.length && left[l]!.base >= line.base) l++
    while (r < right.length && right[r]!.base > line.base) r++
    const end = left[l]
    if (end === undefined || !goesOn(line, end)) continue
    const beside = right[r]
    if (beside === undefined || beside.base < end.base - 0.5 * end.size) ends.add(end)
  }
  return ends
}

function goesOn(line: Line, end: Line): boolean {
  if (line.wideGaps > 0 || line.glyphs < MIN_PARAGRAPH_GLYPHS) return false
  if (line.base - end.base > 1.5 * line.size || Math.abs(end.x0 - line.x0) > 2) return false
  return Math.abs(end.size - line.size) < 0.06 * line.size
}

/** Moves to the segments across the page those at the ends of a stretched line, which do not cross the gutter themselves. */
export function takeRest(sides: [Segment[], Segment[], Segment[]]): void {
  const rows = new Map<number, Segment[]>()
  const add = (s: Segment): void => {
    const row = rows.get(Math.round(s.base))
    if (row === undefined) rows.set(Math.round(s.base), [s])
    else row.push(s)
  }
  for (const s of sides[0]) if (s.glyphs > MIN_CROSSING_GLYPHS) add(s)
  if (rows.size === 0) return
  // From the gutter outwards, so that each part can join the one before it.
  sides[1].sort((a, b) => b.x1 - a.x1)
  sides[2].sort((a, b) => a.x0 - b.x0)
  for (const side of [1, 2] as const) {
    const rest: Segment[] = []
    for (const s of sides[side]) {
      const row = Math.round(s.base)
      const near = [row - 1, row, row + 1].flatMap((at) => rows.get(at) ?? [])
      if (near.some((other) => isSameLine(other, s))) {
        add(s)
        sides[0].push(s)
      } else rest.push(s)
    }
    sides[side] = rest
  }
}

function isSameLine(a: Segment, b: Segment): boolean {
  const gap = Math.max(a.x0, b.x0) - Math.min(a.x1, b.x1)
  const isNear = gap > 0 && gap < MAX_STRETCH * a.size
  return isNear && Math.abs(a.base - b.base) < 0.1 * a.size && Math.abs(a.size - b.size) < 0.06 * a.size
}
