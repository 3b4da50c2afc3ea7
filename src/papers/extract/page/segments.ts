import type { FontStyle, GlyphPlace, Segment } from '../model.js'
import { accentOver, charOf, isAccent, isUnnamed, runsLeft, superscriptOf } from './characters.js'
import { GLYPH, type Spacing, type Spread } from './spacing.js'
import { joinSpread } from './spread-rows.js'

/** In ems. PDFium guesses spaces from advance widths; these correct its guesses where the boxes tell better. */
const NO_SPACE_BELOW = 0.06
const NO_SPACE_BACK = 0.15
const SPACE_ABOVE = 0.5
/** Letters that run to the left stand apart from one another in their boxes. */
const NO_LEFTWARD_SPACE_BELOW = 0.25
const NO_SPACE_BEFORE_SCRIPT = 0.2
const SEGMENT_GAP = 1
/** From here on the boxes leave it open whether a word ends. */
const DOUBT_ABOVE = 0.11
const TYPED_ABOVE = -0.1
/** A smaller number this far before a text may be that of the line, and none of its words. */
const NUMBER_GAP = 0.55
const OVERLAP = 0.6
const SAME_BASE = 0.15
const SCRIPT_SHIFT = 0.75
const SCRIPT_GAP = 0.45
/** Of the size of a line's other letters: its initial is at least so large, and stands so much lower. */
const DROP_CAP = 1.8
const HANGING = 0.6

/** What programs that save TeX's PDFs anew make of its ligature, in or at a word. */
const MISREAD_FF = /↵(?=\p{Ll})|(?<=\p{Ll})↵/gu

/** Joins glyphs in stream order to segments of one baseline; sub- and superscripts stay in their segment. */
export class SegmentBuilder {
  /** Glyphs left out because nothing says what they are. */
  unnamed = 0
  readonly #done: Segment[] = []
  #current: Segment | null = null
  #pendingSpace = false
  /** Behind an accent that went to its letter: the way back looks like a space. */
  #isBack = false
  #lastSize = 0
  #lastBase = 0
  #lastX0 = 0
  #lastMath = false
  readonly #recent = new RecentGlyphs()
  readonly #spreads = new Map<Segment, Spread>()

  readonly #spacing: Spacing

  constructor(spacing: Spacing) {
    this.#spacing = spacing
  }

  space(): void {
    this.#pendingSpace = true
  }

  /** `index` is the character's number on the page. */
  glyph(code: number, place: GlyphPlace, size: number, style: FontStyle, index: number): void {
    const text = charOf(code, style.math)
    if (text === '') {
      if (isUnnamed(code)) this.unnamed += 1
      return
    }
    const s = this.#current
    if (s !== null && this.#accents(s, text, place, size)) {
      this.#isBack = true
      return
    }
    if (runsLeft(code)) this.#leftward(s, text, place, size, style)
    else if (s !== null && this.#continues(s, place, size)) this.#append(s, text, place, size, style, index)
    else this.#start(text, place, size, style, index)
    this.#pendingSpace = false
    this.#isBack = false
    this.#lastSize = size
    this.#lastBase = place.base
    this.#lastX0 = place.x0
    this.#lastMath = style.math
    this.#recent.add(this.#current!.text.length, place)
  }

  /**
   * PDFium gives such letters in the order of reading, each left of the one before, or the letters of one operator the
   * other way round where moves lie between them.
   */
  #leftward(s: Segment | null, text: string, place: GlyphPlace, size: number, style: FontStyle): void {
    const em = Math.max(s?.size ?? 0, size)
    const isSameLine = s !== null && s.leftward > 0 && Math.abs(place.base - s.base) < SAME_BASE * em
    const after = isSameLine ? s.x0 - place.x1 : Infinity
    const before = isSameLine ? place.x0 - s.x1 : Infinity
    const gap = Math.max(after, before)
    if (isSameLine && gap < SEGMENT_GAP * em && gap > -OVERLAP * em) {
      const space = gap > (this.#pendingSpace ? NO_LEFTWARD_SPACE_BELOW : SPACE_ABOVE) * em ? ' ' : ''
      s.text = after >= before ? s.text + space + text : text + space + s.text
      s.x0 = Math.min(s.x0, place.x0)
      s.x1 = Math.max(s.x1, place.x1)
      count(s, style)
    } else this.#start(text, place, size, style, 0)
    this.#current!.leftward += 1
    this.#spacing.spoil()
  }

  /** An accent printed after the letters it stands over goes to its letter. */
  #accents(s: Segment, text: string, place: GlyphPlace, size: number): boolean {
    if (place.x1 > s.x1 + 0.2 * size || !isAccent(text)) return false
    if (Math.abs(place.base - s.base) > 0.8 * Math.max(size, s.size)) return false
    const end = this.#recent.endAt((place.x0 + place.x1) / 2)
    const merged = end < 0 ? null : accentOver(s.text.slice(0, end), text)
    if (merged === null) return false
    if (merged.length !== end) this.#spacing.spoil()
    s.text = merged + s.text.slice(end)
    if (merged.length !== end) this.#recent.clear()
    return true
  }

