/** The parts of the WebAssembly interface that are used: Node's types leave them to the DOM's. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

export type WasmImports = Record<string, Record<string, unknown>>

export interface WasmInstance {
  readonly exports: Record<string, unknown>
}

interface WasmInterface {
  compile(bytes: Uint8Array): Promise<WasmModule>
  Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance
}

/** Returns the engine's WebAssembly interface. */
export function wasmInterface(): WasmInterface {
  return (globalThis as unknown as { WebAssembly: WasmInterface }).WebAssembly
}
