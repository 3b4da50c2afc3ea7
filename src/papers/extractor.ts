import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import type { PaperErrorClass } from '../core/errors.js'
import { PaperError } from '../core/errors.js'
import { wasmInterface, type WasmModule } from './extract/pdfium/wasm.js'
import type { ExtractWorker } from './extract-worker.js'
import type { ExtractedPaper, ExtractLimits } from './types.js'

export interface PdfExtractorOptions {
  /** Worker threads, started as they are needed. */
  workers: number
  limits: ExtractLimits
  /** The bundled `extract/worker.ts`. */
  workerUrl: URL
}

interface Job {
  path: string
  begun: () => Promise<void>
  resolve: (paper: ExtractedPaper) => void
  reject: (error: Error) => void
}

/** Reads PDFs in worker threads. A document that hangs or breaks its worker costs that document only. */
export class PdfExtractor {
  readonly #queue: Job[] = []
  readonly #idle: ExtractWorker[] = []
  readonly #all: ExtractWorker[] = []
  #reading = 0
  #module: Promise<WasmModule> | null = null
  #closed = false

  readonly #options: PdfExtractorOptions

  constructor(options: PdfExtractorOptions) {
    this.#options = options
  }

  /**
   * Returns what the PDF holds. Throws PaperError `pdf_corrupt`, `pdf_encrypted`, `pdf_no_text`, `pdf_too_large`,
   * `pdf_too_many_pages`, `pdf_timeout`, `pdf_crashed`, `pdf_is_html`, `pdf_empty`, `pdf_not_a_pdf`,
   * `pdf_not_found`, `pdf_reader_closed`.
   *
   * @param begun called when a worker is free, before the reading begins.
   */
  extract(path: string, begun: () => Promise<void> = async () => {}): Promise<ExtractedPaper> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(closedError(path))
        return
      }
      this.#queue.push({ path, begun, resolve, reject })
      this.#dispatch()
    })
  }

  /** Ends all workers; documents not yet read are rejected with `pdf_reader_closed`. */
  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#queue.splice(0)) job.reject(closedError(job.path))
    await Promise.all(this.#all.splice(0).map((worker) => worker.stop()))
  }

  /** A document leaves the queue when a worker is free for it, so that its deadline holds no waiting. */
  #dispatch(): void {
    while (this.#queue.length > 0 && this.#reading < Math.max(1, this.#options.workers)) {
      this.#reading++
      void this.#work(this.#queue.shift()!).then(() => {
        this.#reading--
        this.#dispatch()
      })
    }
  }

  async #work(job: Job): Promise<void> {
    let worker: ExtractWorker | null = null
    try {
      worker = await this.#worker()
      await job.begun()
      const reply = await worker.read(job.path, this.#options.limits)
      if (reply.kind === 'done') job.resolve(reply.paper)
      else job.reject(errorOf(reply.failure.code, reply.failure.message, reply.failure.hint))
    } catch (error) {
      job.reject(this.#closed ? closedError(job.path) : (error as Error))
    }
    if (worker === null || this.#closed) return
    await worker.settle()
    this.#idle.push(worker)
  }

  async #worker(): Promise<ExtractWorker> {
    // Most commands read no PDF and need no pool.
    const [module, { ExtractWorker }, { Tinypool }] = await Promise.all([
      this.#wasm(),
      import('./extract-worker.js'),
      import('tinypool'),
    ])
    if (this.#closed) throw new Error('closed')
    const free = this.#idle.pop()
    if (free !== undefined) return free
    const fresh = new ExtractWorker(Tinypool, this.#options.workerUrl, module)
    this.#all.push(fresh)
    return fresh
  }

  /** Compiles PDFium once for all workers. */
  #wasm(): Promise<WasmModule> {
    this.#module ??= readFile(createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm')).then(
      (bytes) => wasmInterface().compile(bytes),
    )
    return this.#module
  }
}

function errorOf(code: PaperErrorClass, message: string, hint: string | null): PaperError {
  return new PaperError(code, message, hint === null ? {} : { hint })
}

function closedError(path: string): PaperError {
  return new PaperError('pdf_reader_closed', `${basename(path)} was not read: the PDF reader was closed`)
}
