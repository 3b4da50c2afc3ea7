import type { Dispatcher } from 'undici'
import { blamed, proxyFor } from './proxy.js'

/** Milliseconds; 0: no end. */
interface Timeouts {
  connectTimeout?: number
  headersTimeout?: number
  bodyTimeout?: number
}

export type HttpResponse = Dispatcher.ResponseData

type RequestOptions = Pick<Dispatcher.RequestOptions, 'body'> & {
  /** By default `GET`. */
  method?: 'GET' | 'HEAD' | 'POST'
  signal: AbortSignal
  headers: Record<string, string>
}

/** Connections to any host, directly or through the proxy that the environment names for it. */
export class Connections {
  readonly #connect: { timeout?: number }
  readonly #timeouts: Pick<Timeouts, 'headersTimeout' | 'bodyTimeout'>
  readonly #dispatchers = new Map<string, Dispatcher>()

  constructor({ connectTimeout, ...timeouts }: Timeouts = {}) {
    this.#connect = connectTimeout === undefined ? {} : { timeout: connectTimeout }
    this.#timeouts = timeouts
  }

  /**
   * Sends one request; follows no redirect.
   *
   * @throws ConfigError `proxy_invalid`, ProxyError where the proxy is to blame, the reason of the signal, or what went
   * wrong below HTTP.
   */
  async request(url: string | URL, options: RequestOptions): Promise<Dispatcher.ResponseData> {
    const address = new URL(url)
    const proxy = proxyFor(address, process.env)
    // Most commands send nothing: they do not load what sends.
    const { openDispatcher } = await import('./dispatcher.js')
    const place = proxy?.url ?? ''
    const dispatcher = this.#dispatchers.get(place) ?? openDispatcher(proxy?.url ?? null, this.#connect)
    this.#dispatchers.set(place, dispatcher)
    try {
      return await dispatcher.request({
        origin: address.origin,
        path: `${address.pathname}${address.search}`,
        method: 'GET',
        ...options,
        ...this.#timeouts,
      })
    } catch (error) {
      throw proxy === null ? error : blamed(error, proxy)
    }
  }

  /** Ends what is under way and closes idle sockets, so that the process can end. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.destroy()))
  }
}
