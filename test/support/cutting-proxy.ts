import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** Stands between a client and a PostgreSQL, and cuts the line at a moment that is set. */
export interface CuttingProxy {
  url: string
  /**
   * Cuts the line of the next question but so many: before the server has it, or when it has it and its answer is on
   * the way. Once; those after it go through, when what happens `meanwhile` is over.
   */
  cutAt(question: number, when: 'before' | 'after', meanwhile?: () => Promise<void>): void
  /** Whether the line was cut. */
  wasCut(): boolean
}

/** Starts a proxy in front of the server of a URL; it ends with the running test. */
export async function cuttingProxy(url: string): Promise<CuttingProxy> {
  const { port, hostname } = new URL(url)
  const sockets = new Set<Socket>()
  let cut: { left: number; when: 'before' | 'after'; meanwhile: () => Promise<void> } | null = null
  let done = false
  let passable = Promise.resolve()
  const server = createServer((client) => void passable.then(() => pass(client)))
  const pass = (client: Socket): void => {
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    }
    upstream.on('data', (bytes) => void client.write(bytes)).on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    client.on('data', (bytes) => {
      const asked = questionsIn(bytes)
      if (cut === null || asked === 0 || (cut.left -= asked) >= 0) return void upstream.write(bytes)
      const { when, meanwhile } = cut
      cut = null
      done = true
      const end = (): void => {
        passable = meanwhile()
        client.destroy()
      }
      if (when === 'before') return end()
      // What the server answers is lost; it has all of the question by then.
      upstream.removeAllListeners('data')
      upstream.once('data', end)
      upstream.write(bytes)
    })
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const own = new URL(url)
  own.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  return {
    url: own.href,
    cutAt(question, when, meanwhile = async () => undefined) {
      cut = { left: question, when, meanwhile }
      done = false
    },
    wasCut: () => done,
  }
}

/** A client asks with one Query, or with messages that end with a Sync; what it writes, it writes whole. */
function questionsIn(bytes: Buffer): number {
  let questions = 0
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    const type = String.fromCharCode(bytes[at] ?? 0)
    if (type === 'Q' || type === 'S') questions += 1
  }
  return questions
}
