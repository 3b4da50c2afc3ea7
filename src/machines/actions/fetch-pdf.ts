import { fetchPdf } from '../../papers/fetch-pdf.js'
import type { Action } from '../types.js'
import { requireText } from './context.js'
import type { ActionServices } from './services.js'

/** Brings the paper's PDF onto this machine. Sets `pdf`: path, source, bytes, sha256. */
export function fetchPdfAction(services: ActionServices): Action {
  return async ({ context, signal }) => {
    const pdf = await fetchPdf(requireText(context, 'arxiv_id'), services.pdfSources, signal)
    services.log.debug(`${requireText(context, 'arxiv_id')}: PDF from ${pdf.source}, ${pdf.bytes} bytes`)
    return { ...context, pdf }
  }
}
