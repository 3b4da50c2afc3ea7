import { PaperError } from '../../core/errors.js'
import { hasPdfEnd, headerAt, PAGE_BYTES, TAIL_BYTES } from '../fetch/pdf-check.js'
import type { ExtractedPaper } from '../types.js'
import { assemblePaper } from './document/assemble.js'
import { FontCache } from './pdfium/fonts.js'
import { readingOf } from './page/legibility.js'
import type { PageText } from './model.js'
import { readOutline } from './pdfium/outline.js'
import { PDFIUM_ERROR, PDFIUM_NAME, type Pdfium } from './pdfium/pdfium.js'
import { readPage } from './page/read-page.js'
import { isDoubtful, isUnmapped } from './page/unmapped.js'

/** Fewer visible characters than this a page, on average, is a scan. */
const SCAN_CHARS_PER_PAGE = 8
/** The same of what is left without the lines that stand on every page, as the stamps of a library do on a scan with a cover. */
const SCAN_LETTERS_PER_PAGE = 60
/** Of fewer pages none can be told to be a stamp. */
const LEAST_STAMPED_PAGES = 3
/** More characters than this is no paper: some 2,000 full pages. */
const MAX_CHARS = 8_000_000

export interface ReadOptions {
  /** False leaves the PDF's bookmarks aside, which else confirm headings. */
  outline?: boolean
}

/**
 * Returns the paper that the bytes of a PDF hold, which lie in PDFium's memory at `data`. Throws PaperError
 * `pdf_encrypted`, `pdf_corrupt`, `pdf_too_many_pages`, `pdf_too_large`, `pdf_no_text`; `name` stands for the file in
 * messages.
 */
export function readLoaded(
  pdf: Pdfium,
  data: number,
  length: number,
  name: string,
  maxPages: number,
  options: ReadOptions = {},
): ExtractedPaper {
  const { exports: api } = pdf
  const bytes = pdf.u8().subarray(data, data + length)
  const file = { name, isWhole: hasPdfEnd(bytes.subarray(-TAIL_BYTES)) }
  // PDFium itself passes over a kilobyte only.
  const start = Math.max(0, headerAt(bytes.subarray(0, PAGE_BYTES)))
  const document = api.FPDF_LoadMemDocument(data + start, length - start, 0)
  if (document === 0) throw loadError(api.FPDF_GetLastError(), file)
  try {
    return readDocument(pdf, document, file, maxPages, options)
  } finally {
    api.FPDF_CloseDocument(document)
  }
}

interface PdfFile {
  name: string
  /** It has its end. */
  isWhole: boolean
}

function readDocument(
  pdf: Pdfium,
  document: number,
  file: PdfFile,
  maxPages: number,
  options: ReadOptions,
): ExtractedPaper {
  const { name } = file
  const count = pdf.exports.FPDF_GetPageCount(document)
  if (count > maxPages) {
    throw new PaperError(
      'pdf_too_many_pages',
      `${name} has ${count} pages, more than the limit of ${maxPages}`,
      {
        hint: 'Raise pdf_max_pages (RPA_PDF_MAX_PAGES) if this is a paper and not a book.',
      },
    )
  }
  const pages = readPages(pdf, document, count, name)
  if (pages.every((p) => p.width === 0)) throw corrupt(file, 'none of its pages can be read')
  const missing = file.isWhole ? 0 : missingPages(pdf, document, count)
  if (missing > 0) throw corrupt(file, `${missing} of its ${count} pages are not there`)
  const reading = readingOf(pages)
  if (reading === 'nothing') throw unreadable(name)
  const glyphs = pages.reduce((n, p) => n + p.segments.reduce((m, s) => m + s.glyphs, 0), 0)
  if (glyphs < SCAN_CHARS_PER_PAGE * count) throw noText(name, glyphs, count)
  const outline = options.outline === false ? [] : readOutline(pdf, document)
  const paper = assemblePaper(pages, outline)
  const letters = paper.text.replace(/\[p\. \d+\]|[^\p{L}\p{N}]/gu, '').length
  if (count >= LEAST_STAMPED_PAGES && letters < SCAN_LETTERS_PER_PAGE * count)
    throw noText(name, letters, count)
  if (isDoubtful(reading, paper.text) && isUnmapped(pdf, document, count)) throw unreadable(name)
  return { ...paper, extractor: PDFIUM_NAME }
}

function readPages(pdf: Pdfium, document: number, count: number, name: string): PageText[] {
  const fonts = new FontCache(pdf)
  const pages: PageText[] = []
  let glyphs = 0
  for (let i = 0; i < count; i++) {
    const page = readPage(pdf, document, i, fonts)
    for (const segment of page.segments) glyphs += segment.glyphs
    if (glyphs > MAX_CHARS) throw tooLarge(name)
    pages.push(page)
  }
  return pages
}

function noText(name: string, characters: number, pages: number): PaperError {
  return new PaperError(
    'pdf_no_text',
    `${name} holds almost no text (${characters} characters on ${pages} ${pages === 1 ? 'page' : 'pages'})`,
    {
      hint: 'It is probably a scan: run it through an OCR tool and put the result into the PDF folder.',
    },
  )
}

function unreadable(name: string): PaperError {
  const message = `the text of ${name} cannot be read: its fonts do not say which letters their glyphs are`
  return new PaperError('pdf_no_text', message, {
    hint: 'Run it through an OCR tool, or put another copy into the PDF folder.',
  })
}

function tooLarge(name: string): PaperError {
  return new PaperError('pdf_too_large', `${name} holds more text than fits in memory`, {
    hint: 'The file is not a paper, or it was made to exhaust its readers.',
  })
}

/** Returns how many pages have been lost, or all that stood on them. */
function missingPages({ exports: api }: Pdfium, document: number, count: number): number {
  let missing = 0
  for (let index = 0; index < count; index++) {
    const page = api.FPDF_LoadPage(document, index)
    if (page === 0 || api.FPDFPage_CountObjects(page) === 0) missing++
    if (page !== 0) api.FPDF_ClosePage(page)
  }
  return missing
}

function loadError(code: number, file: PdfFile): PaperError {
  if (code === PDFIUM_ERROR.password || code === PDFIUM_ERROR.security) {
    return new PaperError('pdf_encrypted', `${file.name} is protected by a password`, {
      hint: 'Put a copy without password into the PDF folder.',
    })
  }
  return corrupt(file, 'its structure cannot be read')
}

function corrupt({ name }: PdfFile, why: string): PaperError {
  return new PaperError('pdf_corrupt', `${name} is damaged or cut off: ${why}`, {
    hint: 'Delete the file and fetch it again.',
  })
}
