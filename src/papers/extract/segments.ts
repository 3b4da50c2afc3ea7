import type { FontStyle, Segment } from './model.js'
import type { GlyphPlace } from './read-page.js'
import { accentOver, charOf } from './characters.js'

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

  space(): void {
    this.pendingSpace = true
  }

  glyph(code: number, place: GlyphPlace, size: number, style: FontStyle): void {
    const text = charOf(code)
    if (text === '') return
    const s = this.current
    if (s !== null && this.continues(s, place, size)) this.append(s, text, place, size, style)
    else this.start(text, place, size, style)
    this.pendingSpace = false
    this.lastSize = size
    this.lastBase = place.base
    this.lastX = place.x
  }

  /** Returns the segments in stream order. */
  finish(): Segment[] {
    if (this.current !== null) this.done.push(this.current)
    this.current = null
    return this.done
  }

  private continues(s: Segment, place: GlyphPlace, size: number): boolean {
    const em = Math.max(s.size, size)
    const gap = place.x0 - s.x1
    if (gap > SEGMENT_GAP * em || (gap < -OVERLAP * em && place.x < this.lastX - 0.2 * em)) return false
    const shift = Math.abs(place.base - s.base)
    if (shift < SAME_BASE * em) return true
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
    if (size > s.size * 1.05) {
      s.size = size
      s.base = place.base
    }
    count(s, style)
  }

  private start(text: string, place: GlyphPlace, size: number, style: FontStyle): void {
    if (this.current !== null) this.done.push(this.current)
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
