import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Sample } from './import-types.js'

/** A file's unpacked content as a stream, and its beginning to tell its format from. */
export interface Source {
  sample: Sample
  /** All of the content, the sample included; to be read once. */
  chunks(): AsyncGenerator<Buffer>
  close(): Promise<void>
}

const CHUNK_BYTES = 1024 * 1024
/** Enough for the longest record there is, with thousands of authors. */
const SAMPLE_BYTES = 1024 * 1024

/** Opens a file, or standard input for `-`, unpacking gzip by content. Throws what reading throws. */
export async function openSource(file: string, stdin: Readable): Promise<Source> {
  const stream = file === '-' ? stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES })
  const chunks = unpacked(stream)
  const parts: Buffer[] = []
  let size = 0
  let whole = false
  while (size < SAMPLE_BYTES && !whole) {
    const next = await chunks.next()
    if (next.done === true) whole = true
    else size += parts[parts.push(next.value) - 1]?.length ?? 0
  }
  return {
    sample: { bytes: Buffer.concat(parts), whole },
    async *chunks() {
      yield* parts
      yield* chunks
    },
    async close() {
      await chunks.return(undefined)
      if (file !== '-') stream.destroy()
    },
  }
}

async function* unpacked(stream: Readable): AsyncGenerator<Buffer, undefined> {
  const chunks = buffers(stream)
  const first = await headOf(chunks)
  if (first[0] !== 0x1f || first[1] !== 0x8b) {
    yield first
    yield* chunks
    return
  }
  const packed = async function* (): AsyncGenerator<Buffer> {
    yield first
    yield* chunks
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  pipeline(Readable.from(packed()), gunzip, () => {
    // An error reaches the reader of `gunzip`.
  })
  yield* buffers(gunzip)
}

/** The first two bytes decide, and a pipe may deliver one at a time. */
async function headOf(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  return head
}

async function* buffers(stream: Readable): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string)
}
