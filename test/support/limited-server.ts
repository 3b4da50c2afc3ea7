import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { writeAnswer } from './model-writer.js'

export interface Limits {
  /** Requests in one window; may be changed while the server runs, as providers do. */
  perWindow: number
  /** Windows are fixed, and begin at whole multiples of this. */
  windowMs: number
  perDay: number
  latencyMs: number
}

export interface Arrival {
  /** Epoch milliseconds. */
  at: number
  /** Number of the window in which it came. */
  window: number
  model: string
  status: 200 | 429
  why: 'minute' | 'day' | null
}

export interface LimitedServer {
  url: string
  limits: Limits
  arrivals: readonly Arrival[]
  close(): Promise<void>
}

/** Starts a stand-in for OpenRouter that enforces fixed minute windows and a day's cap, counts refused requests as it does, and logs each. */
export async function startLimitedServer(given: Partial<Limits> = {}): Promise<LimitedServer> {
  const limits: Limits = { perWindow: 20, windowMs: 60_000, perDay: 1000, latencyMs: 20, ...given }
  const arrivals: Arrival[] = []

  function arrive(model: string): Arrival {
    const at = Date.now()
    const window = Math.floor(at / limits.windowMs)
    const admitted = arrivals.filter((one) => one.window === window && one.status === 200).length
    const why = arrivals.length >= limits.perDay ? 'day' : admitted >= limits.perWindow ? 'minute' : null
    const arrival: Arrival = { at, window, model, status: why === null ? 200 : 429, why }
    arrivals.push(arrival)
    return arrival
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method !== 'POST') {
        response.writeHead(404).end()
        return
      }
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        model: string
        messages: { content: string }[]
      }
      const arrival = arrive(body.model)
      void delay(arrival.why === null ? limits.latencyMs : 2).then(() => {
        const [headers, answer] = answerOf(arrival, body.messages.at(-1)?.content ?? '', limits)
        response.writeHead(arrival.status, { 'content-type': 'application/json', ...headers })
        response.end(JSON.stringify(answer))
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    limits,
    arrivals,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answerOf(
  { at, window, model, why }: Arrival,
  prompt: string,
  { perWindow, windowMs, perDay }: Limits,
): [Record<string, string>, unknown] {
  if (why === null) {
    const choice = {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: writeAnswer(prompt) },
    }
    return [
      {},
      { id: `gen-${at}`, model, choices: [choice], usage: { prompt_tokens: 9, completion_tokens: 9 } },
    ]
  }
  const daily = why === 'day'
  const reset = daily ? (Math.floor(at / 86_400_000) + 1) * 86_400_000 : (window + 1) * windowMs
  const headers = {
    'X-RateLimit-Limit': String(daily ? perDay : perWindow),
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': String(reset),
  }
  const message = `Rate limit exceeded: free-models-per-${daily ? 'day' : 'min'}. `
  return [headers, { error: { message, code: 429, metadata: { headers } } }]
}
