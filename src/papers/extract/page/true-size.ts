import type { Pdfium } from '../pdfium/pdfium.js'

/**
 * Heights of letters in ems, by what they reach: those of Computer Modern, near enough to those of other text fonts.
 */
const HEIGHTS: readonly (readonly [RegExp, number])[] = [
  [/[acemnorsuvwxz]/u, 0.44],
  [/[bdfhklA-Z]/u, 0.69],
  [/[gpqy]/u, 0.63],
  [/\d/u, 0.65],
]
/** Enough letters of a font to tell its size by. */
const WITNESSES = 40

/**
 * Returns the em of a font in the sizes that the page names for it, for fonts of bitmaps: their own matrix scales their
 * glyphs, so a text of size 0.12 may be 12 points high. 1 where no letter tells.
 */
export function emOf(pdf: Pdfium, textPage: number, index: number, size: number): number {
  const { exports: api, scratch } = pdf
  const fontAt = (i: number): number => {
    const object = api.FPDFText_GetTextObject(textPage, i)
    return object === 0 ? 0 : api.FPDFTextObj_GetFont(object)
  }
  const font = fontAt(index)
  const count = api.FPDFText_CountChars(textPage)
  const ems: number[] = []
  for (let i = index; i < count && ems.length < WITNESSES; i++) {
    const letter = String.fromCharCode(api.FPDFText_GetUnicode(textPage, i))
    const height = HEIGHTS.find(([letters]) => letters.test(letter))?.[1]
    if (height === undefined || fontAt(i) !== font) continue
    api.FPDFText_GetCharBox(textPage, i, scratch, scratch + 8, scratch + 16, scratch + 24)
    const [, , bottom, top] = pdf.f64().subarray(scratch >> 3, (scratch >> 3) + 4)
    ems.push(Math.abs(top! - bottom!) / height / size)
  }
  return ems.sort((a, b) => a - b)[ems.length >> 1] ?? 1
}
