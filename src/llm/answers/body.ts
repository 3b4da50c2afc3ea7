import type { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { systemCode } from '../../core/errors.js'
import { fromWindows1252 } from '../../text/windows-1252.js'
import { ModelError } from '../errors.js'

/** No answer of ours is near this; a larger body is an attack or a fault. */
const MAX_BODY_BYTES = 8 * 1024 * 1024
/** A body is packed once, or twice by mistake. */
const MAX_LAYERS = 3

export type Headers = Record<string, string | string[] | undefined>

/** What came of a body, and what ended it before its end; null: nothing did. */
export interface Received {
  bytes: Buffer
  failure: Error | null
}

/**
 * Reads a body as far as it comes.
 *
 * @throws ModelError `malformed_answer` if it is larger than 8 MiB.
 */
export function receive(body: Readable): Promise<Received> {
  const chunks: Uint8Array[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    const ended = (failure: Error | null): void => resolve({ bytes: Buffer.concat(chunks), failure })
    body.on('error', ended)
    body.on('end', () => ended(null))
    // Not by iterating: that drops what has come and not been asked for when the connection breaks.
    body.on('data', (chunk: Uint8Array) => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= MAX_BODY_BYTES) return
      reject(tooLarge())
      body.destroy()
    })
  })
}

/**
 * Reads a body to its end.
 *
 * @throws ModelError `malformed_answer` if it is larger than 8 MiB; what the connection broke with.
 */
export async function readBytes(body: Readable): Promise<Buffer> {
  const { bytes, failure } = await receive(body)
  if (failure !== null) throw failure
  return bytes
}

/**
 * Returns the text of a body. We ask for no packing, but proxies pack all the same, with and without saying so, or say so
 * of what is not packed: the first bytes decide where they tell (gzip, zlib), else the header (brotli, raw deflate). Text
 * that is no UTF-8 is read as what the header calls it, else as Windows-1252.
 *
 * @throws ModelError `malformed_answer` if it unpacks to more than 8 MiB.
 */
export function bodyText(bytes: Buffer, headers: Headers): string {
  const encodings = one(headers['content-encoding']).toLowerCase()
  let data = bytes
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const next = unpack(data, layer === 0 ? encodings : '')
    if (next === null) break
    data = next
  }
  return decode(data, one(headers['content-type']))
}

function unpack(data: Buffer, encodings: string): Buffer | null {
  const options = { maxOutputLength: MAX_BODY_BYTES }
  const ways: ((packed: Buffer) => Buffer)[] = []
  if (data[0] === 0x1f && data[1] === 0x8b) ways.push((packed) => gunzipSync(packed, options))
  if (isZlib(data)) ways.push((packed) => inflateSync(packed, options))
  if (/\bbr\b/.test(encodings)) ways.push((packed) => brotliDecompressSync(packed, options))
  if (/\bdeflate\b/.test(encodings)) ways.push((packed) => inflateRawSync(packed, options))
  for (const way of ways) {
    try {
      return way(data)
    } catch (error) {
      if (systemCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    }
  }
  return null
}

/** The two bytes of RFC 1950, section 2.2; JSON never begins so. */
function isZlib(data: Buffer): boolean {
  const [method = 0, flags = 0] = data
  return method === 0x78 && ((method << 8) | flags) % 31 === 0
}

function decode(data: Buffer, contentType: string): string {
  if (data[0] === 0xff && data[1] === 0xfe) return new TextDecoder('utf-16le').decode(data)
  if (data[0] === 0xfe && data[1] === 0xff) return new TextDecoder('utf-16be').decode(data)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data)
  } catch {
    return legacy(data, contentType)
  }
}

/** One broken letter in a text of whole ones is a cut; broken letters alone are another alphabet. */
function legacy(data: Buffer, contentType: string): string {
  const lossy = new TextDecoder('utf-8').decode(data)
  const broken = lossy.match(/\uFFFD/g)?.length ?? 0
  const whole = lossy.match(/[^\p{ASCII}\uFFFD]/gu)?.length ?? 0
  if (whole >= broken) return lossy
  const [, told = ''] = /charset="?([\w-]+)/i.exec(contentType) ?? []
  if (told === '' || /^(?:utf-?8|us-ascii|iso-?8859-?1|latin-?1|windows-1252|cp1252)$/i.test(told))
    return fromWindows1252(data)
  try {
    return new TextDecoder(told).decode(data)
  } catch {
    return lossy
  }
}

function one(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '')
}

function tooLarge(): ModelError {
  return new ModelError('malformed_answer', `The answer is larger than ${MAX_BODY_BYTES} bytes.`)
}
