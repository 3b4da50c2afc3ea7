import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Agent, request, type Dispatcher } from 'undici'
import { PaperError, RpaError } from '../core/errors.js'
import { diskError } from './disk-error.js'
import { failureOf, checkStatus, checkUrl, redirectOf } from './http-answer.js'
import { checkPdfBytes, tooManyBytes } from './pdf-check.js'
import type { PdfSources } from './types.js'

export interface Download {
  bytes: number
  sha256: string
}

const MAX_REDIRECTS = 5
const HEAD_BYTES = 1024

/**
 * Downloads a PDF to `target`: into a file of another name first, so that `target` is whole or not there. The time
 * limit counts for the whole download. Errors as in `fetchPdf`.
 */
export async function downloadPdf(
  url: string,
  target: string,
  sources: PdfSources,
  signal?: AbortSignal,
): Promise<Download> {
  const start = checkUrl(url)
  const deadline = AbortSignal.timeout(sources.timeoutMs)
  const both = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const agent = new Agent({ connect: { timeout: sources.timeoutMs } })
  try {
    const body = await follow(start, agent, sources, both)
    return await store(body, target, sources.maxBytes)
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    if (error instanceof RpaError) throw error
    throw deadline.aborted ? tooSlow(url, sources.timeoutMs) : failureOf(error, url)
  } finally {
    await agent.destroy().catch(() => undefined)
  }
}

type Body = Dispatcher.ResponseData['body']

async function follow(
  start: URL,
  dispatcher: Agent,
  sources: PdfSources,
  signal: AbortSignal,
): Promise<Body> {
  let url = start
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await request(url, {
      dispatcher,
      signal,
      headers: {
        'user-agent': sources.userAgent,
        accept: 'application/pdf, */*;q=0.5',
        'accept-encoding': 'identity',
      },
    })
    const next = redirectOf(answer.statusCode, answer.headers['location'], url)
    if (next === null) {
      checkStatus(answer.statusCode, answer.headers['retry-after'], url)
      checkLength(answer.headers['content-length'], url, sources.maxBytes)
      return answer.body
    }
    await answer.body.dump()
    url = next
  }
  throw new PaperError('pdf_download_failed', `${start.href} redirects more than ${MAX_REDIRECTS} times`, {
    hint: 'Check the PDF URL in the settings.',
  })
}

function checkLength(header: string | string[] | undefined, url: URL, maxBytes: number): void {
  const bytes = Number(header)
  if (Number.isFinite(bytes) && bytes > maxBytes) throw tooManyBytes(url.href, bytes, maxBytes)
}

async function store(body: Body, target: string, maxBytes: number): Promise<Download> {
  const part = join(
    dirname(target),
    `.${basename(target)}.${process.pid}.${randomBytes(4).toString('hex')}.part`,
  )
  const file = await openNew(part)
  try {
    const download = await copy(body, file, part, maxBytes)
    await onDisk(part, () => file.sync())
    await file.close()
    await onDisk(target, () => rename(part, target))
    return download
  } catch (error) {
    await file.close().catch(() => undefined)
    await unlink(part).catch(() => undefined)
    throw error
  }
}

async function openNew(path: string): Promise<FileHandle> {
  return onDisk(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    return open(path, 'wx')
  })
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw diskError(error, path, 'write')
  }
}

/** Writes the body and looks at its first kilobyte before the rest is loaded. */
async function copy(body: Body, file: FileHandle, path: string, maxBytes: number): Promise<Download> {
  const hash = createHash('sha256')
  const name = basename(path)
    .replace(/^\./, '')
    .replace(/\.\d+\.[0-9a-f]+\.part$/, '')
  let head = Buffer.alloc(0)
  let bytes = 0
  for await (const data of body) {
    const chunk = data as Buffer
    bytes += chunk.length
    if (bytes > maxBytes) throw tooManyBytes(name, bytes, maxBytes)
    if (head.length < HEAD_BYTES) {
      head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)])
      if (head.length >= HEAD_BYTES) checkPdfBytes(head, name)
    }
    hash.update(chunk)
    await onDisk(path, () => file.write(chunk))
  }
  if (head.length < HEAD_BYTES) checkPdfBytes(head, name)
  return { bytes, sha256: hash.digest('hex') }
}

function tooSlow(url: string, timeoutMs: number): PaperError {
  return new PaperError('pdf_download_failed', `${url} was not loaded within ${timeoutMs / 1000} s`, {
    hint: 'Try again later, or raise the download time limit.',
  })
}
