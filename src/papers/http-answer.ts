import { messageOf, PaperError, RpaError, systemCode } from '../core/errors.js'

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Returns the URL if it is one of http or https; throws RpaError `bad_pdf_url`. */
export function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new RpaError('bad_pdf_url', `${JSON.stringify(text.slice(0, 200))} is not an http or https URL`, {
    hint: 'Set the PDF URL to something like https://export.arxiv.org/pdf/{arxiv_id}.',
  })
}

/** Returns where a redirect leads, or null if the answer is none. A way from https to http or elsewhere is refused. */
export function redirectOf(status: number, location: string | string[] | undefined, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null
  const target =
    typeof location === 'string' && URL.canParse(location, from.href) ? new URL(location, from) : null
  const allowed = from.protocol === 'https:' ? ['https:'] : ['http:', 'https:']
  if (target !== null && allowed.includes(target.protocol)) return target
  const where = typeof location === 'string' ? JSON.stringify(location.slice(0, 200)) : 'nowhere'
  throw new PaperError('pdf_download_failed', `${from.href} redirects to ${where}, which is not followed`, {
    hint: 'Check the PDF URL in the settings.',
  })
}

/** Throws PaperError `pdf_not_found`, `pdf_rate_limited` or `pdf_download_failed` unless the status is 200. */
export function checkStatus(status: number, retryAfter: string | string[] | undefined, url: URL): void {
  if (status === 200) return
  if (status === 404 || status === 410) {
    throw new PaperError('pdf_not_found', `${url.href} does not exist (HTTP ${status})`, {
      permanent: true,
      hint: 'Check the arXiv id; withdrawn papers have no PDF.',
    })
  }
  if (status === 429 || status === 503) {
    const wait = typeof retryAfter === 'string' ? `; Retry-After: ${retryAfter.slice(0, 60)}` : ''
    throw new PaperError('pdf_rate_limited', `${url.host} asks to slow down (HTTP ${status}${wait})`, {
      hint: 'Try again later, with fewer downloads at a time.',
    })
  }
  throw new PaperError('pdf_download_failed', `${url.href} answered with HTTP ${status}`, {
    hint: 'Try again later, or check the PDF URL in the settings.',
  })
}

/** Returns the PaperError of a failed connection: `pdf_source_unreachable` or `pdf_download_failed`. */
export function failureOf(error: unknown, url: string): PaperError {
  const code = systemCode(error) ?? codeInside(error)
  const host = new URL(url).host
  if (code !== null && UNREACHABLE.has(code)) {
    return new PaperError('pdf_source_unreachable', `${host} cannot be reached (${code})`, {
      hint: 'Check the network connection, and the PDF URL in the settings.',
      cause: error,
    })
  }
  return new PaperError('pdf_download_failed', `loading ${url} failed: ${messageOf(error)}`, {
    hint: 'Try again later.',
    cause: error,
  })
}

/** A connection tried on several addresses fails with one error that holds the others. */
function codeInside(error: unknown): string | null {
  if (error instanceof AggregateError) return error.errors.map(systemCode).find((c) => c !== null) ?? null
  return null
}
