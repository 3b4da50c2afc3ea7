import { backgroundProbe, type BackgroundProbe } from './background.js'
import { charOf, LETTER_CR } from './characters.js'
import { DuplicateFilter } from './duplicates.js'
import type { FontCache } from '../pdfium/fonts.js'
import type { FontStyle, GlyphPlace, PageText } from '../model.js'
import type { Pdfium } from '../pdfium/pdfium.js'
import { SegmentBuilder } from './segments.js'
import { Spacing, type GapBetween } from './spacing.js'
import { emOf } from './true-size.js'
import { placer, sizeOf, standOf, TURNS, type PageBox } from './orientation.js'

/** Text below this size in points cannot be read by a person. */
const TINY_PT = 2
/** On white paper nobody sees paler text, nor a more transparent one. */
const WHITE = 240
const TRANSPARENT = 16
/** Enough of the text that nobody can see to tell what it wants. */
const MAX_HIDDEN_TEXT = 2000
/** Text rendering modes (PDF 1.7, table 106). */
const INVISIBLE_MODES = new Set([3, 7])
/** A stamp has some forty letters; the labels of drawings may stand before it. */
const MAX_TURNED_TEXT = 2000
const STROKE_MODES = new Set([1, 5])

/** What is read where no text is. */
const NOTHING = { segments: [], hidden: 0, unnamed: 0, hiddenText: '', turnedText: '' }

/** What all glyphs of one text object share. */
interface ObjectLook {
  style: FontStyle
  size: number
  /** As in `Stand`. */
  turn: number | null
  white: boolean
  transparent: boolean
  invisible: boolean
}

/**
 * Returns the visible text of a page as segments in stream order. `index` counts from 0. Text turned against the
 * page's main direction is left out; text that nobody can see is left out and counted.
 */
export function readPage(pdf: Pdfium, document: number, index: number, fonts: FontCache): PageText {
  const { exports: api, scratch } = pdf
  const page = api.FPDF_LoadPage(document, index)
  if (page === 0) return { number: index + 1, width: 0, height: 0, ...NOTHING }
  const textPage = api.FPDFText_LoadPage(page)
  try {
    api.FPDF_GetPageBoundingBox(page, scratch)
    const f = pdf.f32().subarray(scratch >> 2, (scratch >> 2) + 4)
    const box = { left: f[0]!, top: f[1]!, right: f[2]!, bottom: f[3]! }
    if (textPage === 0) return { number: index + 1, ...sizeOf(box, 0), ...NOTHING }
    return new PageReader(pdf, textPage, box, fonts, backgroundProbe(pdf, page, box)).read(index + 1)
  } finally {
    if (textPage !== 0) api.FPDFText_ClosePage(textPage)
    api.FPDF_ClosePage(page)
  }
}

class PageReader {
  #hidden = 0
  #unnamed = 0
  #hiddenText = ''
  #turnedText = ''

  readonly #pdf: Pdfium
  readonly #textPage: number
  readonly #box: PageBox
  readonly #fonts: FontCache
  readonly #background: BackgroundProbe

  constructor(pdf: Pdfium, textPage: number, box: PageBox, fonts: FontCache, background: BackgroundProbe) {
    this.#pdf = pdf
    this.#textPage = textPage
    this.#box = box
    this.#fonts = fonts
    this.#background = background
  }

