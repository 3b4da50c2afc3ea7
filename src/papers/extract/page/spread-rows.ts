import type { Segment } from '../model.js'
import type { Spread } from './spacing.js'

/** Ems: what a space adds to the gaps of the two letters beside it, at most. */
const SPACE = 0.8
const ALIKE = 0.1

/**
 * Writes the segments whose letters are spread as words, and joins those of one line, for wide gaps parted them. What
 * alone may be a row of letters is a word where most of its line is spread alike.
 */
export function joinSpread(segments: Segment[], spreads: ReadonlyMap<Segment, Spread>): void {
  let kept = 0
  for (let from = 0, to = 0; from < segments.length; from = to) {
    to = from + 1
    while (to < segments.length && isBeside(segments[to - 1]!, segments[to]!)) to += 1
    for (const s of joinRow(segments.slice(from, to), spreads)) segments[kept++] = s
  }
  segments.length = kept
}

/** One line as the page's stream gives it. */
function joinRow(row: readonly Segment[], spreads: ReadonlyMap<Segment, Spread>): readonly Segment[] {
  const sure = row.filter((s) => spreads.get(s)?.sure === true)
  if (sure.length === 0) return row
  const gap = spreads.get(sure[0]!)!.gap
  const isAlike = (s: Segment): boolean => Math.abs((spreads.get(s)?.gap ?? Infinity) - gap) < ALIKE
  const words = new Set(row.filter((s) => spreads.get(s)?.sure === true || isAlike(s)))
  const isRowSpread = 2 * glyphsOf([...words]) > glyphsOf(row)
  const result: Segment[] = []
  for (const s of row) {
    const isWord = isRowSpread ? words.has(s) : sure.includes(s)
    if (isWord) s.text = spreads.get(s)!.text
    const last = result.at(-1)
    const isNear = last !== undefined && s.x0 - last.x1 < (2 * gap + SPACE) * s.size
    if (isRowSpread && isNear && (isWord || s.glyphs === 1)) absorb(last, s)
    else result.push(s)
  }
  return result
}

function glyphsOf(segments: readonly Segment[]): number {
  return segments.reduce((n, s) => n + s.glyphs, 0)
}

function isBeside(a: Segment, b: Segment): boolean {
  const isLevel = Math.abs(a.base - b.base) < 0.15 * a.size && Math.abs(a.size - b.size) < 0.15 * a.size
  return isLevel && b.x0 > a.x0
}

function absorb(s: Segment, next: Segment): void {
  s.text += ` ${next.text}`
  s.x1 = Math.max(s.x1, next.x1)
  s.glyphs += next.glyphs
  s.bold += next.bold
  s.italic += next.italic
  s.mono += next.mono
}
