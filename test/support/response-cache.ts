import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './cli.js'
import type { Workspace } from './workspace.js'

/** One request for an answer, as it came over the wire. */
export interface Asked {
  /** sha256 of the body. */
  hash: string
  body: string
  status: 'HIT' | 'MISS' | null
  /** What was kept of it before was thrown away. */
  cleared: boolean
  ttl: string | undefined
}

export interface CachingServer {
  /** Base URL for OPENROUTER_BASE_URL. */
  url: string
  asked: readonly Asked[]
  /** Requests that a model worked on, and that are paid for. */
  readonly billed: readonly Asked[]
  /** Called when an answer is on its way to the client, before its first byte. */
  onAnswer(listener: (asked: Asked) => void): void
  /** Resolves when no model works on anything, and every answer is sent, or its client gone. */
  idle(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a stand-in for OpenRouter's response cache in front of a model endpoint, as its documentation says: asked for by
 * header, key is API key, endpoint and the body's bytes, only answers with status 200 are kept, requests under way are not
 * joined. A request whose client has gone is worked on to its end, and its answer kept.
 */
export async function startCachingServer(upstream: string): Promise<CachingServer> {
  const kept = new Map<string, string>()
  const asked: Asked[] = []
  const billed: Asked[] = []
  const listeners: ((asked: Asked) => void)[] = []
  const underWay = new Set<Promise<unknown>>()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request)
    const { authorization = '', ...headers } = request.headers
    const wanted = headers['x-openrouter-cache'] === 'true'
    const hash = createHash('sha256').update(body).digest('hex')
    const key = `${authorization} ${request.url} ${hash}`
    const cleared = headers['x-openrouter-cache-clear'] === 'true'
    if (cleared) kept.delete(key)
    const found = wanted ? kept.get(key) : undefined
    const status = wanted ? (found === undefined ? 'MISS' : 'HIT') : null
    const one: Asked = { hash, body, status, cleared, ttl: headers['x-openrouter-cache-ttl'] as string }
    if (request.method === 'POST') asked.push(one)
    if (found !== undefined) return send(one, response, 200, withoutUsage(found))
    if (request.method === 'POST') billed.push(one)
    const { status: code, text } = await forward(request, body, authorization)
    if (wanted && code === 200) kept.set(key, text)
    return send(one, response, code, text)
  }

  async function forward(
    { method, url }: IncomingMessage,
    body: string,
    authorization: string,
  ): Promise<{ status: number; text: string }> {
    const target = `${upstream}${(url ?? '').replace(/^\/api\/v1/, '')}`
    const given = method === 'POST' ? { body, headers: { authorization } } : { headers: { authorization } }
    const answered = await fetch(target, { method: method ?? 'GET', ...given })
    return { status: answered.status, text: await answered.text() }
  }

  async function send(one: Asked, response: ServerResponse, code: number, text: string): Promise<void> {
    for (const listener of listeners) listener(one)
    if (response.destroyed) return
    const told = one.status === null ? {} : { 'x-openrouter-cache-status': one.status }
    response.writeHead(code, { 'content-type': 'application/json', ...told }).end(text)
    await new Promise((resolve) => response.on('close', resolve))
  }

  const server = createServer((request, response) => {
    const work = answer(request, response).catch(() => response.destroy())
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    asked,
    billed,
    onAnswer: (listener) => void listeners.push(listener),
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Writes the profiles of the package into a workspace, with what the test's address is no sign of: the endpoint is OpenRouter. */
export function useResponseCache(workspace: Workspace): void {
  const file = parse(readFileSync(join(ROOT, 'config', 'profiles.yml'), 'utf8')) as {
    data: { model_profiles: Record<string, object> }
  }
  const { cheap, expensive } = file.data.model_profiles
  file.data.model_profiles = {
    cheap: { ...cheap, response_cache: true },
    expensive: { ...expensive, response_cache: true },
  }
  workspace.write('config/profiles.yml', JSON.stringify(file))
}

/** A kept answer costs nothing, and says so. */
function withoutUsage(text: string): string {
  const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost: 0 }
  return JSON.stringify({ ...(JSON.parse(text) as object), usage })
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
