import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { PaperError, RpaError, systemCode } from '../../core/errors.js'
import { diskError } from '../../core/files/disk-error.js'
import { checkPdfBytes, hasPdfEnd, PAGE_BYTES, TAIL_BYTES, tooManyBytes } from './pdf-check.js'
import type { FetchedPdf } from './types.js'

/**
 * Returns what is known of a PDF on this machine.
 *
 * @throws PaperError `pdf_too_large`, `pdf_not_found` (a name that is not UTF-8) or those of `checkPdfBytes`; a disk error.
 */
export async function describePdf(
  path: string,
  source: FetchedPdf['source'],
  maxBytes: number,
): Promise<FetchedPdf> {
  try {
    const { size } = await stat(path)
    if (size > maxBytes) throw tooManyBytes(basename(path), size, maxBytes)
    checkPdfBytes(await readPart(path, 0, PAGE_BYTES), basename(path))
    return { path, source, bytes: size, sha256: await digestOf(path) }
  } catch (error) {
    if (error instanceof RpaError) throw error
    throw misnamed(path, error) ?? diskError(error, path, 'read')
  }
}

/** What Node reads where a name is not UTF-8; there is no file of the name that comes of it. */
const UNREADABLE = '\uFFFD'

/** Returns the error for a file or folder that was not found because its name is not UTF-8; null for any other error. */
export function misnamed(path: string, error: unknown): PaperError | null {
  if (!path.includes(UNREADABLE) || !isMissing(error)) return null
  return new PaperError('pdf_not_found', `${path} cannot be read: its name is not UTF-8`, {
    hint: 'Rename it.',
  })
}

/** Returns whether a PDF has its end; throws a disk error. */
export async function isWholePdf(path: string): Promise<boolean> {
  try {
    const { size } = await stat(path)
    return hasPdfEnd(await readPart(path, Math.max(0, size - TAIL_BYTES), TAIL_BYTES))
  } catch (error) {
    throw diskError(error, path, 'read')
  }
}

/** Returns whether there is a file; throws a disk error where that cannot be known. */
export async function fileExists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (isMissing(error)) return false
    throw diskError(error, path, 'read')
  }
}

/** Returns whether a file operation failed because there is nothing of that name. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

async function readPart(path: string, from: number, length: number): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
