import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileStem, parseArxivId } from '../core/arxiv-id.js'
import { PaperError, RpaError, systemCode } from '../core/errors.js'
import { diskError } from './disk-error.js'
import { downloadPdf } from './download.js'
import { checkPdfBytes, tooManyBytes } from './pdf-check.js'
import type { FetchedPdf, PdfSources } from './types.js'

/**
 * Returns the PDF of a paper on this machine: from the local folder, else the cache, else downloaded into the cache.
 * Throws RpaError `bad_arxiv_id`, `bad_pdf_url` or a disk error; PaperError `pdf_not_found`, `pdf_rate_limited`,
 * `pdf_download_failed`, `pdf_source_unreachable`, `pdf_too_large`, `pdf_empty`, `pdf_is_html`, `pdf_not_a_pdf`.
 */
export async function fetchPdf(
  arxivId: string,
  sources: PdfSources,
  signal?: AbortSignal,
): Promise<FetchedPdf> {
  const id = parseArxivId(arxivId)
  signal?.throwIfAborted()
  const local = sources.dir === null ? null : await findLocal(sources.dir, arxivId)
  if (local !== null) return describe(local, 'local', sources.maxBytes)
  const cached = join(sources.cacheDir, `${fileStem(arxivId)}.pdf`)
  const kept = await fromCache(cached, sources)
  if (kept !== null) return kept
  if (sources.urlTemplate === null) throw notFound(arxivId, sources)
  const url = sources.urlTemplate.replaceAll('{arxiv_id}', id.full)
  const { bytes, sha256 } = await downloadPdf(url, cached, sources, signal)
  return { path: cached, source: 'download', bytes, sha256 }
}

/** A file of the exact id, else without version, else (for an id without version) of its newest version. */
async function findLocal(dir: string, arxivId: string): Promise<string | null> {
  const { base, full, version } = parseArxivId(arxivId)
  for (const stem of new Set([fileStem(full), fileStem(base)])) {
    const path = join(dir, `${stem}.pdf`)
    if (await exists(path)) return path
  }
  if (version !== null) return null
  const newest = newestVersion(await namesIn(dir), fileStem(base))
  return newest === null ? null : join(dir, newest)
}

function newestVersion(names: readonly string[], stem: string): string | null {
  let best: { name: string; version: number } | null = null
  for (const name of names) {
    if (!name.startsWith(`${stem}v`)) continue
    const match = /^v(\d{1,3})\.pdf$/.exec(name.slice(stem.length))
    const version = Number(match?.[1] ?? 0)
    if (version > (best?.version ?? 0)) best = { name, version }
  }
  return best?.name ?? null
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir)
  } catch (error) {
    if (isMissing(error)) return []
    throw diskError(error, dir, 'read')
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (isMissing(error)) return false
    throw diskError(error, path, 'read')
  }
}

function isMissing(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** A spoilt file in the cache is thrown away if it can be downloaded again. */
async function fromCache(path: string, sources: PdfSources): Promise<FetchedPdf | null> {
  if (!(await exists(path))) return null
  try {
    return await describe(path, 'cache', sources.maxBytes)
  } catch (error) {
    const spoilt = error instanceof PaperError && error.code !== 'pdf_too_large'
    if (!spoilt || sources.urlTemplate === null) throw error
    await unlink(path).catch((e: unknown) => {
      if (!isMissing(e)) throw diskError(e, path, 'delete')
    })
    return null
  }
}

async function describe(path: string, source: FetchedPdf['source'], maxBytes: number): Promise<FetchedPdf> {
  try {
    const { size } = await stat(path)
    if (size > maxBytes) throw tooManyBytes(basename(path), size, maxBytes)
    checkPdfBytes(await headOf(path), basename(path))
    return { path, source, bytes: size, sha256: await digestOf(path) }
  } catch (error) {
    if (error instanceof RpaError) throw error
    throw diskError(error, path, 'read')
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0)
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

function notFound(arxivId: string, sources: PdfSources): PaperError {
  const places = sources.dir === null ? sources.cacheDir : `${sources.dir} or ${sources.cacheDir}`
  return new PaperError(
    'pdf_not_found',
    `no PDF of ${arxivId} in ${places}, and downloads are switched off`,
    {
      permanent: true,
      hint: `Put ${fileStem(arxivId)}.pdf into the PDF folder, or set a download URL.`,
    },
  )
}
