import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { writeAnswer } from './model-writer.js'

/** A chat completion request as it came over the wire. */
export interface ModelCall {
  /** From 1, in order of arrival. */
  number: number
  headers: IncomingHttpHeaders
  /** The request body, parsed. */
  body: {
    model: string
    messages: { role: string; content: string }[]
    max_tokens?: number
    temperature?: number
    [member: string]: unknown
  }
  /** The text of the user message. */
  prompt: string
  /** Resolves when the client gave up or the answer was sent. */
  closed: Promise<void>
}

/** How one request is answered. Without members: a good completion. */
export interface ModelReply {
  status?: number
  headers?: Record<string, string>
  /** Sent as it is if text or bytes, else as JSON; without it a completion is made of the members below. */
  body?: unknown
  /** Text of the completion; by default sentences of the paper under the headings asked for. */
  content?: string | null
  finishReason?: string | null
  /** Members that replace those of the completion. */
  completion?: Record<string, unknown>
  /** Waits before the first byte. */
  delayMs?: number
  /** Waits for this before the first byte. */
  until?: Promise<unknown>
  /** Never answers. */
  hang?: boolean
  /** Cuts the connection: before the answer, in the middle of its body, or behind it, without the mark of its end; `never`: not even there. */
  reset?: 'before' | 'mid-body' | 'behind-body' | 'never'
  /** Sends the head at once and a blank this often until `delayMs` or for ever, as OpenRouter does. */
  padEveryMs?: number
  /** Sends only this many bytes of the body, and says nothing of more. */
  cutAt?: number
}

/** How `GET /key` is answered. */
export interface KeyReply {
  status?: number
  /** Sent as it is if text, else as JSON. */
  body?: unknown
  /** Never answers. */
  hang?: boolean
}

export type Responder = (call: ModelCall) => ModelReply | undefined

export interface ModelServer {
  /** Base URL for OPENROUTER_BASE_URL. */
  url: string
  calls: readonly ModelCall[]
  /** Number of chat completion requests so far. */
  readonly count: number
  /** Answers for the next requests, in order; they come before every rule. */
  queue(...replies: ModelReply[]): void
  /** Answers every request for which the rule returns something; the newest rule is asked first. */
  rule(respond: Responder): void
  /** Answers the request of this number (from 1). */
  at(number: number, reply: ModelReply): void
  /** Sets the answer of `GET /key` from now on; undefined: 404, as servers that keep no count. */
  key(reply?: KeyReply): void
  /** Sets what `GET /models` lists from now on: ids with the price of a token, USD. */
  models(list: readonly { id: string; price: number; context?: number; [member: string]: unknown }[]): void
  /** Sets the models that `GET /models/user` leaves for a key; without it: 404, as elsewhere than at OpenRouter. */
  allows(ids: (authorization: string | undefined) => readonly string[]): void
  /** Milliseconds by which the clock of its answers to `GET /models` is ahead. */
  clockAhead: number
  /** How often the list was asked for. */
  readonly modelsAsked: number
  /** Paths of requests that were for nothing this server has. */
  strayed: readonly string[]
  /** The Authorization header of each `GET /key` so far. */
  keyAsked: readonly (string | undefined)[]
  /** Connections that are open now. */
  connections(): Promise<number>
  close(): Promise<void>
}

