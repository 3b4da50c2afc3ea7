import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompressSync, constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { BlobsTable } from '../engine/schema.js'
import { DamageError } from './damage.js'

const MEMO_ENTRIES = 32
const REPLACEMENT = Buffer.from('\ufffd')

/** A long string, as it is stored. */
export type Blob = {
  hash: string
  codec: BlobsTable['codec']
  size: number
  data: Uint8Array
}

/** The same paper text goes through several checkpoints of one execution: hash and compress it once. */
const memo = new Map<string, Blob>()
/**
 * Returns the text of a blob.
 *
 * @throws DamageError if it is not the one that was stored.
 */
export function textOf({ hash, codec, size, data }: BlobsTable): string {
  const damaged = (cause?: unknown): DamageError =>
    new DamageError(`the text ${shorten(hash)} is not what was stored`, cause)
  let bytes: Uint8Array
  try {
    // A flipped bit must not make it gigabytes.
    const limit = { maxOutputLength: size + 1 }
    if (codec === 'raw') bytes = data
    else bytes = codec === 'brotli' ? brotliDecompressSync(data, limit) : inflateRawSync(data, limit)
  } catch (error) {
    throw damaged(error)
  }
  if (bytes.length !== size || createHash('sha256').update(bytes).digest('hex') !== hash) throw damaged()
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

const brotli = promisify(brotliCompress)

/**
 * Returns a text packed as small as it gets, for one that will hardly be read again: it takes a hundred times as long
 * as when it was stored, and a quarter off.
 *
 * @throws DamageError if it is not the one that was stored.
 */
export async function packedTightly(row: BlobsTable): Promise<Uint8Array> {
  return brotli(Buffer.from(textOf(row), 'utf8'), {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: row.size,
    },
  })
}

/** Returns how a text is named in messages. */
export function shorten(hash: string): string {
  return `${hash.slice(0, 12)}…`
}

/** Keeps an entry, and forgets what came first. */
export function remember<V>(entries: Map<string, V>, key: string, value: V): void {
  if (entries.size >= MEMO_ENTRIES) entries.delete(entries.keys().next().value ?? '')
  entries.set(key, value)
}

/** Keeps how a text is stored, so that it need not be packed again. */
export function rememberPacked(text: string, blob: Blob): void {
  remember(memo, text, blob)
}

/** Returns the text as a blob, or null where UTF-8 cannot hold it: JSON can, by escapes. */
export function toBlob(text: string): Blob | null {
  const known = memo.get(text)
  if (known !== undefined) return known
  const bytes = Buffer.from(text, 'utf8')
  // A lone surrogate has become U+FFFD; only where one is found is it worth to look closer.
  if (bytes.includes(REPLACEMENT) && bytes.toString('utf8') !== text) return null
  const packed = deflateRawSync(bytes, { level: 1 })
  const small = packed.length < bytes.length
  const blob: Blob = {
    hash: createHash('sha256').update(bytes).digest('hex'),
    codec: small ? 'deflate' : 'raw',
    size: bytes.length,
    data: small ? packed : bytes,
  }
  remember(memo, text, blob)
  return blob
}
