import type { FontStyle, Segment } from './model.js'
import type { GlyphPlace } from './read-page.js'
import { accentOver, charOf, isAccent } from './characters.js'

/** In ems. PDFium guesses spaces from advance widths; these correct its guesses where the boxes tell better. */
const NO_SPACE_BELOW = 0.06
const SPACE_ABOVE = 0.5
const SEGMENT_GAP = 1
const OVERLAP = 0.6
const SAME_BASE = 0.15
const SCRIPT_SHIFT = 0.75
const SCRIPT_GAP = 0.45

/** Joins glyphs in stream order to segments of one baseline; sub- and superscripts stay in their segment. */
export class SegmentBuilder {
  private readonly done: Segment[] = []
  private current: Segment | null = null
  private pendingSpace = false
  private lastSize = 0
  private lastBase = 0
  private lastX = 0
  /** The last glyphs of the current segment: where they stand, and where they end in its text. */
  private recent: { end: number; x0: number; x1: number }[] = []

  space(): void {
    this.pendingSpace = true
  }

  glyph(code: number, place: GlyphPlace, size: number, style: FontStyle): void {
    const text = charOf(code)
    if (text === '') return
    const s = this.current
    if (s !== null && this.accents(s, text, place, size)) return
    if (s !== null && this.continues(s, place, size)) this.append(s, text, place, size, style)
    else this.start(text, place, size, style)
    this.pendingSpace = false
    this.lastSize = size
    this.lastBase = place.base
    this.lastX = place.x
    if (this.recent.length > 5) this.recent.shift()
    this.recent.push({ end: this.current!.text.length, x0: place.x0, x1: place.x1 })
  }

  /** An accent printed after the letters it stands over goes to its letter. */
  private accents(s: Segment, text: string, place: GlyphPlace, size: number): boolean {
    if (place.x1 > s.x1 + 0.2 * size || !isAccent(text)) return false
    if (Math.abs(place.base - s.base) > 0.8 * Math.max(size, s.size)) return false
    const middle = (place.x0 + place.x1) / 2
    const letter = this.recent.find((r) => middle > r.x0 && middle < r.x1)
    if (letter === undefined) return false
    const merged = accentOver(s.text.slice(0, letter.end), text)
    if (merged === null) return false
    s.text = merged + s.text.slice(letter.end)
    this.recent = []
    return true
  }

  /** Returns the segments in stream order. */
  finish(): Segment[] {
    if (this.current !== null) this.done.push(this.current)
    this.current = null
    return this.done.filter((s) => s.text.length > 1 || !isAccent(s.text))
  }

  private continues(s: Segment, place: GlyphPlace, size: number): boolean {
    const em = Math.max(s.size, size)
    const gap = place.x0 - s.x1
    if (gap > SEGMENT_GAP * em || (gap < -OVERLAP * em && place.x < this.lastX - 0.2 * em)) return false
    const shift = Math.abs(place.base - s.base)
    if (shift < SAME_BASE * em) return true
    if (gap < -0.1 * em && shift < 0.7 * em && isAccent(s.text)) return true
    const sameRow = Math.abs(place.base - this.lastBase) < SAME_BASE * em
    if (shift >= SCRIPT_SHIFT * em || gap > SCRIPT_GAP * em) return false
    return sameRow || size < 0.9 * this.lastSize || this.lastSize < 0.9 * size || shift < 0.4 * em
  }

  private append(s: Segment, text: string, place: GlyphPlace, size: number, style: FontStyle): void {
    const gap = (place.x0 - s.x1) / Math.max(size, this.lastSize)
    const space = this.pendingSpace ? gap > NO_SPACE_BELOW : gap > SPACE_ABOVE
    const merged = !space && gap < 0 ? accentOver(s.text, text) : null
    if (merged === null) s.text += space ? ` ${text}` : text
    else s.text = merged
    s.x1 = Math.max(s.x1, place.x1)
    if (size > s.size * 1.05 || merged !== null) {
      s.size = size
      s.base = place.base
    }
    count(s, style)
  }

  private start(text: string, place: GlyphPlace, size: number, style: FontStyle): void {
    if (this.current !== null) this.done.push(this.current)
    this.recent = []
    const order = this.done.length
    this.current = {
      text,
      x0: place.x0,
      x1: place.x1,
      base: place.base,
      size,
      glyphs: 0,
      bold: 0,
      italic: 0,
      math: 0,
      mono: 0,
      order,
    }
    count(this.current, style)
  }
}

function count(s: Segment, style: FontStyle): void {
  s.glyphs += 1
  if (style.bold) s.bold += 1
  if (style.italic) s.italic += 1
  if (style.math) s.math += 1
  if (style.mono) s.mono += 1
}
