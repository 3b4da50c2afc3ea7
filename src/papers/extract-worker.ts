import { basename } from 'node:path'
import type { Tinypool } from 'tinypool'
import { messageOf, PaperError, systemCode } from '../core/errors.js'
import type { ExtractReply, ExtractRequest, WorkerSetup } from './extract/protocol.js'
import type { ExtractLimits } from './types.js'

/** PDFium may take this much; a paper needs some 30 MB. */
const MAX_WASM_BYTES = 320 * 1024 * 1024
/** WebAssembly never gives memory back, so a thread that once grew beyond this is replaced. */
const RECYCLE_BYTES = 96 * 1024 * 1024
/** Bounds the JavaScript heap of a thread; PDFium's memory is bounded apart. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 }
/** A thread without work for this long is ended. */
const IDLE_MS = 30_000

/**
 * One thread that reads one document at a time and can be killed while it does. A pool of its own: Tinypool recycles
 * all threads of a pool or none, and starts no thread for what already waits when it kills one.
 */
export class ExtractWorker {
  readonly #pool: Tinypool
  #thread: Tinypool['threads'][number] | null = null
  /** Settles when the latest thread has ended. */
  #ended: Promise<void> = Promise.resolve()
  #current: AbortController | null = null
  #fit = true

  /**
   * Starts nothing yet: the thread comes with the first document.
   *
   * @param Pool handed in, because it is an ES module alone, which the bundle can only load asynchronously.
   */
  constructor(Pool: typeof Tinypool, workerUrl: URL, module: WorkerSetup['module']) {
    const setup: WorkerSetup = { module, maxMemoryBytes: MAX_WASM_BYTES }
    this.#pool = new Pool({
      filename: workerUrl,
      name: 'read',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      resourceLimits: RESOURCE_LIMITS,
      workerData: setup,
    })
    // Raised when the thread dies before it takes the document.
    this.#pool.on('error', (error) => this.#current?.abort(error))
  }

  /**
   * Returns the thread's answer. Throws PaperError `pdf_timeout` or `pdf_crashed`; the thread is killed then. Call
   * `settle` before the next document.
   */
  async read(path: string, limits: ExtractLimits): Promise<ExtractReply> {
    const controller = new AbortController()
    const { signal } = controller
    const timer = setTimeout(
      () => controller.abort(timeoutError(basename(path), limits.timeoutMs)),
      limits.timeoutMs,
    )
    this.#current = controller
    try {
      const request: ExtractRequest = { path, maxBytes: limits.maxBytes, maxPages: limits.maxPages }
      const reading = this.#pool.run(request, { signal })
      this.#watch()
      const reply = (await reading) as ExtractReply
      this.#fit = reply.memoryBytes <= RECYCLE_BYTES && !(reply.kind === 'failed' && reply.dead)
      return reply
    } catch (error) {
      // A thread that dies of an error ends, too: the error says more.
      const reason: unknown = isAbort(error) ? signal.reason : error
      throw reason instanceof PaperError ? reason : crashError(basename(path), reason)
    } finally {
      clearTimeout(timer)
      this.#current = null
    }
  }

  /** Resolves when a killed thread is gone, after ending one that is no longer fit: two at once take too much memory. */
  async settle(): Promise<void> {
    if (!this.#fit) void this.#pool.recycleWorkers().catch(() => undefined)
    this.#fit = true
    if (!this.#pool.threads.some((thread) => thread === this.#thread)) await this.#ended
  }

  /** Ends the thread; the document that it reads is rejected. */
  async stop(): Promise<void> {
    await this.#pool.destroy().catch(() => undefined)
    await this.#ended
  }

  /** Tinypool does not notice a thread that ends by itself without an error. */
  #watch(): void {
    const thread = this.#pool.threads[0]
    if (thread === undefined || thread === this.#thread) return
    this.#thread = thread
    this.#ended = new Promise((resolve) => {
      thread.once('exit', () => {
        resolve()
        if (this.#thread === thread) this.#current?.abort(new Error('its thread ended'))
      })
    })
  }
}

function timeoutError(name: string, timeoutMs: number): PaperError {
  return new PaperError(
    'pdf_timeout',
    `${name} was not read within ${timeoutMs / 1000} s; its reader was ended`,
    { hint: 'The file is unusually heavy or made to hang readers; try another copy.' },
  )
}

function crashError(name: string, cause: unknown): PaperError {
  const message =
    systemCode(cause) === 'ERR_WORKER_OUT_OF_MEMORY'
      ? `the PDF reader ended at ${name}, whose text takes more than ${RESOURCE_LIMITS.maxOldGenerationSizeMb} MB of memory`
      : `the PDF reader broke down on ${name}: ${messageOf(cause)}`
  return new PaperError('pdf_crashed', message, {
    hint: 'The file is damaged or made to exhaust its readers; try another copy.',
    cause,
  })
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
