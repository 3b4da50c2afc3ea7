import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { PaperError, systemCode } from '../../core/errors.js'
import { gateOf } from '../../db/hosts/gates.js'
import type { HttpResponse } from '../../http/connections.js'
import { shown } from './http-answer.js'
import { append, storeWhole } from './part-file.js'
import { checkPdfBytes, endsAsPdf, hasPdfEnd, PAGE_BYTES, TAIL_BYTES, tooManyBytes } from './pdf-check.js'
import { codingsOf, unpacked } from './unpack.js'

export interface Download extends Validators {
  /** Where it was found in the end, without credentials. */
  url: string
  bytes: number
  sha256: string
  /** The gate of the host that gave it. */
  host: string
  /** Its last bytes are the end of a PDF; one without them was cut, or is like that. */
  hasEnd: boolean
}

/** What a server says of a file, to be asked later whether it has changed (RFC 9110, 8.8). */
export interface Validators {
  etag: string | null
  lastModified: string | null
}

/**
 * Writes an answer's body to a file, which is whole or not there.
 *
 * @param maxBytes of the file, unpacked.
 * @throws PaperError for what is no PDF, is too large or was cut; disk errors.
 */
export async function receivePdf(
  { headers, body }: HttpResponse,
  { url, target, maxBytes }: { url: URL; target: string; maxBytes: number },
): Promise<Download> {
  const told = headers['content-length'] === undefined ? null : Number(headers['content-length'])
  if (told !== null && told > maxBytes) throw tooManyBytes(shown(url), told, maxBytes)
  const codings = codingsOf(headers['content-encoding'])
  const content = codings.length === 0 ? body : await unpacked(body, codings)
  // The length is that of what was packed.
  const length = codings.length === 0 ? told : null
  const received = await storeWhole(target, (file) => write(content, file, { target, length, maxBytes }))
  return {
    ...received,
    url: shown(url),
    host: gateOf(url),
    etag: textOrNull(headers['etag']),
    lastModified: textOrNull(headers['last-modified']),
  }
}

interface Expected {
  target: string
  length: number | null
  maxBytes: number
}

/** Writes the body and looks at its beginning before the rest is loaded. */
async function write(
  body: AsyncIterable<unknown>,
  file: FileHandle,
  { target, length, maxBytes }: Expected,
): Promise<Pick<Download, 'bytes' | 'sha256' | 'hasEnd'>> {
  const hash = createHash('sha256')
  const name = basename(target)
  let opening = Buffer.alloc(0)
  let tail = Buffer.alloc(0)
  let bytes = 0
  for await (const data of untilBroken(body, () => endsAsPdf(tail))) {
    const chunk = data as Buffer
    bytes += chunk.length
    if (bytes > maxBytes) throw tooManyBytes(name, bytes, maxBytes)
    if (opening.length < PAGE_BYTES) {
      opening = Buffer.concat([opening, chunk])
      // Something may stand before the PDF, and a page in its place may say why there is none.
      if (opening.length >= PAGE_BYTES) checkPdfBytes(opening, name)
    }
    tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES)
    hash.update(chunk)
    await append(file, chunk, target)
  }
  checkPdfBytes(opening, name)
  if (length !== null && bytes !== length && !endsAsPdf(tail))
    throw cut(name, `${bytes} of ${length} bytes came`)
  return { bytes, sha256: hash.digest('hex'), hasEnd: hasPdfEnd(tail) }
}

/** How a connection or its framing breaks: undici's errors, Node's, and those of llhttp. */
const BROKEN = /^(?:UND_ERR_(?!ABORTED)|ECONN|EPIPE|HPE_)/

/** What came, also if the connection broke then, where that is all there is. */
async function* untilBroken(body: AsyncIterable<unknown>, isAll: () => boolean): AsyncGenerator<unknown> {
  try {
    yield* body
  } catch (error) {
    if (!BROKEN.test(systemCode(error) ?? '') || !isAll()) throw error
  }
}

/** Returns the error for a file of which only a part came. */
export function cut(name: string, why: string): PaperError {
  return new PaperError('pdf_corrupt', `the download of ${name} was cut: ${why}`, {
    hint: 'Try again later; a file that is like this everywhere can be put into the PDF folder.',
  })
}

function textOrNull(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null
}
