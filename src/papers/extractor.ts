import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { PaperError } from '../core/errors.js'
import type { ExtractReply } from './extract/protocol.js'
import { wasmInterface, type WasmModule } from './extract/wasm.js'
import { ExtractWorker } from './extract-worker.js'
import type { ExtractedPaper, ExtractLimits } from './types.js'

/** PDFium may take this much; a paper needs some 30 MB. */
const MAX_WASM_BYTES = 320 * 1024 * 1024
/** WebAssembly never gives memory back, so a worker that once grew beyond this is replaced. */
const RECYCLE_BYTES = 96 * 1024 * 1024

export interface PdfExtractorOptions {
  /** Worker threads, started as they are needed. */
  workers: number
  limits: ExtractLimits
  /** The bundled `extract/worker.ts`. */
  workerUrl: URL
}

interface Job {
  path: string
  resolve: (paper: ExtractedPaper) => void
  reject: (error: Error) => void
}

/** Reads PDFs in worker threads. A document that hangs or breaks its worker costs that document only. */
export class PdfExtractor {
  private readonly queue: Job[] = []
  private readonly idle: ExtractWorker[] = []
  private readonly all = new Set<ExtractWorker>()
  private module: Promise<WasmModule> | null = null
  private closed = false

  constructor(private readonly options: PdfExtractorOptions) {}

  /**
   * Returns what the PDF holds. Throws PaperError `pdf_corrupt`, `pdf_encrypted`, `pdf_no_text`, `pdf_too_large`,
   * `pdf_too_many_pages`, `pdf_timeout`, `pdf_crashed`, `pdf_is_html`, `pdf_empty`, `pdf_not_a_pdf`,
   * `pdf_not_found`.
   */
  extract(path: string): Promise<ExtractedPaper> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(closedError(path))
        return
      }
      this.queue.push({ path, resolve, reject })
      this.dispatch()
    })
  }

  /** Ends all workers; documents not yet read are rejected with `pdf_reader_closed`. */
  async close(): Promise<void> {
    this.closed = true
    for (const job of this.queue.splice(0)) job.reject(closedError(job.path))
    await Promise.all([...this.all].map((worker) => worker.stop()))
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const worker = this.idle.pop()
      if (worker !== undefined) {
        void this.work(worker, this.queue.shift()!)
      } else if (this.all.size < Math.max(1, this.options.workers)) {
        const fresh = new ExtractWorker(this.options.workerUrl, MAX_WASM_BYTES)
        this.all.add(fresh)
        void this.work(fresh, this.queue.shift()!)
      } else {
        return
      }
    }
  }

  private async work(worker: ExtractWorker, job: Job): Promise<void> {
    let healthy = false
    try {
      await worker.start(await this.wasm())
      const { limits } = this.options
      const reply = await worker.run(job.path, limits)
      healthy = isHealthy(reply)
      if (reply.kind === 'done') job.resolve(reply.paper)
      else job.reject(errorOf(reply.failure.code, reply.failure.message, reply.failure.hint))
    } catch (error) {
      job.reject(this.closed ? closedError(job.path) : (error as Error))
    }
    if (healthy && !this.closed) {
      this.idle.push(worker)
    } else {
      await worker.stop()
      this.all.delete(worker)
    }
    if (!this.closed) this.dispatch()
  }

  /** Compiles PDFium once for all workers. */
  private wasm(): Promise<WasmModule> {
    this.module ??= readFile(createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm')).then(
      (bytes) => wasmInterface().compile(bytes),
    )
    return this.module
  }
}

function isHealthy(reply: Exclude<ExtractReply, { kind: 'ready' }>): boolean {
  return reply.memoryBytes <= RECYCLE_BYTES && !(reply.kind === 'failed' && reply.dead)
}

/** Failures that another try of the same file cannot change. */
const PERMANENT = new Set([
  'pdf_encrypted',
  'pdf_no_text',
  'pdf_too_large',
  'pdf_too_many_pages',
  'pdf_not_a_pdf',
  'pdf_corrupt',
])

function errorOf(code: string, message: string, hint: string | null): PaperError {
  return new PaperError(code, message, { permanent: PERMANENT.has(code), ...(hint === null ? {} : { hint }) })
}

function closedError(path: string): PaperError {
  return new PaperError('pdf_reader_closed', `${basename(path)} was not read: the PDF reader was closed`)
}
