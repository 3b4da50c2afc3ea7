import type { Segment } from '../model.js'

/**
 * Returns the points between the advances of two characters of the page, which kerning and the letters' own shapes do
 * not blur as they do the gap of their boxes.
 */
export type GapBetween = (before: number, index: number) => number

/** In ems. Between the advances of two letters of a word lie kerns, of at most 0.08; words stand farther apart. */
const WORD_GAP = 0.095
/** A space that somebody typed counts while it has any width. */
const TYPED_GAP = 0.01
/** Letters this far apart are spread. */
const SPREAD = 0.04
/** What a space adds to the gap of spread letters, at least. */
const SPREAD_WORD_GAP = 0.1
/** Spread letters stand evenly: letters set into the cells of a grid, as in listings and tables, do not. */
const EVEN = 0.2
/** From so many spaces between glyphs on a text may be spread; of running text it is a fifth. */
const MANY_SPACES = 0.33
const MANY_DOUBTS = 0.25
const LEAST_WORD = 6
const LEAST_TEXT = 8
const WORD_LENGTHS = { least: 2, most: 14 }
const WORD_START = /^[\p{L}\p{N}(“‘]/u
const WORD_END = /[\p{L}\p{N}.,;:!?”’]$|\p{L}\)$/u
const VOWEL = /[aeiouyàáâäèéêíòóôöúüаеиоуыэюяαεηιουω]/giu

/** What is known of a glyph and the one before; flags. */
export const GLYPH = {
  /** It may begin a word: no sign of a formula, none raised, as large as the one before. */
  plain: 1,
  /** A space character stands before it, drawn or guessed. */
  space: 2,
  /** A space was written before it. */
  spaced: 4,
  /** It is plain, no space was written, and the boxes leave it open whether a word ends. */
  doubt: 8,
} as const

/** A glyph of the open segment. */
interface Glyph {
  /** Number of its character on the page. */
  index: number
  /** Where it begins in the segment's text. */
  at: number
  size: number
  flags: number
}

/** What may become of a segment whose letters stand apart. */
export interface Spread {
  text: string
  /** Ems between the letters. */
  gap: number
  /** False if it may as well be a row of letters. */
  sure: boolean
}

/** The glyphs of one segment, and where its words part once all are known. */
export class Spacing {
  readonly #glyphs: Glyph[] = []
  #count = 0
  #spaces = 0
  #doubts = 0
  #isValid = true

  readonly #gapBetween: GapBetween
  readonly #isTyped: (index: number) => boolean

  constructor(gapBetween: GapBetween, isTyped: (index: number) => boolean) {
    this.#gapBetween = gapBetween
    this.#isTyped = isTyped
  }

  clear(): void {
    this.#count = 0
    this.#spaces = 0
    this.#doubts = 0
    this.#isValid = true
  }

  /** Glyphs no longer stand one after the other in the text. */
  spoil(): void {
    this.#isValid = false
  }

