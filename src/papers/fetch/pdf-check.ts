import { PaperError } from '../../core/errors.js'
import { isWithdrawnPage, WithdrawnError } from './withdrawn.js'

/** PDF readers look for the header in the first kilobyte (PDF 1.7, Annex H.3.4.1). */
const HEADER_BYTES = 1024
/** They look for the end mark in the last kilobyte; a few programs write more behind it. */
export const TAIL_BYTES = 8192
/** As much of what came is looked at: for a header behind something else, or a page in place of a PDF. */
export const PAGE_BYTES = 65_536

/**
 * Throws PaperError `pdf_empty`, `pdf_withdrawn`, `pdf_is_html` or `pdf_not_a_pdf` unless the bytes begin like a PDF.
 *
 * @param bytes the first `PAGE_BYTES` of the file.
 */
export function checkPdfBytes(bytes: Uint8Array, name: string): void {
  if (bytes.length === 0) {
    throw new PaperError('pdf_empty', `${name} is empty`, { hint: 'Delete it and fetch it again.' })
  }
  if (headerAt(bytes) >= 0) return
  if (isHtmlPage(bytes)) {
    if (isWithdrawnPage(textOf(bytes, PAGE_BYTES))) throw new WithdrawnError(`the page in place of ${name}`)
    throw new PaperError('pdf_is_html', `${name} is an HTML page, not a PDF`, {
      hint: 'The server answered with a page (captcha, or PDF still being made); open its URL in a browser.',
    })
  }
  throw new PaperError('pdf_not_a_pdf', `${name} is not a PDF but ${kindOf(bytes)}`, {
    hint: 'Check where the file comes from; arXiv serves some old papers as PostScript or source only.',
  })
}

/**
 * Returns where in the first `PAGE_BYTES` of a file its PDF begins, or -1. Text that a mailer or a proxy put before it is
 * passed over; an HTML page that speaks of PDFs is not, nor is an archive that holds one among others.
 */
export function headerAt(bytes: Uint8Array): number {
  const near = textOf(bytes, HEADER_BYTES).indexOf('%PDF-')
  if (near >= 0 || isHtmlPage(bytes) || kindOf(bytes) !== UNKNOWN) return near
  const text = textOf(bytes, PAGE_BYTES)
  const far = text.search(/%PDF-\d/)
  return text.slice(0, Math.max(0, far)).includes('\0') ? -1 : far
}

/** Returns whether a file begins like an HTML page. */
export function isHtmlPage(bytes: Uint8Array): boolean {
  const head = textOf(bytes, HEADER_BYTES)
  return !head.includes('%PDF-') && /<!doctype html|<html|<head[\s>]|<body[\s>]/i.test(head)
}

/**
 * Returns whether the last `TAIL_BYTES` of a file hold the end of a PDF: the place of its table of objects, or the mark
 * behind it. A file that was cut has neither; one without them may be whole all the same.
 */
export function hasPdfEnd(tail: Uint8Array): boolean {
  return /%%EOF|startxref\s+\d/.test(textOf(tail, TAIL_BYTES))
}

/**
 * Returns whether a file ends with the end of a PDF, to the byte: it is whole, whatever its server said of its length. The first
 * part of a linearized one ends alike, with a place of 0 (PDF 1.7, Annex F.3.1).
 */
export function endsAsPdf(tail: Uint8Array): boolean {
  return /startxref\s+[1-9]\d*\s+%%EOF\s*$/.test(textOf(tail, TAIL_BYTES))
}

function textOf(bytes: Uint8Array, most: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, most)).toString('latin1')
}

const UNKNOWN = 'something else'

function kindOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4)).toString('hex')
  if (hex.startsWith('1f8b')) return 'a gzip archive'
  if (hex.startsWith('504b')) return 'a zip archive'
  if (hex.startsWith('2521')) return 'PostScript'
  return UNKNOWN
}

/** Returns the PaperError `pdf_too_large` of a file. */
export function tooManyBytes(name: string, bytes: number, maxBytes: number): PaperError {
  const mb = (n: number): string => (Math.ceil((n / 1048576) * 10) / 10).toFixed(1)
  return new PaperError(
    'pdf_too_large',
    `${name} has ${mb(bytes)} MB, more than the limit of ${mb(maxBytes)} MB`,
    {
      hint: 'Raise pdf_max_megabytes (RPA_PDF_MAX_MEGABYTES) if the file is wanted.',
    },
  )
}
