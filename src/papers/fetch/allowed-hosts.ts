/**
 * Returns whether a URL's host is one of the patterns: a host, `*.` and a domain for all below it, each with `:port` for
 * that port alone.
 */
export function isAllowedHost(url: URL, patterns: readonly string[]): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return patterns.some((pattern) => {
    const [, host = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? []
    if (onlyPort !== undefined && onlyPort !== port) return false
    return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host
  })
}
