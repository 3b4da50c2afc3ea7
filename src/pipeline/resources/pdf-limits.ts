import type { Settings } from '../../core/settings/settings.js'
import type { ExtractLimits } from '../../papers/types.js'

/** Returns what one document may take. Longer ones are books; slower ones are hostile. */
export function pdfLimits({ pdfMaxMegabytes, pdfMaxPages, pdfTimeout }: Settings): ExtractLimits {
  return {
    maxBytes: pdfMaxMegabytes * 1024 * 1024,
    maxPages: pdfMaxPages,
    timeoutMs: pdfTimeout * 1000,
  }
}

/** The worker's bundle lies beside ours. */
export const EXTRACT_WORKER = new URL('extract-worker.js', import.meta.url)
