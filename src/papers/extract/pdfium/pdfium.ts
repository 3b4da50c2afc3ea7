import { DEFAULT_PDFIUM_WASM_URL, init } from '@embedpdf/pdfium'
import {
  wasmInterface,
  type WasmImports,
  type WasmInstance,
  type WasmMemory,
  type WasmModule,
} from './wasm.js'

/**
 * The WebAssembly exports of PDFium that are used. They are called directly: the wrappers of the package check
 * and convert every argument, which doubles the time of a page (some ten thousand calls).
 */
export interface PdfiumExports {
  memory: WasmMemory
  malloc(bytes: number): number
  free(pointer: number): void
  FPDF_LoadMemDocument(data: number, bytes: number, password: number): number
  FPDF_CloseDocument(document: number): void
  FPDF_GetLastError(): number
  FPDF_GetPageCount(document: number): number
  FPDF_LoadPage(document: number, index: number): number
  FPDF_ClosePage(page: number): void
  FPDF_GetPageBoundingBox(page: number, rect: number): number
  FPDFPage_CountObjects(page: number): number
  FPDFPage_GetObject(page: number, index: number): number
  FPDFPageObj_GetType(object: number): number
  FPDFPageObj_GetBounds(object: number, l: number, b: number, r: number, t: number): number
  FPDFPageObj_GetMatrix(object: number, matrix: number): number
  FPDFFormObj_CountObjects(form: number): number
  FPDFFormObj_GetObject(form: number, index: number): number
  FPDFPageObj_GetFillColor(object: number, r: number, g: number, b: number, a: number): number
  FPDFPath_GetDrawMode(object: number, fillMode: number, stroke: number): number
  FPDFText_LoadPage(page: number): number
  FPDFText_ClosePage(textPage: number): void
  FPDFText_CountChars(textPage: number): number
  FPDFText_HasUnicodeMapError(textPage: number, index: number): number
  FPDFText_GetUnicode(textPage: number, index: number): number
  FPDFText_IsGenerated(textPage: number, index: number): number
  FPDFText_GetTextObject(textPage: number, index: number): number
  FPDFText_GetFontSize(textPage: number, index: number): number
  FPDFText_GetCharBox(textPage: number, index: number, l: number, r: number, b: number, t: number): number
  FPDFText_GetCharOrigin(textPage: number, index: number, x: number, y: number): number
  FPDFText_GetLooseCharBox(textPage: number, index: number, rect: number): number
  FPDFText_GetMatrix(textPage: number, index: number, matrix: number): number
  FPDFText_GetFillColor(textPage: number, index: number, r: number, g: number, b: number, a: number): number
  FPDFText_GetStrokeColor(textPage: number, index: number, r: number, g: number, b: number, a: number): number
  FPDFTextObj_GetFont(object: number): number
  FPDFTextObj_GetTextRenderMode(object: number): number
  FPDFFont_GetBaseFontName(font: number, buffer: number, bytes: number): number
  FPDFFont_GetFlags(font: number): number
  FPDFFont_GetWeight(font: number): number
  FPDFBookmark_GetFirstChild(document: number, bookmark: number): number
  FPDFBookmark_GetNextSibling(document: number, bookmark: number): number
  FPDFBookmark_GetTitle(bookmark: number, buffer: number, bytes: number): number
}

/** Error numbers of `FPDF_GetLastError` (public/fpdfview.h). */
export const PDFIUM_ERROR = { unknown: 1, file: 2, format: 3, password: 4, security: 5, page: 6 } as const

/** Types of `FPDFPageObj_GetType` (public/fpdf_edit.h). */
export const PAGE_OBJECT = { text: 1, path: 2, image: 3, shading: 4, form: 5 } as const

/** Name and version of the reader, for provenance. */
export const PDFIUM_NAME = `@embedpdf/pdfium ${/@(\d[\w.-]*)\//.exec(DEFAULT_PDFIUM_WASM_URL)?.[1] ?? 'unknown'}`

/** One instance of PDFium in this thread. */
export interface Pdfium {
  readonly exports: PdfiumExports
  /** 64 bytes for results of calls about glyphs, and 32 for calls about what lies behind them. */
  readonly scratch: number
  readonly scratchBehind: number
  /** What its memory is held to. */
  readonly heap: HeapLimit
  /** Views on the memory, renewed when it grew. */
  f64(): Float64Array
  f32(): Float32Array
  u32(): Uint32Array
  u8(): Uint8Array
}

export interface HeapLimit {
  maxBytes: number
  /** Whether more was asked for; PDFium mostly aborts then. */
  exceeded: boolean
}

interface ModuleHooks {
  print: () => void
  printErr: () => void
  instantiateWasm: (
    imports: WasmImports,
    receive: (instance: WasmInstance) => void,
  ) => WasmInstance['exports']
}

/**
 * Returns a PDFium whose memory never grows beyond `maxMemoryBytes`; a document that needs more aborts it, and
 * the instance is dead then. `module` is the compiled `pdfium.wasm`.
 */
export async function startPdfium(module: WasmModule, maxMemoryBytes: number): Promise<Pdfium> {
  let exports: PdfiumExports | null = null
  const heap: HeapLimit = { maxBytes: maxMemoryBytes, exceeded: false }
  const hooks: ModuleHooks = {
    print: () => undefined,
    printErr: () => undefined,
    instantiateWasm: (imports, receive) => {
      limitHeap(imports, heap)
      const instance = new (wasmInterface().Instance)(module, imports)
      exports = instance.exports as unknown as PdfiumExports
      receive(instance)
      return instance.exports
    },
  }
  const wrapped = await init(hooks)
  wrapped.PDFiumExt_Init()
  if (exports === null) throw new Error('PDFium did not start')
  return withViews(exports, heap)
}

function limitHeap(imports: WasmImports, heap: HeapLimit): void {
  const env = imports['env']
  const grow = env?.['emscripten_resize_heap']
  if (env === undefined || typeof grow !== 'function') return
  const resize = grow as (bytes: number) => number
  // Asked for a size, it takes up to a fifth more.
  const limit = heap.maxBytes / 1.2
  env['emscripten_resize_heap'] = (bytes: number) => {
    if (bytes >>> 0 <= limit) return resize(bytes)
    heap.exceeded = true
    return 0
  }
}

function withViews(exports: PdfiumExports, heap: HeapLimit): Pdfium {
  const { memory } = exports
  let f64 = new Float64Array(memory.buffer)
  let f32 = new Float32Array(memory.buffer)
  let u32 = new Uint32Array(memory.buffer)
  let u8 = new Uint8Array(memory.buffer)
  const scratch = exports.malloc(96)
  const renew = (): void => {
    // Memory that grew leaves its old views empty; to ask it for its buffer is a slow call.
    if (u8.length > 0) return
    f64 = new Float64Array(memory.buffer)
    f32 = new Float32Array(memory.buffer)
    u32 = new Uint32Array(memory.buffer)
    u8 = new Uint8Array(memory.buffer)
  }
  return {
    exports,
    heap,
    scratch,
    scratchBehind: scratch + 64,
    f64: () => (renew(), f64),
    f32: () => (renew(), f32),
    u32: () => (renew(), u32),
    u8: () => (renew(), u8),
  }
}
