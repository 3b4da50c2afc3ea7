import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { pipeline, type Readable, type Transform } from 'node:stream'

/** Nobody packs a file more often than this in good faith. */
const MOST_LAYERS = 3

/** Names of codings that are not undone here are left to whoever looks at the bytes. */
const UNPACKERS: ReadonlyMap<string, (head: Buffer) => Transform> = new Map(
  Object.entries({
    gzip: (): Transform => createGunzip(),
    'x-gzip': (): Transform => createGunzip(),
    br: (): Transform => createBrotliDecompress(),
    // The name means a zlib stream, but some send the bare one (RFC 9110, 8.4.1.2).
    deflate: (head: Buffer): Transform => (isZlib(head) ? createInflate() : createInflateRaw()),
  }),
)

/**
 * Returns a body without its content codings (RFC 9110, 8.4): not asked for, but some send them all the same. It is
 * unpacked as it is read, so whoever stops reading bounds it. Its errors come to the reader.
 */
export async function unpacked(body: Readable, codings: readonly string[]): Promise<AsyncIterable<unknown>> {
  let content: Readable = body
  for (const coding of [...codings].reverse()) {
    const unpacker = UNPACKERS.get(coding)
    if (unpacker === undefined) break
    const head = coding === 'deflate' ? await headOf(content) : Buffer.alloc(0)
    const next = unpacker(head).on('error', () => undefined)
    pipeline(content, next, () => undefined)
    content = next
  }
  return content
}

/** Returns the codings of a Content-Encoding, in the order in which they were applied. */
export function codingsOf(header: string | string[] | undefined): string[] {
  const names = String(header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity').slice(0, MOST_LAYERS)
}

/** Returns the first bytes, which stay in the stream. */
async function headOf(stream: Readable): Promise<Buffer> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of ENDS) stream.off(event, done)
      resolve()
    }
    for (const event of ENDS) stream.once(event, done)
  })
  const chunk = stream.read() as Buffer | null
  if (chunk === null) return Buffer.alloc(0)
  stream.unshift(chunk)
  return chunk
}

const ENDS = ['readable', 'end', 'error', 'close']

function isZlib(head: Buffer): boolean {
  return head.length > 1 && (head[0]! & 0x0f) === 8 && head.readUInt16BE(0) % 31 === 0
}
