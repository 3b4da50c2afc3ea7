// By file: the package as a whole also loads its fetch, WebSocket, caches and mocks, a twelfth of what a short command takes.
import api from 'undici/lib/api/index.js'
import Agent from 'undici/lib/dispatcher/agent.js'
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js'

// As undici's index does: `request`, and `connect`, by which a proxy opens tunnels.
Object.assign(Dispatcher.prototype, api)

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
