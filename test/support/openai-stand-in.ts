import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { REPORT_SECTIONS } from '../../src/core/report-sections.js'

export interface SeenRequest {
  model: string
  authorization: string | undefined
  /** The request body as it came. */
  raw: string
  system: string
  user: string
  maxTokens: number
  /** Sections the prompt asks for. */
  headings: string[]
  /** Whose question it is: a writer's name, or `repair`. */
  writer: string
  /** Title of the paper it is about. */
  title: string
}

export interface Reply {
  status?: number
  headers?: Record<string, string>
  /** An object is sent as JSON, text as it is. */
  body?: unknown
  /** Nothing is sent before this settles. */
  hold?: Promise<unknown>
  /** The connection is cut instead of an answer. */
  reset?: boolean
  /** No answer ever comes. */
  hang?: boolean
}

/** Says how one request is answered; undefined: the default answer. */
export type Script = (request: SeenRequest) => Reply | undefined

export interface ModelServer {
  url: string
  /** Every request, in the order of arrival. */
  requests: SeenRequest[]
  /** Requests that were answered to the end. */
  answered: SeenRequest[]
  /** Replaces how requests are answered from now on; without one all get the default answer. */
  script(script?: Script): void
  /** Forgets what was seen, and the script. */
  reset(): void
  /** Resolves when the condition holds; it is looked at whenever a request comes or was answered. */
  until(holds: (server: ModelServer) => boolean): Promise<void>
  close(): Promise<void>
}

/** Starts a stand-in of a chat completions API on the loopback. */
export async function startModelServer(): Promise<ModelServer> {
  let script: Script = () => undefined
  const waiting = new Set<() => void>()
  const look = (): void => waiting.forEach((check) => check())
  const server = createServer((request, response) => {
    void readAll(request).then((raw) => {
      const seen = readRequest(raw, request.headers.authorization)
      model.requests.push(seen)
      response.on('finish', () => {
        model.answered.push(seen)
        look()
      })
      look()
      return respond(response, seen, script(seen) ?? {})
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const model: ModelServer = {
    url: `http://127.0.0.1:${port}/v1`,
    requests: [],
    answered: [],
    script: (next = () => undefined) => void (script = next),
    reset: () => {
      model.requests.length = model.answered.length = 0
      script = () => undefined
    },
    until: (holds) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!holds(model)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return model
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function readRequest(raw: string, authorization: string | undefined): SeenRequest {
  const body = JSON.parse(raw) as {
    model: string
    max_tokens: number
    messages: { role: string; content: string }[]
  }
  const of = (role: string): string => body.messages.find((message) => message.role === role)?.content ?? ''
  const user = of('user')
  const asked = user.slice(0, user.indexOf('<paper>'))
  const headings = [...asked.matchAll(/^\s*- ## (.+)$/gm)].map((match) => match[1]?.trim() ?? '')
  const owner = REPORT_SECTIONS.find(({ heading }) => headings.includes(heading))?.writer ?? 'unknown'
  return {
    model: body.model,
    authorization,
    raw,
    system: of('system'),
    user,
    maxTokens: body.max_tokens,
    headings,
    writer: /\blacks the sections\b/.test(asked) ? 'repair' : owner,
    title: /^\s*Title: (.+)$/m.exec(user.slice(user.indexOf('<paper>')))?.[1]?.trim() ?? '',
  }
}

async function respond(response: ServerResponse, seen: SeenRequest, reply: Reply): Promise<void> {
  await reply.hold
  if (reply.hang === true) return
  if (reply.reset === true) {
    response.socket?.resetAndDestroy()
    return
  }
  const body = reply.body ?? completion(seen)
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** Returns a chat completion for a request; `changes` replace what its first choice says. */
export function completion(
  seen: SeenRequest,
  changes: { content?: string; finish_reason?: string; model?: string } = {},
): Record<string, unknown> {
  const { content = answerTo(seen), finish_reason = 'stop', model = `${seen.model}@stand-in` } = changes
  return {
    id: 'gen-1',
    object: 'chat.completion',
    model,
    choices: [{ index: 0, finish_reason, message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 1000, completion_tokens: 200, cost: 0 },
  }
}

/** Returns the sections asked for, but those left out, made of sentences of the paper. */
export function answerTo(seen: SeenRequest, leaveOut: readonly string[] = []): string {
  const sentences = sentencesOf(seen.user.slice(seen.user.indexOf('<paper>')))
  return seen.headings
    .filter((heading) => !leaveOut.includes(heading))
    .map((heading, index) => {
      const own = sentences.slice(index * 3, index * 3 + 3)
      return `## ${heading}\n\n${own.map((sentence) => `- ${sentence} [p. 1]`).join('\n')}`
    })
    .join('\n\n')
}

function sentencesOf(paper: string): string[] {
  const text = paper.replace(/\[p\. \d+\]|^#+ .*$/gm, ' ').replace(/\s+/g, ' ')
  const sentences = text
    .split(/(?<=[.!?])\s+(?=[A-Z])/)
    .filter((one) => one.split(' ').length >= 8 && one.length < 400)
  if (sentences.length < 9) throw new Error('the prompt holds no paper')
  return sentences
}
