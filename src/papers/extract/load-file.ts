import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { PaperError } from '../../core/errors.js'
import { checkPdfBytes, tooManyBytes } from '../pdf-check.js'
import type { Pdfium } from './pdfium.js'

/**
 * Reads a file into PDFium's memory, without a copy beside it: such buffers, one a paper, tatter the heap of the process.
 * Returns what `use` makes of address and length. Throws PaperError `pdf_too_large`, `pdf_empty`, `pdf_is_html`,
 * `pdf_not_a_pdf`, and the system's error if the file cannot be read.
 */
export function withFile<T>(
  pdf: Pdfium,
  path: string,
  maxBytes: number,
  use: (data: number, length: number) => T,
): T {
  const name = basename(path)
  const file = openSync(path, 'r')
  let data = 0
  try {
    const { size } = fstatSync(file)
    if (size > maxBytes) throw tooManyBytes(name, size, maxBytes)
    data = pdf.exports.malloc(Math.max(1, size))
    if (data === 0) throw noRoom(name)
    const bytes = pdf.u8().subarray(data, data + size)
    const length = fill(bytes, file)
    checkPdfBytes(bytes.subarray(0, length), name)
    return use(data, length)
  } finally {
    closeSync(file)
    if (data !== 0) pdf.exports.free(data)
  }
}

/** Returns how many bytes there were: fewer than expected if the file was cut meanwhile. */
function fill(bytes: Uint8Array, file: number): number {
  let length = 0
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, length)
    if (read === 0) break
    length += read
  }
  return length
}

function noRoom(name: string): PaperError {
  return new PaperError('pdf_too_large', `${name} does not fit into the memory of the PDF reader`, {
    permanent: true,
    hint: 'The file is not a paper, or it was made to exhaust its readers.',
  })
}
