import { ConfigError, systemCode } from '../core/errors.js'
import { publicUrl } from '../core/public-url.js'
import { isWithoutProxy } from './no-proxy.js'

export interface Proxy {
  url: string
  /** The variable that names it. */
  variable: string
}

/**
 * Returns the proxy that the environment names for a URL, null for none: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, each in lower case
 * too, which comes first.
 *
 * @throws ConfigError `proxy_invalid` that names the variable, and shows no password.
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): Proxy | null {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const proxy = proxyIn(env, [name, name.toUpperCase()])
  return proxy === null || isWithoutProxy(url, env['no_proxy'] ?? env['NO_PROXY'] ?? '') ? null : proxy
}

function proxyIn(env: NodeJS.ProcessEnv, variables: readonly string[]): Proxy | null {
  const variable = variables.find((name) => env[name] !== undefined)
  const told = variable === undefined ? undefined : env[variable]?.trim()
  if (variable === undefined || told === undefined || told === '') return null
  const url = told.includes('://') ? told : `http://${told}`
  if (isProxyUrl(url)) return { url, variable }
  throw new ConfigError(
    'proxy_invalid',
    `${variable}: expected the http or https URL of a proxy, got "${publicUrl(url).slice(0, 200)}".`,
    {
      hint: 'As http://proxy.example:3128; in user and password @ : / are written %40 %3A %2F.',
    },
  )
}

function isProxyUrl(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, pathname, search, hash, username, password } = new URL(url)
  const isBare = pathname === '/' && search === '' && hash === ''
  return /^https?:$/.test(protocol) && isBare && [username, password].every(isEscaped)
}

function isEscaped(part: string): boolean {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}

/** A request did not get past the proxy: its host saw nothing of it. */
export class ProxyError extends Error {
  constructor(
    message: string,
    readonly hint: string,
    cause: unknown,
  ) {
    super(message, { cause })
  }
}

/** Returns what is said of an error in a request through a proxy: a ProxyError where that is to blame, else the error itself. */
export function blamed(error: unknown, { url, variable }: Proxy): unknown {
  const shown = `the proxy ${publicUrl(url).replace(/\/$/, '')} (${variable})`
  const otherwise = 'name the host in NO_PROXY if it can be reached without'
  const status = refusedWith(error)
  if (status === 407) {
    const hint = `Put its user and password into ${variable}: http://USER:PASSWORD@HOST:PORT.`
    return new ProxyError(`${shown} wants user and password, or others (407)`, hint, error)
  }
  if (status !== null) {
    const hint = `Ask whoever runs the proxy, or ${otherwise}.`
    return new ProxyError(`${shown} does not open the way (${status})`, hint, error)
  }
  const code = unreachableCode(error)
  if (code === null) return error
  return new ProxyError(`${shown} cannot be reached (${code})`, `Check ${variable}, or ${otherwise}.`, error)
}

/** What undici throws where a proxy opens no tunnel, or wants to know who asks. */
function refusedWith(error: unknown): number | null {
  const message = error instanceof Error ? error.message : ''
  const [, tunnel, plain] =
    /^Proxy response \((\d+)\) !== 200 when HTTP Tunneling$|^Proxy Authentication Required \((407)\)$/.exec(
      message,
    ) ?? []
  const status = tunnel ?? plain
  return status === undefined ? null : Number(status)
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/**
 * Returns the code of an error that says that no connection came about, null for any other. One that was tried on several
 * addresses fails with an error that holds the others.
 */
export function unreachableCode(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : null
  const inside: unknown[] = error instanceof AggregateError ? error.errors : []
  const codes = [error, cause, ...inside].map(systemCode)
  return codes.find((code) => code !== null && UNREACHABLE.has(code)) ?? null
}
