import type { JsonObject } from '../../core/json.js'
import { fetchPdf } from '../../papers/fetch/fetch-pdf.js'
import type { FetchedPdf } from '../../papers/fetch/types.js'
import { isWithdrawnNotice } from '../../text/withdrawal.js'
import type { Action } from '../../machines/types.js'
import { ConfigError } from '../../core/errors.js'
import { newestOf, type NewestVersion } from '../../corpus/newest.js'
import { numberOrNull, requireText, textOrNull } from './context.js'
import type { ActionServices } from './services.js'

/**
 * Brings the paper's PDF onto this machine. Sets `pdf`: path, source, bytes, sha256. A paper whose text is there already
 * needs none.
 */
export function fetchPdfAction(services: ActionServices): Action {
  return async ({ context, signal }) => {
    if (textOrNull(context, 'paper_text') !== null) return context
    return { ...context, pdf: await fetchFor(services, context, signal) }
  }
}

/** Returns the PDF of the paper that a context is about; errors as in `fetchPdf`. */
export async function fetchFor(
  services: ActionServices,
  context: JsonObject,
  signal: AbortSignal | undefined,
  last?: string,
): Promise<FetchedPdf> {
  const arxivId = requireText(context, 'arxiv_id')
  const [title, abstract] = [textOrNull(context, 'title'), textOrNull(context, 'abstract')]
  const withdrawn = isWithdrawnNotice(title ?? '', abstract ?? '')
  const newest = (): Promise<NewestVersion | null> =>
    newestVersion(services, arxivId, numberOrNull(context, 'paper_id'))
  const pdf = await fetchPdf(arxivId, services.pdfSources, { signal, withdrawn, newest, last })
  services.log.about(arxivId).debug(`PDF from ${pdf.source}, ${pdf.bytes} bytes`)
  return pdf
}

/** Null where the corpus does not know the paper, or there is no corpus. */
async function newestVersion(
  services: Pick<ActionServices, 'corpus'>,
  arxivId: string,
  paperId: number | null,
): Promise<NewestVersion | null> {
  try {
    return newestOf(await services.corpus(), arxivId, paperId)
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'corpus_missing') return null
    throw error
  }
}