  read(number: number): PageText {
    const count = Math.max(0, this.#pdf.exports.FPDFText_CountChars(this.#textPage))
    const turn = this.#mainTurn(count)
    const segments = this.#segments(count, turn)
    const [hidden, unnamed, hiddenText] = [this.#hidden, this.#unnamed, this.#hiddenText]
    const turnedText = this.#turnedText
    return { number, ...sizeOf(this.#box, turn), segments, hidden, unnamed, hiddenText, turnedText }
  }

  /** Returns the turn of most of the text, from a sample. */
  #mainTurn(count: number): number {
    const votes = new Array<number>(TURNS).fill(0)
    const step = Math.max(1, Math.floor(count / 60))
    for (let i = 0; i < count; i += step) {
      const { turn } = standOf(this.#pdf, this.#textPage, i)
      if (turn !== null && this.#pdf.exports.FPDFText_GetTextObject(this.#textPage, i) !== 0)
        votes[turn]! += 1
    }
    return votes.indexOf(Math.max(...votes))
  }

  /** True for a sign of the paper's own that leaves ink on it. */
  #isDrawn(index: number): boolean {
    const { exports: api, scratch } = this.#pdf
    if (api.FPDFText_IsGenerated(this.#textPage, index) === 1) return false
    if (api.FPDFText_GetTextObject(this.#textPage, index) === 0) return false
    api.FPDFText_GetCharBox(this.#textPage, index, scratch, scratch + 8, scratch + 16, scratch + 24)
    const [left, right, bottom, top] = this.#pdf.f64().subarray(scratch >> 3, (scratch >> 3) + 4)
    return right! - left! > 0.5 && top! - bottom! > 0.5
  }

  #segments(count: number, mainTurn: number): PageText['segments'] {
    const { exports: api, scratch } = this.#pdf
    const at = scratch >> 3
    const place = placer(this.#box, mainTurn)
    const builder = new SegmentBuilder(new Spacing(this.#gaps(place), (i) => this.#isTypedSpace(i)))
    const duplicates = new DuplicateFilter()
    const glyph: GlyphPlace = { x0: 0, x1: 0, base: 0 }
    let object = 0
    let look: ObjectLook | null = null
    let isTurned = false
    let views = this.#pdf.f64()
    let high = 0
    let base = Number.NaN
    for (let i = 0; i < count; i++) {
      let code = api.FPDFText_GetUnicode(this.#textPage, i)
      if (code >= 0xd800 && code <= 0xdfff) {
        const isPair = code >= 0xdc00 && high !== 0
        const joined = isPair ? 0x10000 + (((high - 0xd800) << 10) | (code - 0xdc00)) : 0
        high = code < 0xdc00 ? code : 0
        if (!isPair) continue
        code = joined
      } else high = 0
      if (code === 13 && this.#isDrawn(i)) code = LETTER_CR
      if (code === 32 || code === 160 || code === 13 || code === 10 || code === 9) {
        builder.space()
        if (this.#turnedText !== '' && !this.#turnedText.endsWith(' ')) this.#turnedText += ' '
        if (this.#hiddenText !== '' && !this.#hiddenText.endsWith(' ')) this.#hiddenText += ' '
        continue
      }
      const owner = api.FPDFText_GetTextObject(this.#textPage, i)
      if (owner === 0) continue
      if (owner !== object) {
        object = owner
        look = this.#lookOf(owner, i)
        isTurned = look.turn !== mainTurn
        if (isTurned) look = null
        base = Number.NaN
        views = this.#pdf.f64()
      }
      if (isTurned && this.#turnedText.length < MAX_TURNED_TEXT)
        this.#turnedText += String.fromCodePoint(code)
      if (look === null) continue
      api.FPDFText_GetCharBox(this.#textPage, i, scratch, scratch + 8, scratch + 16, scratch + 24)
      if (this.#isHidden(look, views[at]!, views[at + 1]!, views[at + 2]!, views[at + 3]!)) {
        this.#hidden += 1
        if (this.#hiddenText.length < MAX_HIDDEN_TEXT) this.#hiddenText += charOf(code, look.style.math)
        continue
      }
      // The glyphs of a text object share their baseline, so its first one tells it.
      const isFirst = Number.isNaN(base)
      if (isFirst) api.FPDFText_GetCharOrigin(this.#textPage, i, scratch + 32, scratch + 40)
      place(glyph, views, at)
      if (isFirst) {
        base = glyph.base
        if (duplicates.seen(code, glyph.x0, base)) {
          look = null
          continue
        }
      }
      glyph.base = base
      builder.glyph(code, glyph, look.size, look.style, i)
    }
    this.#unnamed = builder.unnamed
    return builder.finish()
  }

  /** A box that holds an advance also holds what a letter draws beyond it, so a glyph begins at its origin. */
  #gaps(place: ReturnType<typeof placer>): GapBetween {
    const { exports: api, scratchBehind } = this.#pdf
    const values = new Float64Array(6)
    const glyph: GlyphPlace = { x0: 0, x1: 0, base: 0 }
    return (before, index) => {
      api.FPDFText_GetLooseCharBox(this.#textPage, before, scratchBehind)
      const box = this.#pdf.f32()
      const at = scratchBehind >> 2
      values[0] = box[at]!
      values[1] = box[at + 2]!
      values[2] = box[at + 3]!
      values[3] = box[at + 1]!
      place(glyph, values, 0)
      const end = glyph.x1
      api.FPDFText_GetCharOrigin(this.#textPage, index, scratchBehind, scratchBehind + 8)
      const origin = this.#pdf.f64()
      values[0] = values[1] = origin[scratchBehind >> 3]!
      values[2] = values[3] = origin[(scratchBehind >> 3) + 1]!
      place(glyph, values, 0)
      return glyph.x0 - end
    }
  }

  #isTypedSpace(index: number): boolean {
    const { exports: api } = this.#pdf
    return (
      index >= 0 &&
      api.FPDFText_GetUnicode(this.#textPage, index) === 32 &&
      api.FPDFText_IsGenerated(this.#textPage, index) === 0
    )
  }

  #isHidden(look: ObjectLook, left: number, right: number, bottom: number, top: number): boolean {
    if (look.transparent || (look.size < TINY_PT && top - bottom < TINY_PT)) return true
    const box = this.#box
    if (right < box.left || left > box.right || top < box.bottom || bottom > box.top) return true
    const x = (left + right) / 2
    const y = (bottom + top) / 2
    if (look.invisible) return !this.#background.isScan()
    return look.white && !this.#background.isDark(x, y)
  }

  #lookOf(object: number, index: number): ObjectLook {
    const { exports: api, scratch } = this.#pdf
    const font = api.FPDFTextObj_GetFont(object)
    const style = this.#fonts.styleOf(font)
    const { turn, size: named } = standOf(this.#pdf, this.#textPage, index)
    const isDoubtful = named > 0 && named < TINY_PT
    const size = isDoubtful
      ? named * this.#fonts.emOf(font, () => emOf(this.#pdf, this.#textPage, index, named))
      : named
    const mode = api.FPDFTextObj_GetTextRenderMode(object)
    if (STROKE_MODES.has(mode)) {
      api.FPDFText_GetStrokeColor(this.#textPage, index, scratch, scratch + 4, scratch + 8, scratch + 12)
    } else {
      api.FPDFText_GetFillColor(this.#textPage, index, scratch, scratch + 4, scratch + 8, scratch + 12)
    }
    const rgba = this.#pdf.u32()
    const at = scratch >> 2
    const white = rgba[at]! >= WHITE && rgba[at + 1]! >= WHITE && rgba[at + 2]! >= WHITE
    return {
      style,
      size,
      turn,
      white,
      transparent: rgba[at + 3]! < TRANSPARENT,
      invisible: INVISIBLE_MODES.has(mode),
    }
  }
}
