import { gateOf } from '../../db/hosts/gates.js'
import { fileStem, isLocalId, parseArxivId } from '../../core/arxiv-id.js'
import { ConfigError, PaperError, type RpaError } from '../../core/errors.js'
import {
  hostOf,
  isRemote,
  type PdfSourceName,
  type RemotePdfSource,
} from '../../core/settings/setting-values.js'
import { NotThereError } from './http-answer.js'
import { untilWritten } from './being-written.js'
import { findLocalPdf } from './local-pdf.js'
import { pdfAddresses } from './pdf-address.js'
import { cachedPdf, loadIntoCache } from './pdf-cache.js'
import { describePdf } from './pdf-file.js'
import { SourceBusyError, SourceTroubleError } from './host-turn.js'
import type { FetchedPdf, KnownVersion, PdfSources } from './types.js'
import { WithdrawnError } from './withdrawn.js'

export interface FetchOptions {
  signal?: AbortSignal | undefined
  /** The metadata say that the paper was withdrawn: it is not looked for on arXiv. */
  withdrawn?: boolean
  /** Returns the newest version that the metadata know of; null if unknown. */
  newest?: () => Promise<KnownVersion | null>
  /** A host that gave what is not the paper's: it is asked behind the others. */
  last?: string | undefined
}

/**
 * Returns the PDF of a paper on this machine, from the first source that has it. A host that has no PDF of it, or is in
 * trouble, is passed over; where none gives it, what is thrown is the failure that may pass soonest, if one may.
 *
 * @throws RpaError `bad_arxiv_id` or a disk error; ConfigError `bad_pdf_url`, `pdf_host_forbidden`, `pdf_url_wrong`;
 * SourceBusyError `pdf_rate_limited`; SourceTroubleError; PaperError `pdf_not_found`, `pdf_withdrawn`,
 * `pdf_download_failed`, `pdf_source_unreachable`, `pdf_host_forbidden`, `pdf_too_large`, `pdf_empty`, `pdf_is_html`,
 * `pdf_not_a_pdf`, `pdf_corrupt`.
 */
export async function fetchPdf(
  arxivId: string,
  sources: PdfSources,
  options: FetchOptions = {},
): Promise<FetchedPdf> {
  parseArxivId(arxivId)
  const { signal } = options
  signal?.throwIfAborted()
  const failures: RpaError[] = []
  const asked = new Set<string>()
  for (const source of inTurn(sources, options.last)) {
    if (!isRemote(source)) {
      const pdf = await onThisMachine(source, arxivId, sources, options)
      if (pdf !== null) return pdf
      continue
    }
    if (isLocalId(arxivId)) continue
    if (options.withdrawn === true) throw new WithdrawnError(`the metadata of ${arxivId}`)
    for (const url of await addresses(source, arxivId, sources, options)) {
      if (asked.has(url)) continue
      asked.add(url)
      try {
        return await loadIntoCache(arxivId, url, sourcesFor(source, sources), signal)
      } catch (error) {
        if (!passes(error, signal)) throw error
        failures.push(error)
        // The other path of the bucket helps only where the first one is not there.
        if (!(error instanceof NotThereError)) break
      }
    }
  }
  throw worstOf(failures) ?? notFound(arxivId, sources)
}

/** The sources in their order, those at the host to be asked last behind the others. */
function inTurn({ order, templates }: PdfSources, last: string | undefined): readonly PdfSourceName[] {
  const isLast = (source: PdfSourceName): boolean =>
    isRemote(source) && last !== undefined && gateOf(new URL(`http://${hostOf(templates[source])}`)) === last
  return [...order.filter((source) => !isLast(source)), ...order.filter(isLast)]
}

async function onThisMachine(
  source: 'local' | 'cache',
  arxivId: string,
  sources: PdfSources,
  options: FetchOptions,
): Promise<FetchedPdf | null> {
  if (source === 'cache') return cachedPdf(arxivId, sources, options)
  const { dir, maxBytes } = sources
  const path = dir === null ? null : await findLocalPdf(dir, arxivId)
  if (path === null) return null
  await untilWritten(path, { signal: options.signal, waits: () => sources.debug(`${path} is being written`) })
  return describePdf(path, 'local', maxBytes)
}

async function addresses(
  source: RemotePdfSource,
  arxivId: string,
  { templates }: PdfSources,
  { newest }: FetchOptions,
): Promise<string[]> {
  const template = templates[source]
  const needs = source === 'bucket' || template.includes('{version}')
  const known = needs ? await newest?.() : null
  return pdfAddresses(source, template, arxivId, known?.version ?? null)
}

/** The bucket is weeks behind: that it lacks a paper says nothing of its address. */
function sourcesFor(source: RemotePdfSource, sources: PdfSources): PdfSources {
  const { gate } = sources
  if (source !== 'bucket' || gate === null) return sources
  const failed: typeof gate.failed = (host, paper, error) =>
    error instanceof NotThereError ? Promise.resolve(error) : gate.failed(host, paper, error)
  return { ...sources, gate: { ...gate, failed } }
}

/** A file on this machine that is no PDF is somebody's mistake to be shown; a host may have its bad day. */
function passes(error: unknown, signal: AbortSignal | undefined): error is RpaError {
  if (signal?.aborted === true) return false
  if (error instanceof ConfigError) return true
  return error instanceof PaperError && !(error instanceof WithdrawnError)
}

/** What may pass comes first, the soonest of it; then a wrong setting; else what the last host said. */
function worstOf(failures: readonly RpaError[]): RpaError | null {
  const passing = failures.filter((e) => e instanceof SourceBusyError || e instanceof SourceTroubleError)
  const [soonest] = passing.sort((a, b) => a.retryAt - b.retryAt)
  return soonest ?? failures.find((e) => e instanceof ConfigError) ?? failures.at(-1) ?? null
}

function notFound(arxivId: string, { order, dir, cacheDir }: PdfSources): PaperError {
  const folders = order.flatMap((source) =>
    source === 'local' ? (dir ?? []) : source === 'cache' ? cacheDir : [],
  )
  const places = folders.length === 0 ? 'any folder' : folders.join(' or ')
  if (isLocalId(arxivId)) {
    return new PaperError('pdf_not_found', `no PDF of ${arxivId} in ${places}, and it comes from no host`, {
      hint: 'Seed its file again: rpa seed --pdf FILE.',
    })
  }
  const why = order.some(isRemote)
    ? 'its version, which the only source needs, is not known'
    : 'downloads are switched off'
  return new PaperError('pdf_not_found', `no PDF of ${arxivId} in ${places}, and ${why}`, {
    hint: `Put ${fileStem(arxivId)}.pdf into the PDF folder, or add export or arxiv to pdf_sources.`,
  })
}
