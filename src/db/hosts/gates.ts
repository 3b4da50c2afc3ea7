/** What arXiv asks for, of API, OAI-PMH, RSS and PDFs together: https://info.arxiv.org/help/api/tou.html */
const GAP_MS = 3000

/** Far below the hundred a second that OpenAlex bears: https://developers.openalex.org/api-reference/authentication */
const OPENALEX_GAP_MS = 500

/** Returns the name of the gate a URL lies behind: its host, and one for all of arXiv's. */
export function gateOf({ hostname }: URL): string {
  return hostname === 'arxiv.org' || hostname.endsWith('.arxiv.org') ? 'arxiv.org' : hostname
}

/**
 * Returns how far requests through a gate are apart, milliseconds.
 *
 * @param gapSeconds what is set for all hosts; null: each host's own.
 */
export function gapOf(gate: string, gapSeconds: number | null): number {
  if (gapSeconds !== null) return gapSeconds * 1000
  if (gate === 'api.openalex.org') return OPENALEX_GAP_MS
  return isLoopback(gate) ? 0 : GAP_MS
}

/** `host` as URLs write it. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
