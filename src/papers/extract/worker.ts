import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, PaperError, RpaError } from '../../core/errors.js'
import { checkPdfBytes, tooManyBytes } from '../pdf-check.js'
import { startPdfium, type Pdfium } from './pdfium.js'
import type { ExtractFailure, ExtractReply, ExtractRequest, WorkerSetup } from './protocol.js'
import { readPaper } from './read-paper.js'

/** Entry point of a worker thread: answers one `ExtractRequest` after the other. */
async function serve(): Promise<void> {
  if (parentPort === null) throw new Error('the extract worker must run as a worker thread')
  const port = parentPort
  const { module, maxMemoryBytes } = workerData as WorkerSetup
  const pdf = await startPdfium(module, maxMemoryBytes)
  port.on('message', (request: ExtractRequest) => {
    port.postMessage(answer(pdf, request))
  })
  port.postMessage({ kind: 'ready' } satisfies ExtractReply)
}

function answer(pdf: Pdfium, request: ExtractRequest): ExtractReply {
  const { id } = request
  try {
    const bytes = readBytes(request)
    const paper = readPaper(pdf, bytes, basename(request.path), request.maxPages)
    return { kind: 'done', id, paper, memoryBytes: pdf.exports.memory.buffer.byteLength }
  } catch (error) {
    const memoryBytes = pdf.exports.memory.buffer.byteLength
    return {
      kind: 'failed',
      id,
      failure: failureOf(error, request),
      dead: !(error instanceof RpaError),
      memoryBytes,
    }
  }
}

function readBytes(request: ExtractRequest): Uint8Array {
  const name = basename(request.path)
  const { size } = statSync(request.path)
  if (size > request.maxBytes) throw tooManyBytes(name, size, request.maxBytes)
  const bytes = readFileSync(request.path)
  checkPdfBytes(bytes, name)
  return bytes
}

/** An error without a code of ours comes out of PDFium: it aborted, or ran out of the memory it may take. */
function failureOf(error: unknown, request: ExtractRequest): ExtractFailure {
  if (error instanceof RpaError) return { code: error.code, message: error.message, hint: error.hint ?? null }
  const name = basename(request.path)
  const system = error instanceof Error && 'syscall' in error
  const wrapped = system
    ? new PaperError('pdf_not_found', `${request.path} cannot be read: ${messageOf(error)}`)
    : new PaperError('pdf_crashed', `the PDF reader broke down on ${name}: ${messageOf(error)}`, {
        hint: 'The file is damaged or made to exhaust its readers; try another copy.',
      })
  return { code: wrapped.code, message: wrapped.message, hint: wrapped.hint ?? null }
}

await serve()
