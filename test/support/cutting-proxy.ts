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
    // One is answered without having been asked: that the client is let in.
    let unanswered = 1
    const answers = messagesIn()
    upstream.on('data', (bytes: Buffer) => {
      unanswered -= answers(bytes).filter(({ type }) => type === 'Z').length
      void client.write(bytes)
    })
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    const ask = (question: Buffer): void => {
      unanswered += 1
      upstream.write(question)
    }
    const end = (meanwhile: () => Promise<void>): void => {
      passable = meanwhile()
      client.destroy()
    }
    client.on('data', (bytes: Buffer) => {
      const { questions, rest } = questionsIn(bytes)
      for (const question of questions) {
        if (cut === null || (cut.left -= 1) >= 0) {
          ask(question)
          continue
        }
        const { when, meanwhile } = cut
        cut = null
        done = true
        if (when === 'before') return end(meanwhile)
        // What the server answers from now on is lost; when it has answered all, it has done all.
        ask(question)
        upstream.removeAllListeners('data').on('data', (late: Buffer) => {
          unanswered -= answers(late).filter(({ type }) => type === 'Z').length
          if (unanswered === 0) end(meanwhile)
        })
        return
      }
      if (rest.length > 0) upstream.write(rest)
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
function questionsIn(bytes: Buffer): { questions: Buffer[]; rest: Buffer } {
  // The first message has no type.
  if (bytes[0] === 0) return { questions: [], rest: bytes }
  const questions: Buffer[] = []
  let from = 0
  for (const { type, end } of messagesIn()(bytes)) {
    if (type !== 'Q' && type !== 'S') continue
    questions.push(bytes.subarray(from, end))
    from = end
  }
  return { questions, rest: bytes.subarray(from) }
}

/** Returns what finds the messages that end in each piece of a stream, with where in the piece they end. */
function messagesIn(): (piece: Buffer) => { type: string; end: number }[] {
  let kept = Buffer.alloc(0)
  return (piece) => {
    const before = kept.length
    const bytes = Buffer.concat([kept, piece])
    const found: { type: string; end: number }[] = []
    let at = 0
    while (at + 5 <= bytes.length) {
      const next = at + 1 + bytes.readUInt32BE(at + 1)
      if (next > bytes.length) break
      found.push({ type: String.fromCharCode(bytes[at] ?? 0), end: next - before })
      at = next
    }
    kept = bytes.subarray(at)
    return found
  }
}
