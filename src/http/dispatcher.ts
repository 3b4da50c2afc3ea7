import type { Dispatcher } from 'undici'
import { Agent, ProxyAgent } from 'undici'

export { request } from 'undici'

/**
 * Returns what opens connections and keeps them.
 *
 * @param proxy URL of the proxy they go through; null: none.
 * @param connect `timeout`: milliseconds for a connection to come about.
 */
export function openDispatcher(proxy: string | null, connect: { timeout?: number }): Dispatcher {
  if (proxy === null) return new Agent({ connect })
  // Proxies of companies open tunnels to port 443 alone: what is not encrypted is handed on as it is.
  return new ProxyAgent({ uri: proxy, proxyTunnel: false, proxyTls: connect })
}
