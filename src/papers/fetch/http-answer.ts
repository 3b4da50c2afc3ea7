import { ConfigError, messageOf, PaperError } from '../../core/errors.js'
import { ProxyError, unreachableCode } from '../../http/proxy.js'
import { tlsFault } from '../../http/tls.js'
import { isAllowedHost } from './allowed-hosts.js'

/**
 * Returns the URL to begin with.
 *
 * @throws ConfigError `bad_pdf_url` if it is not one of http or https, `pdf_host_forbidden`.
 */
export function checkUrl(text: string, hosts: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !isHttp(url)) {
    const told = url === null ? text.replace(/\/\/[^/]*@/, '//') : shown(url)
    throw new ConfigError(
      'bad_pdf_url',
      `${JSON.stringify(told.slice(0, 200))} is not an http or https URL`,
      {
        hint: 'Set the PDF URL to something like https://export.arxiv.org/pdf/{arxiv_id}.',
      },
    )
  }
  if (isAllowedHost(url, hosts)) return url
  throw new ConfigError('pdf_host_forbidden', `${url.host} is not among the hosts PDFs may come from`, {
    hint: 'Add it to pdf_hosts (RPA_PDF_HOSTS), or set another PDF URL.',
  })
}

/** Returns a URL for messages and files: without credentials, and without a query, which may hold some. */
export function shown(url: URL | string): string {
  const { protocol, host, pathname, search } = new URL(url)
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`
}

/**
 * Returns where a redirect leads, or null if the answer is none.
 *
 * @throws PaperError `pdf_download_failed` where it leads from https to http or elsewhere, `pdf_host_forbidden` where it
 * leads to a host that is not allowed.
 */
export function redirectOf(
  status: number,
  location: string | string[] | undefined,
  from: URL,
  hosts: readonly string[],
): URL | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null
  const target =
    typeof location === 'string' && URL.canParse(location, from.href) ? new URL(location, from) : null
  const downgraded = from.protocol === 'https:' && target?.protocol === 'http:'
  if (target === null || !isHttp(target) || downgraded) {
    const where = target === null ? 'nowhere' : JSON.stringify(shown(target).slice(0, 200))
    throw new PaperError(
      'pdf_download_failed',
      `${shown(from)} redirects to ${where}, which is not followed`,
      {
        hint: 'Check the PDF URL in the settings.',
      },
    )
  }
  if (isAllowedHost(target, hosts)) return target
  throw new PaperError(
    'pdf_host_forbidden',
    `${shown(from)} redirects to ${target.host}, which is not among the hosts PDFs may come from`,
    { hint: 'If PDFs are really kept there, add it to pdf_hosts (RPA_PDF_HOSTS).' },
  )
}

/** Returns the Authorization header of a URL with credentials. */
export function basicAuth({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** Returns whether the host asks for fewer requests. */
export function isRefusal(status: number): boolean {
  return status === 429 || status === 503
}

/** Returns whether a Content-Range holds all there is (RFC 9110, 14.4): a 206 with it is whole. */
export function isWholeRange(header: string | string[] | undefined): boolean {
  const match = /^bytes\s+0-(\d{1,15})\/(\d{1,15})$/i.exec(String(header ?? '').trim())
  return match !== null && Number(match[1]) + 1 === Number(match[2])
}

/** Returns whether a Content-Range begins at the first byte and does not say how many there are: the end of what came tells whether it is whole. */
export function isOpenRange(header: string | string[] | undefined): boolean {
  return /^bytes\s+0-\d{1,15}\/\*$/i.test(String(header ?? '').trim())
}

/** A host has no PDF of the paper; another one may. */
export class NotThereError extends PaperError {
  constructor(url: URL, status: number) {
    super('pdf_not_found', `${shown(url)} does not exist (HTTP ${status})`, {
      hint: 'Check the arXiv id, and RPA_PDF_URL if it is so with every paper; some are there as source or PostScript only.',
    })
  }
}

/** Throws NotThereError (404, 410) or PaperError `pdf_download_failed` unless the status is 200 or 206. */
export function checkStatus(status: number, url: URL): void {
  if (status === 200 || status === 206) return
  if (status === 404 || status === 410) {
    throw new NotThereError(url, status)
  }
  throw new PaperError('pdf_download_failed', `${shown(url)} answered with HTTP ${status}`, {
    hint: 'Try again later, or check the PDF URL in the settings.',
  })
}

/** Returns the PaperError of a failed connection: `pdf_source_unreachable` or `pdf_download_failed`. */
export function failureOf(error: unknown, url: URL): PaperError {
  if (error instanceof ProxyError) {
    const message = `${url.host} cannot be reached: ${error.message}`
    return new PaperError('pdf_source_unreachable', message, { hint: error.hint, cause: error })
  }
  const code = unreachableCode(error)
  if (code !== null) {
    return new PaperError('pdf_source_unreachable', `${url.host} cannot be reached (${code})`, {
      hint: 'Check the network connection, and the PDF URL in the settings.',
      cause: error,
    })
  }
  const tls = tlsFault(error)
  if (tls !== null) {
    const message = `${url.host} cannot be reached: ${tls.words}`
    return new PaperError('pdf_source_unreachable', message, { hint: tls.hint, cause: error })
  }
  return new PaperError('pdf_download_failed', `loading ${shown(url)} failed: ${messageOf(error)}`, {
    hint: 'Try again later.',
    cause: error,
  })
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}
