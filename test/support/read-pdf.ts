import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { startPdfium, type Pdfium } from '../../src/papers/extract/pdfium/pdfium.js'
import { readLoaded, type ReadOptions } from '../../src/papers/extract/read-paper.js'
import { wasmInterface } from '../../src/papers/extract/pdfium/wasm.js'
import type { ExtractedPaper } from '../../src/papers/types.js'

let pdfium: Promise<Pdfium> | null = null

/** Reads a PDF in this thread, as the worker does in its own. */
export async function readPdf(bytes: Uint8Array, options: ReadOptions = {}): Promise<ExtractedPaper> {
  pdfium ??= start()
  return readPaper(await pdfium, bytes, 'test.pdf', 500, options)
}

/** Reads a PDF by a PDFium that is there already. */
export function readPaper(
  pdf: Pdfium,
  bytes: Uint8Array,
  name: string,
  maxPages: number,
  options: ReadOptions = {},
): ExtractedPaper {
  const { exports: api } = pdf
  const data = api.malloc(bytes.length)
  if (data === 0) throw new Error(`no memory for ${name}`)
  try {
    pdf.u8().set(bytes, data)
    return readLoaded(pdf, data, bytes.length, name, maxPages, options)
  } finally {
    api.free(data)
  }
}

async function start(): Promise<Pdfium> {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm'))
  return startPdfium(await wasmInterface().compile(wasm), 256 * 1024 * 1024)
}
