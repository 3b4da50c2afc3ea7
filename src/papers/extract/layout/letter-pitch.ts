import type { Segment } from '../model.js'

const MOST_SPACES = 40
/** What letters of one width leave empty of their cells at both ends of a text, in cells. */
const BEARINGS = 0.3

/** Returns the points from one letter of a text in letters of one width to the next. */
export function pitchOf({ x0, x1, text }: Pick<Segment, 'x0' | 'x1' | 'text'>): number {
  return Math.max(1, (x1 - x0) / Math.max(1, text.length - BEARINGS))
}

/** Letters of one width stand where their line of code has them: returns the spaces beyond the first in a gap. */
export function spacesIn(gap: number, line: Segment, s: Segment): string {
  if (line.mono < line.glyphs || s.mono < s.glyphs) return ''
  const spaces = Math.round(gap / pitchOf(s.text.length > line.text.length ? s : line) - BEARINGS)
  return ' '.repeat(Math.min(MOST_SPACES, Math.max(0, spaces - 1)))
}
