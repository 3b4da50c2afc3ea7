import type { FontStyle } from '../model.js'
import type { Pdfium } from './pdfium.js'

const BOLD =
  /bold|black|heavy|demi|[-_]bd|medi(?!um)|cmb(x|sy)?\d|sfb[xi]|[-,]b(?![a-z])|semib|lmbx|stix.*bold/i
const ITALIC = /ital|obli|slant|cm(ti|sl|mi)|sfti|sfsl|lm.*(it|sl)\d*$|[-_]it\b|[-,]i$/i
const MATH =
  /^([a-z]{6}\+)?(cm(mi|sy|ex|bsy|mib)|ms[ab]m|eu[fsr][mb]|rsfs|lmmath|stixmath|mathjax|.*math|wasy|stmary|esint|txsy|pxsy|mt(mi|sy)|symbol)/i
const MONO = /mono|courier|cmtt|sftt|typewriter|consol|inconsolata|lmtt|teletype|nimbusmon|txtt/i
const ITALIC_FLAG = 64
const FIXED_FLAG = 1
const BOLD_WEIGHT = 700
const NAME_BYTES = 256

/** Knows the style of every font of one document; PDFium's handles stay the same while it is open. */
export class FontCache {
  readonly #styles = new Map<number, FontStyle>()
  readonly #ems = new Map<number, number>()

  readonly #pdf: Pdfium

  constructor(pdf: Pdfium) {
    this.#pdf = pdf
  }

  styleOf(font: number): FontStyle {
    let style = this.#styles.get(font)
    if (style === undefined) {
      style = this.#read(font)
      this.#styles.set(font, style)
    }
    return style
  }

  /** Returns what was measured of a font when its em was first asked for. */
  emOf(font: number, measure: () => number): number {
    let em = this.#ems.get(font)
    if (em === undefined) {
      em = measure()
      this.#ems.set(font, em)
    }
    return em
  }

  #read(font: number): FontStyle {
    if (font === 0) return { bold: false, italic: false, math: false, mono: false }
    const { exports: api } = this.#pdf
    const name = this.#nameOf(font)
    const flags = api.FPDFFont_GetFlags(font)
    return {
      bold: BOLD.test(name) || (name === '' && api.FPDFFont_GetWeight(font) >= BOLD_WEIGHT),
      italic: ITALIC.test(name) || (flags > 0 && (flags & ITALIC_FLAG) !== 0),
      math: MATH.test(name),
      mono: MONO.test(name) || (flags > 0 && (flags & FIXED_FLAG) !== 0),
    }
  }

  #nameOf(font: number): string {
    const { exports: api } = this.#pdf
    const buffer = api.malloc(NAME_BYTES)
    try {
      const bytes = Math.min(api.FPDFFont_GetBaseFontName(font, buffer, NAME_BYTES), NAME_BYTES)
      return Buffer.from(this.#pdf.u8().subarray(buffer, buffer + Math.max(0, bytes - 1))).toString('latin1')
    } finally {
      api.free(buffer)
    }
  }
}
