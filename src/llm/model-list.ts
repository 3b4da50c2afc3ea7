import { isObject } from '../core/json.js'
import { Connections } from '../http/connections.js'
import { bodyText, readBytes } from './answers/body.js'
import { bodyObject } from './answers/json-body.js'

export interface ModelListOptions {
  userAgent: string
  signal?: AbortSignal | undefined
}

const TIMEOUT_MS = 15_000

/**
 * Asks an endpoint which of its models cost nothing: those of `GET /models` whose `pricing` is 0 throughout (OpenRouter's
 * list, which is public: no key is sent). One attempt, no redirect.
 *
 * @returns their ids; null where there is no such list, or it does not come in time.
 */
export async function listFreeModels(baseUrl: string, options: ModelListOptions): Promise<string[] | null> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS)
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal])
  const connections = new Connections()
  try {
    const { statusCode, headers, body } = await connections.request(`${baseUrl.replace(/\/+$/, '')}/models`, {
      signal,
      headers: { accept: 'application/json', 'user-agent': options.userAgent },
    })
    const text = bodyText(await readBytes(body), headers)
    const list = statusCode === 200 ? bodyObject(text, (value) => value)?.['data'] : undefined
    if (!Array.isArray(list)) return null
    return list
      .filter(isObject)
      .flatMap(({ id, pricing }) => (typeof id === 'string' && isFree(pricing) ? [id] : []))
  } catch {
    return null
  } finally {
    await connections.destroy()
  }
}

/** Prices are USD a token, as text; -1 where they vary. */
function isFree(pricing: unknown): boolean {
  if (!isObject(pricing)) return false
  const { prompt, completion } = pricing
  if (prompt === undefined || completion === undefined) return false
  return Object.values(pricing).every(
    (price) => isObject(price) || Array.isArray(price) || Number(price) === 0,
  )
}
