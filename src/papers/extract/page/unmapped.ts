import type { Reading } from './legibility.js'
import type { Pdfium } from '../pdfium/pdfium.js'

/** Some of these stand on every page of a paper in one of the common languages of science. */
const COMMON_WORDS = /\b(the|of|and|is|der|die|und|les|des|une|los|las|del)\b/i
/** Latin letters are what a reader makes of glyphs without names: it takes their codes for characters. */
const LATIN = /[a-z]/i
const PAGES = 5

/** True if the text of a paper, so far as it tells, may be the codes of glyphs. */
export function isDoubtful(reading: Reading | null, text: string): boolean {
  if (reading === null) return LATIN.test(text) && !COMMON_WORDS.test(text)
  return reading === 'letters'
}

/**
 * Tells whether the fonts of most characters do not say which letters they are, so that a reader takes the codes of glyphs
 * for text. In old fonts these happen to be the codes of the letters.
 */
export function isUnmapped(pdf: Pdfium, document: number, pages: number): boolean {
  const { exports: api } = pdf
  let all = 0
  let unmapped = 0
  for (let index = 0; index < Math.min(pages, PAGES); index++) {
    const page = api.FPDF_LoadPage(document, index)
    if (page === 0) continue
    const textPage = api.FPDFText_LoadPage(page)
    const count = textPage === 0 ? 0 : api.FPDFText_CountChars(textPage)
    for (let i = 0; i < count; i++) {
      if (api.FPDFText_IsGenerated(textPage, i) === 1) continue
      all++
      if (api.FPDFText_HasUnicodeMapError(textPage, i) === 1) unmapped++
    }
    if (textPage !== 0) api.FPDFText_ClosePage(textPage)
    api.FPDF_ClosePage(page)
  }
  return unmapped > all / 2
}
