import { readFile, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileStem, parseArxivId } from '../../core/arxiv-id.js'
import { isoTime } from '../../core/clock.js'
import { messageOf, PaperError, RpaError } from '../../core/errors.js'
import { isObject } from '../../core/json.js'
import { isRemote } from '../../core/settings/setting-values.js'
import { replaceFile } from '../../core/files/replace-file.js'
import { diskError } from '../../core/files/disk-error.js'
import { downloadPdf } from './download.js'
import { type Download, type Validators } from './receive-pdf.js'
import { pdfAddresses } from './pdf-address.js'
import { describePdf, fileExists, isMissing, isWholePdf } from './pdf-file.js'
import type { FetchedPdf, KnownVersion, PdfSources } from './types.js'

/** A paper without a version in its id may have got a new one by then. */
const FRESH_MS = 30 * 86_400_000

/**
 * Returns the cached PDF of a paper, or null. Where downloads are allowed, a spoilt file is thrown away, and one of an id
 * without version that is older than 30 days is loaded again if it has changed; if that cannot be found out, it is kept. One
 * that is older than the newest version of its paper is none.
 */
export async function cachedPdf(
  arxivId: string,
  sources: PdfSources,
  { signal, newest }: { signal?: AbortSignal | undefined; newest?: () => Promise<KnownVersion | null> } = {},
): Promise<FetchedPdf | null> {
  const path = cachePath(arxivId, sources)
  const kept = await soundFile(path, sources)
  if (kept === null || parseArxivId(arxivId).version !== null || !sources.order.some(isRemote)) return kept
  const loadedAt = (await stat(path)).mtimeMs
  if (isOutdated(loadedAt, (await newest?.()) ?? null)) return null
  const asked = sources.order.find((source) => source === 'export' || source === 'arxiv')
  const [url] = asked === undefined ? [] : pdfAddresses(asked, sources.templates[asked], arxivId, null)
  // The file's time is that of its download, or of the last answer that it has not changed.
  if (url === undefined || Date.now() - loadedAt <= FRESH_MS) return kept
  try {
    return await loadIntoCache(arxivId, url, sources, signal)
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof PaperError)) throw error
    sources.debug(`${arxivId}: the cached PDF is used as it is: ${messageOf(error)}`)
    return kept
  }
}

/**
 * Brings a paper's PDF from an address into the cache; one that is there already is loaded only if it has changed, and one
 * that another process brought while this one waited for its turn is not loaded again. Errors as in `fetchPdf`.
 */
export async function loadIntoCache(
  arxivId: string,
  url: string,
  sources: PdfSources,
  signal?: AbortSignal,
): Promise<FetchedPdf> {
  const path = cachePath(arxivId, sources)
  const kept = await soundFile(path, sources)
  const known = kept === null ? null : await validatorsOf(kept, url)
  const mayCome = kept === null
  const download = await downloadPdf({ url, target: path, known, mayCome }, sources, signal)
  if (download === 'came') {
    const come = await soundFile(path, sources)
    return come ?? loadIntoCache(arxivId, url, sources, signal)
  }
  if (download === null && kept !== null) {
    await onNote(path, () => utimes(path, new Date(), new Date()), sources)
    return kept
  }
  if (download === null) throw new RpaError('internal', `${path} is gone`)
  await onNote(path, () => writeNote(path, download), sources)
  const { bytes, sha256, host } = download
  return { path, source: 'download', bytes, sha256, host }
}

/** Throws a file of the cache away that is another paper's; without downloads it stays, for nothing could replace it. */
export async function discardCached(path: string, sources: PdfSources): Promise<void> {
  if (!sources.order.some(isRemote)) return
  for (const file of [path, notePath(path)]) {
    await unlink(file).catch((error: unknown) => {
      if (!isMissing(error)) throw diskError(error, file, 'delete')
    })
  }
}

function cachePath(arxivId: string, sources: PdfSources): string {
  return join(sources.cacheDir, `${fileStem(arxivId)}.pdf`)
}

async function soundFile(path: string, sources: PdfSources): Promise<FetchedPdf | null> {
  if (!(await fileExists(path))) return null
  const replaceable = sources.order.some(isRemote)
  try {
    const file = await describePdf(path, 'cache', sources.maxBytes)
    if (!replaceable || (await isWholePdf(path))) return file
  } catch (error) {
    const spoilt = error instanceof PaperError && (await stat(path)).size <= sources.maxBytes
    if (!spoilt || !replaceable) throw error
  }
  await unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw diskError(error, path, 'delete')
  })
  return null
}

function isOutdated(loadedAt: number, newest: KnownVersion | null): boolean {
  return newest !== null && newest.version > 1 && newest.since !== null && loadedAt < newest.since
}

/** What the server said of a file lies beside it; a file put there by somebody else has none, or another's. */
async function validatorsOf({ path, sha256 }: FetchedPdf, from: string): Promise<Validators | null> {
  try {
    const note: unknown = JSON.parse(await readFile(notePath(path), 'utf8'))
    if (!isObject(note) || note['sha256'] !== sha256) return null
    // Another host's mark says nothing to this one.
    if (typeof note['url'] !== 'string' || new URL(note['url']).host !== new URL(from).host) return null
    const { etag, last_modified: lastModified } = note
    return {
      etag: typeof etag === 'string' ? etag : null,
      lastModified: typeof lastModified === 'string' ? lastModified : null,
    }
  } catch {
    return null
  }
}

async function writeNote(path: string, { url, sha256, etag, lastModified }: Download): Promise<void> {
  if (etag === null && lastModified === null) return
  const note = { url, fetched_at: isoTime(Date.now()), sha256, etag, last_modified: lastModified }
  await replaceFile(notePath(path), `${JSON.stringify(note, null, 2)}\n`)
}

function notePath(path: string): string {
  return `${path}.json`
}

/** The PDF is there: that its note could not be kept costs at most a download later. */
async function onNote(path: string, work: () => Promise<void>, sources: PdfSources): Promise<void> {
  await work().catch((error: unknown) =>
    sources.debug(`cannot note the state of ${path}: ${messageOf(error)}`),
  )
}
