import type { Pdfium } from './pdfium.js'

export interface OutlineEntry {
  /** Title as `plainTitle` returns it. */
  title: string
  /** 1 = section. */
  level: number
}

const MAX_ENTRIES = 400
const MAX_DEPTH = 4
const TITLE_BYTES = 1024

/** Returns the bookmarks of a document from top to bottom; [] if it has none. Loops in them are cut off. */
export function readOutline(pdf: Pdfium, document: number): OutlineEntry[] {
  const { exports: api } = pdf
  const entries: OutlineEntry[] = []
  const seen = new Set<number>()
  const walk = (parent: number, level: number): void => {
    let mark = api.FPDFBookmark_GetFirstChild(document, parent)
    while (mark !== 0 && !seen.has(mark) && entries.length < MAX_ENTRIES) {
      seen.add(mark)
      const title = plainTitle(titleOf(pdf, mark))
      if (title !== '') entries.push({ title, level })
      if (level < MAX_DEPTH) walk(mark, level + 1)
      mark = api.FPDFBookmark_GetNextSibling(document, mark)
    }
  }
  walk(0, 1)
  return entries
}

function titleOf(pdf: Pdfium, mark: number): string {
  const { exports: api } = pdf
  const buffer = api.malloc(TITLE_BYTES)
  try {
    const bytes = Math.min(api.FPDFBookmark_GetTitle(mark, buffer, TITLE_BYTES), TITLE_BYTES)
    return Buffer.from(pdf.u8().subarray(buffer, buffer + Math.max(0, bytes - 2))).toString('utf16le')
  } finally {
    api.free(buffer)
  }
}

/** Returns a title without its number, spaces, case and punctuation, to compare titles with one another. */
export function plainTitle(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/^\s*(appendix\s+)?([A-Z]|\d{1,2}|[IVX]{1,5})([.:]\d{1,2})*[.:)]?\s+(?=\S)/iu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}