  /** Returns the segments in stream order. */
  finish(): Segment[] {
    this.#close()
    this.#current = null
    if (this.#spreads.size > 0) joinSpread(this.#done, this.#spreads)
    for (const s of this.#done) if (s.text.includes('↵')) s.text = s.text.replace(MISREAD_FF, 'ff')
    return this.#done.filter((s) => s.text.length > 1 || !isAccent(s.text))
  }

  #continues(s: Segment, place: GlyphPlace, size: number): boolean {
    const em = Math.max(s.size, size)
    const gap = place.x0 - s.x1
    if (s.glyphs < 6 && s.size < 0.9 * size && gap > NUMBER_GAP * em && /^\d+$/.test(s.text)) return false
    if (gap > SEGMENT_GAP * em || (gap < -OVERLAP * em && place.x0 < this.#lastX0 - 0.2 * em)) return false
    const shift = Math.abs(place.base - s.base)
    if (shift < SAME_BASE * em) return true
    if (gap < -0.1 * em && shift < 0.7 * em && isAccent(s.text)) return true
    const sameRow = Math.abs(place.base - this.#lastBase) < SAME_BASE * em
    if (shift >= SCRIPT_SHIFT * em || gap > SCRIPT_GAP * em) return false
    return sameRow || size < 0.9 * this.#lastSize || this.#lastSize < 0.9 * size || shift < 0.4 * em
  }

  #append(s: Segment, text: string, place: GlyphPlace, size: number, style: FontStyle, index: number): void {
    const dropped = isDropCap(s, place, size)
    if (dropped) Object.assign(s, { size, base: place.base })
    const gap = (place.x0 - s.x1) / Math.max(size, this.#lastSize)
    const raised = size < 0.85 * s.size && place.base - s.base > 0.2 * s.size
    const least =
      dropped || (raised && this.#lastBase < place.base - 0.1 * size)
        ? NO_SPACE_BEFORE_SCRIPT
        : this.#isBack
          ? NO_SPACE_BACK
          : NO_SPACE_BELOW
    const space = this.#pendingSpace ? gap > least : gap > SPACE_ABOVE
    const glyph = raised ? superscriptOf(text) : text
    const merged = gap < 0 && !space ? accentOver(s.text, text) : null
    if (merged === null) {
      if (space) s.text += ' '
      const isPlain = !style.math && !this.#lastMath && !raised && size === this.#lastSize
      this.#spacing.add(index, s.text.length, size, this.#flagsOf(gap, isPlain, space))
      s.text += glyph
    } else s.text = merged
    s.x1 = Math.max(s.x1, place.x1)
    if (size > s.size * 1.05 || merged !== null) {
      s.size = size
      s.base = place.base
    }
    count(s, style)
  }

  #flagsOf(gap: number, isPlain: boolean, isSpaced: boolean): number {
    const isDoubtful = isPlain && !isSpaced && gap > (this.#pendingSpace ? TYPED_ABOVE : DOUBT_ABOVE)
    const written = isSpaced ? GLYPH.spaced : isDoubtful ? GLYPH.doubt : 0
    return written | (isPlain ? GLYPH.plain : 0) | (this.#pendingSpace ? GLYPH.space : 0)
  }

  #close(): void {
    const s = this.#current
    if (s === null) return
    const spread = this.#spacing.settle(s)
    if (spread !== null) this.#spreads.set(s, spread)
    this.#done.push(s)
  }

  #start(text: string, place: GlyphPlace, size: number, style: FontStyle, index: number): void {
    this.#close()
    this.#recent.clear()
    this.#spacing.clear()
    this.#spacing.add(index, 0, size, 0)
    const order = this.#done.length
    this.#current = {
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
      leftward: 0,
      order,
    }
    count(this.#current, style)
  }
}

/** True for a large initial that hangs down from the line it begins: the line stands where its other letters do. */
function isDropCap(s: Segment, place: GlyphPlace, size: number): boolean {
  const hangs = place.base - s.base > HANGING * size
  return hangs && s.size > DROP_CAP * size && s.math === 0 && /^[“"‘']?\p{Lu}$/u.test(s.text)
}

function count(s: Segment, style: FontStyle): void {
  s.glyphs += 1
  if (style.bold) s.bold += 1
  if (style.italic) s.italic += 1
  if (style.math) s.math += 1
  if (style.mono) s.mono += 1
}

/** A line's worth, a power of two: TeX's virtual fonts print the accents of a line after its letters. */
const RECENT = 128

/** The last glyphs of a segment: where they stand, and where they end in its text. */
class RecentGlyphs {
  readonly #ends = new Int32Array(RECENT)
  readonly #x0 = new Float64Array(RECENT)
  readonly #x1 = new Float64Array(RECENT)
  #count = 0

  clear(): void {
    this.#count = 0
  }

  add(end: number, place: GlyphPlace): void {
    const at = this.#count % RECENT
    this.#ends[at] = end
    this.#x0[at] = place.x0
    this.#x1[at] = place.x1
    this.#count += 1
  }

  /** Returns the end of the glyph at x in the text, or -1; of several the one that was added last. */
  endAt(x: number): number {
    for (let n = this.#count - 1; n >= Math.max(0, this.#count - RECENT); n--) {
      const i = n % RECENT
      if (x > this.#x0[i]! && x < this.#x1[i]!) return this.#ends[i]!
    }
    return -1
  }
}
