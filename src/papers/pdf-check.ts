import { PaperError } from '../core/errors.js'

/** PDF readers look for the header in the first kilobyte (PDF 1.7, Annex H.3.4.1). */
const HEADER_WINDOW = 1024

/** Throws PaperError `pdf_empty`, `pdf_is_html` or `pdf_not_a_pdf` unless the bytes begin like a PDF. */
export function checkPdfBytes(bytes: Uint8Array, name: string): void {
  if (bytes.length === 0) {
    throw new PaperError('pdf_empty', `${name} is empty`, { hint: 'Delete it and fetch it again.' })
  }
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEADER_WINDOW)).toString(
    'latin1',
  )
  if (head.includes('%PDF-')) return
  if (/<!doctype html|<html|<head[\s>]|<body[\s>]/i.test(head)) {
    throw new PaperError('pdf_is_html', `${name} is an HTML page, not a PDF`, {
      hint: 'The server answered with a page (withdrawn paper, captcha, or PDF still being made); open its URL in a browser.',
    })
  }
  throw new PaperError('pdf_not_a_pdf', `${name} is not a PDF but ${kindOf(bytes)}`, {
    permanent: true,
    hint: 'Check where the file comes from; arXiv serves some old papers as PostScript or source only.',
  })
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
  const mb = (n: number): string => (n / 1e6).toFixed(1)
  return new PaperError(
    'pdf_too_large',
    `${name} has ${mb(bytes)} MB, more than the limit of ${mb(maxBytes)} MB`,
    {
      permanent: true,
      hint: 'Raise the size limit if the file is wanted.',
    },
  )
}
