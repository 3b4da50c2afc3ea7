import { connect } from 'node:net'
import { messageOf } from '../core/errors.js'

/**
 * Returns why nothing listens at a URL; null: something does, or it is not known in time. The SDK asks a collector that is
 * away again and again, and keeps the reason to itself.
 */
export function whyUnheard(url: string, limitMs: number): Promise<string | null> {
  const { hostname, port, protocol } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
    })
    const end = (why: string | null): void => {
      socket.destroy()
      resolve(why)
    }
    socket.setTimeout(limitMs, () => end(null))
    socket.once('connect', () => end(null))
    socket.once('error', (error: Error & { code?: string }) => end(messageOf(error) || (error.code ?? null)))
  })
}
