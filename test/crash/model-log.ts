import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { REPORT_SECTIONS } from '../../src/core/report-sections.js'
import { writeAnswer } from '../support/model-writer.js'

/** One request as the server saw it. Times in epoch milliseconds. */
export interface Arrival {
  /** From 1, in order of arrival; it also stands in the answer. */
  number: number
  /** Title of the paper it is about. */
  title: string
  /** Whose question it is: a writer's name, or `repair`. */
  writer: string
  /** sha256 of model and messages. */
  prompt: string
  arrivedAt: number
  /** When the last byte of the answer was handed to the system; null: not answered. */
  answeredAt: number | null
  /** The client went away before the answer. */
  aborted: boolean
}

export interface Hold {
  /** Requests that wait for their answer. */
  held: readonly Arrival[]
  release(): void
}

/** A stand-in for a model endpoint that keeps the books: what came, what was answered, what must not come again. */
export interface ModelLog {
  url: string
  arrivals: readonly Arrival[]
  /** Questions that came although their answer was committed. */
  repeated: readonly Arrival[]
  /** Answers to matching requests wait from now on; the newest hold decides. */
  hold(matches: (arrival: Arrival) => boolean): Hold
  /** Called in the moment in which an answer was sent whole. */
  onAnswered(listener: (arrival: Arrival) => void): void
  /** Milliseconds each answer takes from now on. */
  think(milliseconds: () => number): void
  /** Declares questions (see {@link questionKey}) answered and committed: they may not come again. */
  seal(keys: Iterable<string>): void
  close(): Promise<void>
}

/** Names one question of one paper. */
export function questionKey(title: string, writer: string): string {
  return `${writer} of "${title}"`
}

/**
 * Starts the server on a free port of the loopback.
 *
 * @param earlier what another server saw of the same executions before.
 */
export async function startModelLog(earlier: readonly Arrival[] = []): Promise<ModelLog> {
  const arrivals: Arrival[] = [...earlier]
  const repeated: Arrival[] = []
  const sealed = new Set<string>()
  const holds: { matches: (arrival: Arrival) => boolean; held: Arrival[]; released: Promise<void> }[] = []
  const listeners: ((arrival: Arrival) => void)[] = []
  let thinking = (): number => 0
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await readAll(request)) as Body
    const arrival = arrivalOf(body, arrivals.length + 1)
    arrivals.push(arrival)
    if (sealed.has(questionKey(arrival.title, arrival.writer))) repeated.push(arrival)
    const gone = new Promise<void>((resolve) => response.on('close', resolve))
    response.on('finish', () => {
      arrival.answeredAt = Date.now()
      for (const listener of listeners) listener(arrival)
    })
    response.on('close', () => (arrival.aborted = arrival.answeredAt === null))
    const hold = holds.findLast(({ matches }) => matches(arrival))
    hold?.held.push(arrival)
    await Promise.race([gone, Promise.all([delay(thinking()), hold?.released])])
    if (response.destroyed) return
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(completion(body, arrival))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    arrivals,
    repeated,
    hold(matches) {
      let release = (): void => undefined
      const released = new Promise<void>((resolve) => (release = resolve))
      const held: Arrival[] = []
      const hold = { matches, held, released }
      holds.push(hold)
      return {
        held,
        release: () => {
          holds.splice(holds.indexOf(hold), 1)
          release()
        },
      }
    },
    onAnswered: (listener) => void listeners.push(listener),
    think: (milliseconds) => void (thinking = milliseconds),
    seal: (keys) => {
      for (const key of keys) sealed.add(key)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const LETTERS = 'abcdefghij'

/** Returns a number as a word: one in digits would be looked for in the paper. */
export function inLetters(number: number): string {
  return `q${[...String(number)].map((digit) => LETTERS[Number(digit)]).join('')}`
}

interface Body {
  model: string
  messages: { role: string; content: string }[]
}

function promptOf({ messages }: Body): string {
  return messages.find(({ role }) => role === 'user')?.content ?? ''
}

function arrivalOf(body: Body, number: number): Arrival {
  const prompt = promptOf(body)
  const asked = prompt.slice(prompt.lastIndexOf('</paper>'))
  const headings = [...asked.matchAll(/^[ \t]*- ## (.+?)\s*$/gm)].map((match) => match[1] ?? '')
  const owner = REPORT_SECTIONS.find(({ heading }) => headings.includes(heading))?.writer ?? 'unknown'
  return {
    number,
    title: /^\s*Title: (.+)$/m.exec(prompt.slice(prompt.indexOf('<paper>')))?.[1]?.trim() ?? '',
    writer: /\blacks the sections\b/.test(asked) ? 'repair' : owner,
    prompt: createHash('sha256')
      .update(JSON.stringify([body.model, body.messages]))
      .digest('hex'),
    arrivedAt: Date.now(),
    answeredAt: null,
    aborted: false,
  }
}

/** A good answer; every point of it says which answer it is from. */
function completion(body: Body, { number }: Arrival): string {
  const written = writeAnswer(promptOf(body))
  const content = written.replaceAll('- The paper says:', `- In answer ${inLetters(number)} the paper says:`)
  return JSON.stringify({
    id: `gen-${number}`,
    object: 'chat.completion',
    model: body.model,
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 1, completion_tokens: 1, cost: 0 },
  })
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
