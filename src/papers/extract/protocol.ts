import type { ExtractedPaper } from '../types.js'
import type { WasmModule } from './wasm.js'

/** What a worker is started with. */
export interface WorkerSetup {
  module: WasmModule
  maxMemoryBytes: number
}

export interface ExtractRequest {
  id: number
  path: string
  maxBytes: number
  maxPages: number
}

/** An error as it crosses the thread border. */
export interface ExtractFailure {
  code: string
  message: string
  hint: string | null
}

export type ExtractReply =
  | { kind: 'ready' }
  | { kind: 'done'; id: number; paper: ExtractedPaper; memoryBytes: number }
  /** `dead`: the instance of PDFium aborted and the worker must be replaced. */
  | { kind: 'failed'; id: number; failure: ExtractFailure; dead: boolean; memoryBytes: number }
