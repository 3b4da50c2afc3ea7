import { basename } from 'node:path'
import { Tinypool } from 'tinypool'
import { messageOf, PaperError } from '../../core/errors.js'
import { withFile } from './pdfium/load-file.js'
import { startPdfium, type Pdfium } from './pdfium/pdfium.js'
import type { ExtractFailure, ExtractReply, ExtractRequest, WorkerSetup } from './protocol.js'
import { readLoaded } from './read-paper.js'

const pdf = await start()

/** Task of the thread: reads one PDF. Returns the paper or the failure; throws nothing. */
export function read(request: ExtractRequest): ExtractReply {
  pdf.heap.exceeded = false
  try {
    const { path, maxBytes, maxPages } = request
    const paper = withFile(pdf, path, maxBytes, (data, length) =>
      readLoaded(pdf, data, length, basename(path), maxPages),
    )
    return { kind: 'done', paper, memoryBytes: memoryBytes() }
  } catch (error) {
    const dead = !(error instanceof PaperError || isSystemError(error))
    return { kind: 'failed', failure: failureOf(error, request), dead, memoryBytes: memoryBytes() }
  }
}

function start(): Promise<Pdfium> {
  const { module, maxMemoryBytes } = Tinypool.workerData as WorkerSetup
  return startPdfium(module, maxMemoryBytes)
}

function memoryBytes(): number {
  return pdf.exports.memory.buffer.byteLength
}

/** An error without a code of ours comes out of PDFium: it aborted, or ran out of the memory it may take. */
function failureOf(error: unknown, request: ExtractRequest): ExtractFailure {
  if (error instanceof PaperError)
    return { code: error.code, message: error.message, hint: error.hint ?? null }
  const name = basename(request.path)
  const wrapped = isSystemError(error)
    ? new PaperError('pdf_not_found', `${request.path} cannot be read: ${messageOf(error)}`)
    : new PaperError('pdf_crashed', crashMessage(name, error), {
        hint: 'The file is damaged or made to exhaust its readers; try another copy.',
      })
  return { code: wrapped.code, message: wrapped.message, hint: wrapped.hint ?? null }
}

function crashMessage(name: string, error: unknown): string {
  const { exceeded, maxBytes } = pdf.heap
  if (exceeded)
    return `the PDF reader ended at ${name}, which takes more than ${Math.round(maxBytes / 1e6)} MB of memory`
  return `the PDF reader broke down on ${name}: ${messageOf(error)}`
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
