import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import { messageOf, PaperError } from '../core/errors.js'
import type { ExtractReply, ExtractRequest, WorkerSetup } from './extract/protocol.js'
import type { WasmModule } from './extract/wasm.js'
import type { ExtractLimits } from './types.js'

type Answer = Exclude<ExtractReply, { kind: 'ready' }>

/** Bounds the JavaScript heap of a worker; PDFium's memory is bounded apart. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 }

interface Waiting {
  resolve: (reply: ExtractReply) => void
  reject: (error: Error) => void
}

/** One worker thread that reads one document at a time, and can be killed while it does. */
export class ExtractWorker {
  private thread: Worker | null = null
  private waiting: Waiting | null = null
  private nextId = 1

  constructor(
    private readonly url: URL,
    private readonly maxMemoryBytes: number,
  ) {}

  /** Starts the thread unless it runs; resolves when it can take documents. */
  async start(module: WasmModule): Promise<void> {
    if (this.thread !== null) return
    const setup: WorkerSetup = { module, maxMemoryBytes: this.maxMemoryBytes }
    const thread = new Worker(this.url, { workerData: setup, resourceLimits: RESOURCE_LIMITS, name: 'pdf' })
    this.thread = thread
    thread.on('message', (reply: ExtractReply) => this.settle(reply))
    thread.on('error', (error) => this.fail(error))
    thread.on('exit', (code) => this.fail(new Error(`the thread ended with code ${code}`)))
    await this.reply(() => undefined)
  }

  /** Returns the worker's answer. Throws PaperError `pdf_timeout` or `pdf_crashed`; the worker is lost then. */
  async run(path: string, limits: ExtractLimits): Promise<Answer> {
    const name = basename(path)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      void this.stop()
    }, limits.timeoutMs)
    const request: ExtractRequest = {
      id: this.nextId++,
      path,
      maxBytes: limits.maxBytes,
      maxPages: limits.maxPages,
    }
    try {
      const reply = await this.reply(() => this.thread?.postMessage(request))
      if (reply.kind === 'ready' || reply.id !== request.id)
        throw new Error('the thread answered out of turn')
      return reply
    } catch (error) {
      throw timedOut ? timeoutError(name, limits.timeoutMs) : crashError(name, error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Kills the thread; a document it was reading is rejected. */
  async stop(): Promise<void> {
    await this.thread?.terminate()
  }

  /** An idle worker does not keep the process alive. */
  private async reply(send: () => void): Promise<ExtractReply> {
    this.thread?.ref()
    try {
      return await new Promise<ExtractReply>((resolve, reject) => {
        this.waiting = { resolve, reject }
        send()
      })
    } finally {
      this.waiting = null
      this.thread?.unref()
    }
  }

  private settle(reply: ExtractReply): void {
    this.waiting?.resolve(reply)
  }

  private fail(error: unknown): void {
    this.waiting?.reject(error instanceof Error ? error : new Error(messageOf(error)))
  }
}

function timeoutError(name: string, timeoutMs: number): PaperError {
  return new PaperError(
    'pdf_timeout',
    `${name} was not read within ${timeoutMs / 1000} s; its reader was ended`,
    {
      hint: 'The file is unusually heavy or made to hang readers; raise the time limit or try another copy.',
    },
  )
}

function crashError(name: string, cause: unknown): PaperError {
  return new PaperError('pdf_crashed', `the PDF reader broke down on ${name}: ${messageOf(cause)}`, {
    hint: 'The file is damaged or made to exhaust its readers; try another copy.',
    cause,
  })
}
