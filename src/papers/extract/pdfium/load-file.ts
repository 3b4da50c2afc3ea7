import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { basename } from 'node:path'
import { PaperError } from '../../../core/errors.js'
import { checkPdfBytes, tooManyBytes } from '../../fetch/pdf-check.js'
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
  // Opening a pipe would wait for its writer in a way that not even the end of the thread ends.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  let data = 0
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw notAFile(name, stats)
    const { size } = stats
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

function notAFile(name: string, stats: Stats): PaperError {
  const kind = stats.isDirectory() ? 'a folder' : 'a pipe or a device'
  return new PaperError('pdf_not_a_pdf', `${name} is not a file but ${kind}`, {
    hint: 'Name the PDF files themselves; what comes through a pipe has to be saved as a file first.',
  })
}

function noRoom(name: string): PaperError {
  return new PaperError('pdf_too_large', `${name} does not fit into the memory of the PDF reader`, {
    hint: 'The file is not a paper, or it was made to exhaust its readers.',
  })
}
