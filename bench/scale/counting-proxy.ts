import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Stands between clients and a server, and counts. */
export interface CountingProxy {
  url: string
  /** How often a client asked after it had been answered. */
  roundTrips(): number
  close(): void
}

/** Starts a proxy in front of the server of a URL. */
export async function countingProxy(url: string): Promise<CountingProxy> {
  const { port, hostname } = new URL(url)
  let turns = 0
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let answered = true
    client.on('data', (bytes: Buffer) => {
      if (answered) turns += 1
      answered = false
      upstream.write(bytes)
    })
    upstream.on('data', (bytes: Buffer) => {
      answered = true
      client.write(bytes)
    })
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('close', () => other.destroy()).on('error', () => one.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const own = new URL(url)
  own.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  return { url: own.href, roundTrips: () => turns, close: () => void server.close() }
}
