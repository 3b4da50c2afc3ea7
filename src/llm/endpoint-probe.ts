import { Connections } from '../http/connections.js'
import { bodyText, readBytes } from './answers/body.js'
import { bodyObject } from './answers/json-body.js'
import { listModels } from './model-list.js'

interface ProbeOptions {
  userAgent: string
  /** Milliseconds for the answer. */
  timeoutMs?: number
}

const TIMEOUT_MS = 10_000

/**
 * Asks an address that lists no models whether chats are answered there at all, by a question without model, messages or key:
 * whoever takes questions refuses it, and nothing is counted or paid.
 *
 * @returns what shows that the address is wrong, in words; null where it may be right, or nothing came.
 */
export async function wrongAddress(baseUrl: string, options: ProbeOptions): Promise<string | null> {
  const connections = new Connections()
  try {
    const { statusCode, headers, body } = await connections.request(
      `${withoutSlash(baseUrl)}/chat/completions`,
      {
        method: 'POST',
        signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': options.userAgent,
        },
        body: '{}',
      },
    )
    const text = bodyText(await readBytes(body), headers)
    const answer = bodyObject(text, (value) => value)
    if (statusCode >= 300 && statusCode < 400) return `HTTP ${statusCode}, moved elsewhere`
    // A model that is not named may be one that is not there.
    if (statusCode === 404 && !(answer !== undefined && /model/i.test(text))) return 'HTTP 404'
    if (statusCode === 405) return 'HTTP 405'
    if (/unexpected endpoint/i.test(text)) return 'unexpected endpoint'
    return statusCode < 300 && answer === undefined ? 'a page comes instead of an answer' : null
  } catch {
    return null
  } finally {
    await connections.destroy()
  }
}

/** Returns an address near one that is wrong at which a list of models is found; null: none is. */
export async function rightAddress(baseUrl: string, options: ProbeOptions): Promise<string | null> {
  const bare = withoutSlash(baseUrl).replace(/\/(?:chat\/completions|completions|chat|models)$/, '')
  const root = bare.replace(/(?:\/api)?(?:\/v\d+)?$/, '')
  const near = [bare, `${bare}/v1`, `${root}/v1`, `${root}/api/v1`, `${root}/openai/v1`]
  for (const address of new Set(near)) {
    if (address !== withoutSlash(baseUrl) && (await listModels(address, options)) !== null) return address
  }
  return null
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
