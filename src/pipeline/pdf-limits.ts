import type { ExtractLimits } from '../papers/types.js'

/** What one document may take. Longer ones are books; slower ones are hostile. */
export const PDF_LIMITS: ExtractLimits = { maxBytes: 100 * 1024 * 1024, maxPages: 400, timeoutMs: 30_000 }

/** The worker's bundle lies beside ours. */
export const EXTRACT_WORKER = new URL('extract-worker.js', import.meta.url)
