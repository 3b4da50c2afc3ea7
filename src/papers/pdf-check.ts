import { PaperError } from '../core/errors.js'
import { isWithdrawnPage, withdrawn } from './withdrawn.js'

/** PDF readers look for the header in the first kilobyte (PDF 1.7, Annex H.3.4.1). */
export const HEADER_BYTES = 1024
/** They look for the end mark in the last kilobyte; a few programs write more behind it. */
export const TAIL_BYTES = 8192
/** As much of a page that came in place of a PDF is looked at. */
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
  if (textOf(bytes, HEADER_BYTES).includes('%PDF-')) return
  if (isHtmlPage(bytes)) {
    if (isWithdrawnPage(textOf(bytes, PAGE_BYTES))) throw withdrawn(`the page in place of ${name}`)
    throw new PaperError('pdf_is_html', `${name} is an HTML page, not a PDF`, {
      hint: 'The server answered with a page (captcha, or PDF still being made); open its URL in a browser.',
    })
  }
  throw new PaperError('pdf_not_a_pdf', `${name} is not a PDF but ${kindOf(bytes)}`, {
    hint: 'Check where the file comes from; arXiv serves some old papers as PostScript or source only.',
  })
}

/** Returns whether a file begins like an HTML page. */
export function isHtmlPage(bytes: Uint8Array): boolean {
  const head = textOf(bytes, HEADER_BYTES)
  return !head.includes('%PDF-') && /<!doctype html|<html|<head[\s>]|<body[\s>]/i.test(head)
}

/** Returns whether the last `TAIL_BYTES` of a file hold a PDF's end mark: a file that was cut has none. */
export function hasPdfEnd(tail: Uint8Array): boolean {
  return textOf(tail, TAIL_BYTES).includes('%%EOF')
}

function textOf(bytes: Uint8Array, most: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, most)).toString('latin1')
}

function kindOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4)).toString('hex')
  if (hex.startsWith('1f8b')) return 'a gzip archive'
  if (hex.startsWith('504b')) return 'a zip archive'
  if (hex.startsWith('2521')) return 'PostScript'
  return 'something else'
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