/** Starts a stand-in for an OpenAI-compatible endpoint on a free port of the loopback. */
export async function startModelServer(respond?: Responder): Promise<ModelServer> {
  const calls: ModelCall[] = []
  const queued: ModelReply[] = []
  const rules: Responder[] = respond === undefined ? [] : [respond]
  const keyAsked: (string | undefined)[] = []
  const strayed: string[] = []
  let keyReply: KeyReply | undefined
  let listed: object[] = []
  let allowed: ((authorization: string | undefined) => readonly string[]) | undefined
  let modelsAsked = 0
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })

  function answerKey(request: IncomingMessage, response: ServerResponse): void {
    keyAsked.push(request.headers.authorization)
    if (keyReply?.hang === true) return
    const { status = 200, body } = keyReply ?? { status: 404, body: 'no such path' }
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const type = typeof body === 'string' ? 'text/html' : 'application/json'
    response.writeHead(status, { 'content-type': type }).end(text)
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readAll(request)
    const path = new URL(request.url ?? '/', 'http://x').pathname
    if (path.endsWith('/models')) {
      modelsAsked += 1
      response.setHeader('date', new Date(Date.now() + made.clockAhead).toUTCString())
      return json(response, { data: listed })
    }
    if (path.endsWith('/models/user') && allowed !== undefined)
      return json(response, { data: allowed(request.headers.authorization).map((id) => ({ id })) })
    if (request.method === 'GET' && path.endsWith('/key')) return answerKey(request, response)
    if (request.method !== 'POST' || !path.endsWith('/chat/completions')) {
      strayed.push(path)
      response.writeHead(404).end('no such path')
      return
    }
    const body = JSON.parse(text) as ModelCall['body']
    const call: ModelCall = {
      number: calls.length + 1,
      headers: request.headers,
      body,
      prompt: body.messages
        .filter(({ role }) => role === 'user')
        .map(({ content }) => content)
        .join('\n'),
      closed: new Promise((resolve) => response.on('close', () => resolve())),
    }
    calls.push(call)
    await send(call, response, queued.shift() ?? firstOf(rules, call) ?? {})
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const made: ModelServer = {
    url: `http://127.0.0.1:${port}/api/v1`,
    calls,
    get count() {
      return calls.length
    },
    queue: (...replies) => void queued.push(...replies),
    rule: (rule) => void rules.unshift(rule),
    key: (reply) => void (keyReply = reply),
    keyAsked,
    strayed,
    models: (list) =>
      void (listed = list.map(({ id, price, context, ...rest }) => ({
        id,
        ...rest,
        ...(context === undefined ? {} : { context_length: context }),
        pricing: { prompt: String(price), completion: String(price), request: '0' },
      }))),
    allows: (ids) => void (allowed = ids),
    clockAhead: 0,
    get modelsAsked() {
      return modelsAsked
    },
    at: (number, reply) => void rules.unshift((call) => (call.number === number ? reply : undefined)),
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return made
}

/** The same, closed when the running test ends. */
export async function modelServer(respond?: Responder): Promise<ModelServer> {
  const server = await startModelServer(respond)
  onTestFinished(() => server.close())
  return server
}

function firstOf(rules: readonly Responder[], call: ModelCall): ModelReply | undefined {
  for (const rule of rules) {
    const reply = rule(call)
    if (reply !== undefined) return reply
  }
  return undefined
}

async function send(call: ModelCall, response: ServerResponse, reply: ModelReply): Promise<void> {
  if (reply.hang === true) return
  if (reply.reset === 'before') return reset(response)
  const body = Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(bodyOf(call, reply))
  const type =
    typeof reply.body === 'string' && !/^\s*[{[]/.test(reply.body) ? 'text/html' : 'application/json'
  response.writeHead(reply.status ?? 200, { 'content-type': type, ...reply.headers })
  if (reply.padEveryMs !== undefined) await pad(call, response, reply)
  else await wait(call, reply)
  if (reply.reset === 'mid-body') {
    response.write(body.subarray(0, body.length / 2), () => reset(response))
    return
  }
  if (reply.reset === 'behind-body' || reply.reset === 'never') {
    response.write(body, () => (reply.reset === 'never' ? undefined : response.socket?.destroy()))
    return
  }
  response.end(reply.cutAt === undefined ? body : body.subarray(0, reply.cutAt))
}

async function wait(call: ModelCall, { delayMs, until }: ModelReply): Promise<void> {
  const timer = delayMs === undefined ? undefined : new Promise((resolve) => setTimeout(resolve, delayMs))
  await Promise.race([call.closed, Promise.all([timer, until])])
}

async function pad(call: ModelCall, response: ServerResponse, reply: ModelReply): Promise<void> {
  const timer = setInterval(() => response.write(' '), reply.padEveryMs)
  await (reply.delayMs === undefined && reply.until === undefined ? call.closed : wait(call, reply))
  clearInterval(timer)
}

function bodyOf(call: ModelCall, reply: ModelReply): string {
  if (reply.body !== undefined)
    return typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
  const content = reply.content === undefined ? writeAnswer(call.prompt) : reply.content
  const tokens = (text: string | null): number => Math.ceil((text ?? '').length / 4)
  return JSON.stringify({
    id: `gen-${call.number}`,
    object: 'chat.completion',
    model: call.body.model,
    provider: 'Loopback',
    choices: [
      {
        index: 0,
        finish_reason: reply.finishReason === undefined ? 'stop' : reply.finishReason,
        message: { role: 'assistant', content },
      },
    ],
    usage: {
      prompt_tokens: tokens(call.body.messages.map(({ content }) => content).join('\n')),
      completion_tokens: tokens(content),
      cost: 0,
    },
    ...reply.completion,
  })
}

/** The answer of OpenRouter's `GET /key` for an account that has sent this many free requests today. */
export function accountOf(used: number, limit: number, data: Record<string, unknown> = {}): KeyReply {
  const free_model_daily_requests = { used, limit, remaining: Math.max(0, limit - used) }
  return {
    body: {
      data: {
        label: 'test',
        limit: null,
        limit_remaining: null,
        usage: 0,
        is_free_tier: limit < 1000,
        free_model_daily_requests,
        ...data,
      },
    },
  }
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
