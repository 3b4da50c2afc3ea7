import { fetchPdf } from '../../papers/fetch-pdf.js'
import { isWithdrawnNotice } from '../../papers/withdrawn.js'
import type { Action } from '../types.js'
import { requireText, textOrNull } from './context.js'
import type { ActionServices } from './services.js'

/**
 * Brings the paper's PDF onto this machine. Sets `pdf`: path, source, bytes, sha256. A paper whose text is there already
 * needs none.
 */
export function fetchPdfAction(services: ActionServices): Action {
  return async ({ context, signal }) => {
    if (textOrNull(context, 'paper_text') !== null) return context
    const arxivId = requireText(context, 'arxiv_id')
    const notice = isWithdrawnNotice(
      textOrNull(context, 'title') ?? '',
      textOrNull(context, 'abstract') ?? '',
    )
    const pdf = await fetchPdf(arxivId, services.pdfSources, { signal, withdrawn: notice })
    services.log.debug(`${arxivId}: PDF from ${pdf.source}, ${pdf.bytes} bytes`)
    return { ...context, pdf }
  }
}
