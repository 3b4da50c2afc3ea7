import { BlockList, isIP } from 'node:net'

/**
 * Returns whether a URL's host is to be asked without a proxy. In a list of NO_PROXY are hosts (with all below them, a dot or
 * `*.` in front or not), hosts with a port, addresses, subnets (10.0.0.0/8), and `*` for all; what runs on this machine is
 * never reached through another one.
 */
export function isWithoutProxy(url: URL, list: string): boolean {
  const host = bare(url.hostname)
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host))
    return true
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => entry !== '' && isNamedBy(entry, host, port))
}

function isNamedBy(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInSubnet(host, entry)
  const [, name = '', onlyPort] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? []
  if (onlyPort !== undefined && onlyPort !== port) return false
  const domain = bare(name).replace(/^\*?\./, '')
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`))
}

function isInSubnet(host: string, subnet: string): boolean {
  const [network = '', bits = ''] = subnet.split('/')
  const family = isIP(host)
  const isValid = family !== 0 && isIP(network) === family && /^\d{1,3}$/.test(bits)
  if (!isValid || Number(bits) > (family === 4 ? 32 : 128)) return false
  const list = new BlockList()
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(network, Number(bits), kind)
  return list.check(host, kind)
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
