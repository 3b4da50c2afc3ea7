import { createReadStream, statSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { objectScanner } from '../formats/json-records.js'
import type { Sample } from '../formats/types.js'
import { MAX_RECORD_BYTES } from '../formats/values.js'

/** A file's unpacked content as a stream, and its beginning to tell its format from. */
export interface ImportSource {
  sample: Sample
  /** All of the content, the sample included; to be read once. */
  chunks(): AsyncGenerator<Buffer>
  /** How much of the file was read so far; null: nobody knows how much there is. */
  progress(): { bytes: number; total: number | null }
  close(): Promise<void>
}

const CHUNK_BYTES = 1024 * 1024
/** Enough for the longest record there is, with thousands of authors. */
const SAMPLE_BYTES = 1024 * 1024

/**
 * Opens a file, or standard input for `-`, unpacking gzip by content. Throws what reading throws; what breaks after
 * some content could be read is thrown by `chunks`, after that content.
 */
export async function openSource(file: string, stdin: Readable): Promise<ImportSource> {
  const opened = file === '-' ? null : createReadStream(file, { highWaterMark: CHUNK_BYTES })
  const stream = opened ?? stdin
  const chunks = unpacked(stream)
  const parts: Buffer[] = []
  let size = 0
  let whole = false
  let isEnough = false
  const records = objectScanner()
  let failure: { error: unknown } | undefined
  try {
    while (!whole && (size < SAMPLE_BYTES || (!isEnough && size < MAX_RECORD_BYTES && isJson(parts)))) {
      const next = await chunks.next()
      if (next.done === true) whole = true
      else {
        parts.push(next.value)
        size += next.value.length
        isEnough ||= records.push(next.value).length > 0
      }
    }
  } catch (error) {
    if (size === 0) throw error
    failure = { error }
  }
  return {
    sample: { bytes: Buffer.concat(parts), whole },
    async *chunks() {
      yield* parts
      if (failure !== undefined) throw failure.error
      yield* chunks
    },
    progress: () => ({ bytes: opened?.bytesRead ?? 0, total: opened === null ? null : statSync(file).size }),
    async close() {
      await chunks.return(undefined)
      if (file !== '-') stream.destroy()
    },
  }
}

/** A format is told from a whole record, however long. */
function isJson([first]: readonly Buffer[]): boolean {
  return /^\uFEFF?\s*[{[]/.test(first?.subarray(0, 100).toString('utf8') ?? '')
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
  pipeline(Readable.from(endApart(packed())), gunzip, () => {
    // An error reaches the reader of `gunzip`.
  })
  yield* everyChunk(gunzip)
}

/** Checksum and length. */
const TRAILER_BYTES = 8

/** What is unpacked together with a wrong checksum is lost: the end comes by itself. */
async function* endApart(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const both = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const end = Math.max(0, both.length - TRAILER_BYTES)
    if (end > 0) yield both.subarray(0, end)
    held = Buffer.from(both.subarray(end))
  }
  yield held
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

/** Iterating over a stream drops what it holds when it fails; here the failure comes after all that was unpacked. */
async function* everyChunk(stream: Readable): AsyncGenerator<Buffer, undefined> {
  const ready: Buffer[] = []
  let end: { error: Error | null } | undefined
  let wake = (): void => undefined
  const finish = (error: Error | null): void => {
    end ??= { error }
    wake()
  }
  stream.on('data', (chunk: Buffer) => {
    ready.push(chunk)
    stream.pause()
    wake()
  })
  stream
    .on('error', finish)
    .on('end', () => finish(null))
    .on('close', () => finish(null))
  try {
    for (;;) {
      for (let chunk = ready.shift(); chunk !== undefined; chunk = ready.shift()) yield chunk
      if (end?.error) throw end.error
      if (end !== undefined) return
      const event = new Promise<void>((resolve) => (wake = resolve))
      stream.resume()
      await event
    }
  } finally {
    stream.destroy()
  }
}

async function* buffers(stream: Readable): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string)
}
