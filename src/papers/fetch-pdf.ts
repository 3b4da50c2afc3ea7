import { fileStem, parseArxivId } from '../core/arxiv-id.js'
import { PaperError } from '../core/errors.js'
import type { PdfSourceName } from '../core/setting-values.js'
import { findLocalPdf } from './local-pdf.js'
import { cachedPdf, loadIntoCache } from './pdf-cache.js'
import { describePdf } from './pdf-file.js'
import type { FetchedPdf, PdfSources } from './types.js'
import { withdrawn } from './withdrawn.js'

export interface FetchOptions {
  signal?: AbortSignal | undefined
  /** The metadata say that the paper was withdrawn: it is not looked for on arXiv. */
  withdrawn?: boolean
}

/**
 * Returns the PDF of a paper on this machine, from the first source that has it.
 *
 * @throws RpaError `bad_arxiv_id` or a disk error; ConfigError `bad_pdf_url`, `pdf_host_forbidden`; SourceBusyError
 * `pdf_rate_limited`; PaperError `pdf_not_found`, `pdf_withdrawn`, `pdf_download_failed`, `pdf_source_unreachable`,
 * `pdf_host_forbidden`, `pdf_too_large`, `pdf_empty`, `pdf_is_html`, `pdf_not_a_pdf`, `pdf_corrupt`.
 */
export async function fetchPdf(
  arxivId: string,
  sources: PdfSources,
  options: FetchOptions = {},
): Promise<FetchedPdf> {
  parseArxivId(arxivId)
  options.signal?.throwIfAborted()
  let failure: PaperError | null = null
  for (const source of sources.order) {
    try {
      const pdf = await FROM[source](arxivId, sources, options)
      if (pdf !== null) return pdf
    } catch (error) {
      // A file on this machine that is no PDF is somebody's mistake to be shown; a host may have its bad day.
      const passing = source === 'arxiv' && error instanceof PaperError && options.signal?.aborted !== true
      if (!passing) throw error
      failure = error
    }
  }
  throw failure ?? notFound(arxivId, sources)
}

type Fetch = (arxivId: string, sources: PdfSources, options: FetchOptions) => Promise<FetchedPdf | null>

const FROM: Record<PdfSourceName, Fetch> = {
  local: async (arxivId, { dir, maxBytes }) => {
    const path = dir === null ? null : await findLocalPdf(dir, arxivId)
    return path === null ? null : describePdf(path, 'local', maxBytes)
  },
  cache: async (arxivId, sources, { signal }) => cachedPdf(arxivId, sources, signal),
  arxiv: async (arxivId, sources, options) => {
    if (options.withdrawn === true) throw withdrawn(`the metadata of ${arxivId}`)
    return loadIntoCache(arxivId, sources, options.signal)
  },
}

function notFound(arxivId: string, { order, dir, cacheDir }: PdfSources): PaperError {
  const folders = { local: dir, cache: cacheDir, arxiv: null }
  const places = order.flatMap((source) => folders[source] ?? []).join(' or ')
  return new PaperError(
    'pdf_not_found',
    `no PDF of ${arxivId} in ${places === '' ? 'any folder' : places}, and downloads are switched off`,
    {
      hint: `Put ${fileStem(arxivId)}.pdf into the PDF folder, or add arxiv to pdf_sources.`,
    },
  )
}