  /** Notes the next glyph of the segment: number of its character, its place in the text, size in points. */
  add(index: number, at: number, size: number, flags: number): void {
    const glyph = (this.#glyphs[this.#count++] ??= { index, at, size, flags })
    glyph.index = index
    glyph.at = at
    glyph.size = size
    glyph.flags = flags
    if ((flags & GLYPH.spaced) !== 0) this.#spaces += 1
    if ((flags & GLYPH.doubt) !== 0) this.#doubts += 1
  }

  /** Parts words that stand close, in the segment; returns what it is if its letters are spread, or null. */
  settle(s: Segment): Spread | null {
    const pairs = this.#count - 1
    const isSpread = pairs > 0 && this.#spaces >= MANY_SPACES * pairs
    const isDoubtful = this.#doubts > 0 && this.#doubts >= MANY_DOUBTS * pairs
    if (!this.#isValid || (this.#doubts === 0 && !isSpread)) return null
    if ((isSpread || isDoubtful) && s.math === 0 && s.leftward === 0) {
      const gaps = this.#gaps()
      const base = median(gaps)
      if (base >= SPREAD) return this.#spread(s, gaps, base)
    }
    if (this.#doubts > 0) this.#part(s)
    return null
  }

  /** Puts spaces where words part after all: where one doubt is right, all pairs are looked at. */
  #part(s: Segment): void {
    let parted = false
    for (let i = 1; i < this.#count && !parted; i++)
      parted = (this.#glyphs[i]!.flags & GLYPH.doubt) !== 0 && this.#parts(s.text, i)
    for (let i = this.#count - 1; parted && i > 0; i--) {
      const { at } = this.#glyphs[i]!
      if (this.#parts(s.text, i)) s.text = `${s.text.slice(0, at)} ${s.text.slice(at)}`
    }
  }

  #parts(text: string, i: number): boolean {
    const { at, index, flags } = this.#glyphs[i]!
    if ((flags & GLYPH.plain) === 0 || !mayPart(text, at)) return false
    const gap = this.#gap(i)
    const isApart = gap > WORD_GAP && !isInNumber(text, at)
    return isApart || ((flags & GLYPH.space) !== 0 && gap > TYPED_GAP && this.#isTyped(index - 1))
  }

  #spread(s: Segment, gaps: readonly number[], base: number): Spread | null {
    const { width, border } = widestStep(gaps, base)
    const isOneWord = width < SPREAD_WORD_GAP
    const letters = isOneWord ? gaps : gaps.filter((gap) => gap < border)
    if (Math.max(...letters) - Math.min(...letters) > EVEN) return null
    let text = ''
    for (let i = 0; i < this.#count; i++) {
      const end = i + 1 < this.#count ? this.#glyphs[i + 1]!.at : s.text.length
      const isApart = i > 0 && !isOneWord && this.#gap(i) > border
      text += (isApart ? ' ' : '') + s.text.slice(this.#glyphs[i]!.at, end).trimEnd()
    }
    return {
      text,
      gap: base,
      sure: isText(text) && (isOneWord ? isWord(text) && !this.#isTypedApart() : isProse(text)),
    }
  }

  /** Whether space characters part the letters: a row of letters is written so, a word in spread letters seldom. */
  #isTypedApart(): boolean {
    let typed = 0
    for (let i = 1; i < this.#count; i++) if (this.#isTyped(this.#glyphs[i]!.index - 1)) typed += 1
    return 2 * typed > this.#count
  }

  #gaps(): number[] {
    return Array.from({ length: this.#count - 1 }, (_, i) => this.#gap(i + 1))
  }

  /** Ems between a glyph and the one before. */
  #gap(i: number): number {
    const before = this.#glyphs[i - 1]!
    const glyph = this.#glyphs[i]!
    return this.#gapBetween(before.index, glyph.index) / Math.max(before.size, glyph.size)
  }
}

/** A word may end before `at` and one begin there; signs of formulas and code stand as close as they like. */
function mayPart(text: string, at: number): boolean {
  if (isLetter(text.charCodeAt(at)) && isLetter(text.charCodeAt(at - 1))) return true
  return WORD_START.test(text[at]!) && WORD_END.test(text.slice(Math.max(0, at - 2), at))
}

/** Digits are set with more room than letters, also around the point or comma between them. */
function isInNumber(text: string, at: number): boolean {
  return /^\d/.test(text.slice(at, at + 1)) && /\d[.,:]?$/.test(text.slice(Math.max(0, at - 2), at))
}

function isLetter(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a
}

/** Letters nearly throughout. */
function isText(text: string): boolean {
  const marks = text.replace(/\s/gu, '')
  return marks.replace(/[^\p{L}]/gu, '').length >= 0.75 * marks.length
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}

/** Returns the widest step between neighbouring values above the given one, and its middle. */
function widestStep(values: readonly number[], above: number): { width: number; border: number } {
  const sorted = values.filter((v) => v >= above).sort((a, b) => a - b)
  let best = { width: 0, border: Infinity }
  for (let i = 1; i < sorted.length; i++) {
    const width = sorted[i]! - sorted[i - 1]!
    if (width > best.width) best = { width, border: (sorted[i]! + sorted[i - 1]!) / 2 }
  }
  return best
}

/** A row of letters is no word: `A B C D`, `x y z`. */
function isWord(text: string): boolean {
  const letters = [...text.toLowerCase()]
  const isSorted = letters.every((c, i) => i === 0 || c >= letters[i - 1]!)
  return letters.length >= LEAST_WORD && !isSorted && hasVowels(text)
}

function isProse(text: string): boolean {
  const words = text.split(' ')
  const length = text.replace(/ /g, '').length
  const mean = length / words.length
  return length >= LEAST_TEXT && mean >= WORD_LENGTHS.least && mean <= WORD_LENGTHS.most && hasVowels(text)
}

function hasVowels(text: string): boolean {
  const vowels = text.match(VOWEL)?.length ?? 0
  const share = vowels / text.replace(/[^\p{L}]/gu, '').length
  return share > 0.15 && share < 0.75
}
