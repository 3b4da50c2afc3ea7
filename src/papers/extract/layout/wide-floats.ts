import { CAPTION } from '../patterns.js'
import type { Segment } from '../model.js'

/** The white lane between two columns. */
export interface Gutter {
  left: number
  right: number
}

/** A row further away than this many ems does not belong to the table. */
const MAX_GAP = 2.6

/**
 * Returns the cells of tables and the words of drawings that span both columns though none of them crosses the
 * gutter: rows of short segments above or below a caption that runs across.
 */
export function wideFloats(segments: readonly Segment[], gutter: Gutter): Segment[] {
  const full = segments.filter((s) => crosses(s, gutter))
  if (full.length === 0) return []
  const captions = full.filter((s) => CAPTION.test(s.text))
  const ofParagraphs = [...lastLines(segments, full, gutter), ...partedLines(segments, full, gutter)]
  if (captions.length === 0) return ofParagraphs
  const rows = rowsOf(segments.filter((s) => !crosses(s, gutter)))
  const across = rowsOf(full)
  return [
    ...ofParagraphs,
    ...captions.flatMap((caption) => [
      ...walk(rows, captionEnd(caption, across), gutter),
      ...walk([...rows].reverse(), caption, gutter),
    ]),
  ]
}

/** The short last lines of paragraphs that run across: right below them, alone on their row. */
function lastLines(segments: readonly Segment[], full: readonly Segment[], gutter: Gutter): Segment[] {
  const long = full.filter((s) => s.glyphs > 40)
  return segments.filter((s) => {
    if (s.x0 > gutter.left || crosses(s, gutter)) return false
    const above = long.some((f) => {
      const gap = f.base - s.base
      return (
        gap > 0.8 * s.size &&
        gap < 1.45 * s.size &&
        Math.abs(f.size - s.size) < 0.3 &&
        Math.abs(f.x0 - s.x0) < 2
      )
    })
    return above && !segments.some((o) => o !== s && o.x0 > s.x1 && Math.abs(o.base - s.base) < 1.2 * s.size)
  })
}

/** A gap between two words of a line is narrower than this, in ems; a gutter is wider. */
const WORD_GAP = 1.15

/**
 * The pieces of lines inside a paragraph that runs across, which fell apart at a wide word space or a formula: below a
 * whole line, from its left edge to its right one.
 */
function partedLines(segments: readonly Segment[], full: readonly Segment[], gutter: Gutter): Segment[] {
  const parted: Segment[] = []
  for (const line of full.filter((s) => s.glyphs > 40)) {
    const row = segments
      .filter((s) => line.base - s.base > 0.8 * line.size && line.base - s.base < 1.45 * line.size)
      .sort((a, b) => a.x0 - b.x0)
    const first = row[0]
    const last = row.at(-1)
    if (first === undefined || last === undefined || row.length < 2) continue
    const indent = line.x0 - first.x0
    if (indent < -2 || indent > 2.5 * line.size || Math.abs(first.size - line.size) > 0.3) continue
    const isOneLine = row.every((s, i) => i === 0 || s.x0 - row[i - 1]!.x1 < WORD_GAP * line.size)
    const reaches = last.x1 > line.x1 - 3 || row.some((s) => crosses(s, gutter))
    if (isOneLine && reaches && last.x1 < line.x1 + 6) parted.push(...row.filter((s) => !crosses(s, gutter)))
  }
  return parted
}

/** True if the segment lies on both sides of the gutter. */
export function crosses(s: Segment, gutter: Gutter): boolean {
  const middle = (gutter.left + gutter.right) / 2
  return s.x0 < middle - 12 && s.x1 > middle + 12
}

function captionEnd(caption: Segment, across: readonly Segment[][]): Segment {
  let last = caption
  for (const row of across) {
    const next = row[0]!
    if (next.base < last.base && last.base - next.base < 1.5 * caption.size && next.size < 1.1 * caption.size)
      last = next
  }
  return last
}

/** Takes rows away from a caption until one holds running text or stands too far off. */
function walk(rows: readonly Segment[][], from: Segment, gutter: Gutter): Segment[] {
  const taken: Segment[] = []
  const side = Math.sign((rows.at(-1)?.[0]?.base ?? 0) - (rows[0]?.[0]?.base ?? 0))
  let base = from.base
  for (const row of rows) {
    const first = row[0]!
    const distance = (first.base - base) * side
    if (distance <= 0) continue
    if (distance > MAX_GAP * from.size || row.some((s) => isRunningText(s, gutter))) break
    taken.push(...row)
    base = first.base
  }
  return taken
}

function isRunningText(s: Segment, gutter: Gutter): boolean {
  return s.glyphs > 28 && s.x1 - s.x0 > 0.3 * gutter.left
}

/** Segments by baseline from top to bottom. */
function rowsOf(segments: readonly Segment[]): Segment[][] {
  const rows: Segment[][] = []
  for (const s of [...segments].sort((a, b) => b.base - a.base)) {
    const row = rows.at(-1)
    if (row !== undefined && row[0]!.base - s.base < 0.4 * s.size) row.push(s)
    else rows.push([s])
  }
  return rows
}
