import type { PaperErrorClass } from '../../core/errors.js'
import type { ExtractedPaper } from '../types.js'
import type { WasmModule } from './pdfium/wasm.js'

/** What a worker is started with. */
export interface WorkerSetup {
  module: WasmModule
  maxMemoryBytes: number
}

export interface ExtractRequest {
  path: string
  maxBytes: number
  maxPages: number
}

/** An error as it crosses the thread border. */
export interface ExtractFailure {
  code: PaperErrorClass
  message: string
  hint: string | null
}

/** `memoryBytes`: what PDFium holds in this thread, which never shrinks. */
export type ExtractReply =
  | { kind: 'done'; paper: ExtractedPaper; memoryBytes: number }
  /** `dead`: the instance of PDFium aborted and the worker must be replaced. */
  | { kind: 'failed'; failure: ExtractFailure; dead: boolean; memoryBytes: number }
