import type { PdfSourceName, RemotePdfSource } from '../../core/settings/setting-values.js'
import type { RequestGate } from './host-turn.js'

/** Where PDFs come from. */
export interface PdfSources {
  /** Tried in this order; without a host among them nothing is downloaded. */
  order: readonly PdfSourceName[]
  /** Folder with `{arxiv_id}.pdf`, `/` in ids written as `_`; null if none. */
  dir: string | null
  /** Folder to which downloads are written. */
  cacheDir: string
  /** See `pdfAddresses`. */
  templates: Readonly<Record<RemotePdfSource, string>>
  /** Hosts that may be asked, also after a redirect; see `isAllowedHost`. */
  hosts: readonly string[]
  userAgent: string
  /** For one request and its answer; waiting for its turn does not count. */
  timeoutMs: number
  maxBytes: number
  /** Keeps a distance between requests; null: none. */
  gate: RequestGate | null
  debug(message: string): void
}

/** What metadata know of a paper's newest version. */
export interface KnownVersion {
  version: number
  /** When it appeared, epoch milliseconds; null if unknown. */
  since: number | null
}

export interface FetchedPdf {
  path: string
  source: 'local' | 'cache' | 'download'
  bytes: number
  /** Hex digest of the file. */
  sha256: string
  /** The gate of the host that gave it now; left out where none did. */
  host?: string
}
