import type { GlyphPlace } from '../model.js'
import type { Pdfium } from '../pdfium/pdfium.js'

export interface PageBox {
  left: number
  bottom: number
  right: number
  top: number
}

/** Four quarter turns, and the same four mirrored. */
export const TURNS = 8
const MIRRORED = 4
/** Glyphs of an object that tell on which side of the baseline its letters stand. */
const WITNESSES = 24

/** How text stands on its page. */
export interface Stand {
  /**
   * Quarter turns to the left, plus 4 where the letters stand upside down on that line, as in a mirror; null for other
   * angles.
   */
  turn: number | null
  /** Points. */
  size: number
}

/** Returns how the text at a character stands. A negative font size turns it by half. */
export function standOf(pdf: Pdfium, textPage: number, index: number): Stand {
  const { exports: api, scratch } = pdf
  const size = api.FPDFText_GetFontSize(textPage, index)
  if (api.FPDFText_GetMatrix(textPage, index, scratch) === 0) return { turn: 0, size: Math.abs(size) }
  const m = pdf.f32()
  const at = scratch >> 2
  const [a, b, c, d] = [m[at]!, m[at + 1]!, m[at + 2]!, m[at + 3]!]
  const scale = c === 0 ? Math.abs(d) : Math.hypot(c, d)
  const turn = size < 0 ? quarters(-a, -b) : quarters(a, b)
  const isMirrored = turn !== null && a * d < b * c && hangs(pdf, textPage, index, turn)
  return { turn: isMirrored ? turn + MIRRORED : turn, size: Math.abs(size) * scale }
}

/** Returns the quarter turns to the direction (x, y), or null if it is none of them. */
function quarters(x: number, y: number): number | null {
  if (y === 0 && x > 0) return 0
  const angle = Math.atan2(y, x) / (Math.PI / 2)
  const turn = Math.round(angle)
  return Math.abs(angle - turn) < 0.05 ? (turn + 4) % 4 : null
}

/**
 * True if the letters from a character on hang below their baseline. The matrix does not tell: bitmap fonts have a
 * mirrored matrix of their own, which sets them upright again.
 */
function hangs(pdf: Pdfium, textPage: number, index: number, turn: number): boolean {
  const { exports: api, scratch } = pdf
  const at = scratch >> 3
  const object = api.FPDFText_GetTextObject(textPage, index)
  let above = 0
  for (let i = index; i < index + WITNESSES; i++) {
    if (api.FPDFText_GetTextObject(textPage, i) !== object) break
    api.FPDFText_GetCharBox(textPage, i, scratch, scratch + 8, scratch + 16, scratch + 24)
    api.FPDFText_GetCharOrigin(textPage, i, scratch + 32, scratch + 40)
    const [left, right, bottom, top, x, y] = pdf.f64().subarray(at, at + 6)
    const across = turn % 2 === 0 ? (bottom! + top!) / 2 - y! : x! - (left! + right!) / 2
    above += turn < 2 ? across : -across
  }
  return above < 0
}

/** Returns width and height of a page as its text sees them. */
export function sizeOf(box: PageBox, turn: number): { width: number; height: number } {
  const width = box.right - box.left
  const height = box.top - box.bottom
  return turn % 2 === 0 ? { width, height } : { width: height, height: width }
}

type Placer = (glyph: GlyphPlace, values: Float64Array, at: number) => void

/**
 * Returns a function that reads left, right, bottom, top, x and y of a glyph and turns them so that text runs to
 * the right; origin at the lower left.
 */
export function placer(box: PageBox, turn: number): Placer {
  if (turn < MIRRORED) return turner(box, turn)
  const turned = turner(box, turn - MIRRORED)
  const { height } = sizeOf(box, turn)
  return (g, v, at) => {
    turned(g, v, at)
    g.base = height - g.base
  }
}

function turner(box: PageBox, turn: number): Placer {
  switch (turn) {
    case 1:
      return (g, v, at) => {
        g.x0 = v[at + 2]! - box.bottom
        g.x1 = v[at + 3]! - box.bottom
        g.base = box.right - v[at + 4]!
      }
    case 2:
      return (g, v, at) => {
        g.x0 = box.right - v[at + 1]!
        g.x1 = box.right - v[at]!
        g.base = box.top - v[at + 5]!
      }
    case 3:
      return (g, v, at) => {
        g.x0 = box.top - v[at + 3]!
        g.x1 = box.top - v[at + 2]!
        g.base = v[at + 4]! - box.left
      }
    default:
      return (g, v, at) => {
        g.x0 = v[at]! - box.left
        g.x1 = v[at + 1]! - box.left
        g.base = v[at + 5]! - box.bottom
      }
  }
}
