import * as z from 'zod'
import { isObject } from '../core/json.js'
import { Connections } from '../http/connections.js'
import { ModelError } from './errors.js'

/** What the provider itself says of a key and the account behind it. Null: it does not say. */
export interface AccountState {
  /** Requests to free models in the current UTC day, all keys of the account together; may exceed the limit. */
  freeUsed: number | null
  freeLimit: number | null
  isFreeTier: boolean | null
  /** Credits (USD) that the key may still spend; null also where it has no limit. */
  limitRemaining: number | null
  /** Credits (USD) spent with this key. */
  usage: number | null
}

export interface AccountOptions {
  userAgent: string
  /** Milliseconds for the whole answer. */
  timeoutMs?: number
  signal?: AbortSignal | undefined
}

const TIMEOUT_MS = 5000
/** The answer has less than a kilobyte. */
const MAX_BODY_BYTES = 64 * 1024

const amount = z.number().nullish().catch(null)
const Key = z.object({
  data: z.object({
    free_model_daily_requests: z
      .object({
        used: z.number().int().nonnegative().nullish().catch(null),
        limit: z.number().int().positive().nullish().catch(null),
      })
      .nullish()
      .catch(null),
    is_free_tier: z.boolean().nullish().catch(null),
    limit_remaining: amount,
    usage: amount,
  }),
})

/**
 * Asks an endpoint for its own count of the key's requests (OpenRouter's `GET /key`, which costs no request; its count
 * lags by about a minute). One attempt, no redirect.
 *
 * @returns null where the endpoint does not speak it, or does not answer in time: the requests themselves will say why.
 * @throws ModelError `key_rejected` if it refuses the key.
 */
export async function readAccount(
  baseUrl: string,
  key: string | null,
  options: AccountOptions,
): Promise<AccountState | null> {
  const deadline = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal])
  const connections = new Connections()
  try {
    const response = await connections.request(`${baseUrl.replace(/\/+$/, '')}/key`, {
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': options.userAgent,
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      },
    })
    const body = parseJson(await readBody(response.body))
    if (response.statusCode === 401 && isRefusal(body)) throw keyRejected(baseUrl)
    return response.statusCode === 200 ? accountState(body) : null
  } catch (error) {
    if (error instanceof ModelError) throw error
    return null
  } finally {
    await connections.destroy()
  }
}

/** Returns what the body of `GET /key` says, or null if it is not OpenRouter's. */
export function accountState(body: unknown): AccountState | null {
  const data = isObject(body) ? body['data'] : undefined
  if (!isObject(data) || !('free_model_daily_requests' in data || 'is_free_tier' in data)) return null
  const parsed = Key.safeParse(body)
  if (!parsed.success) return null
  const { free_model_daily_requests: free, is_free_tier, limit_remaining, usage } = parsed.data.data
  return {
    freeUsed: free?.used ?? null,
    freeLimit: free?.limit ?? null,
    isFreeTier: is_free_tier ?? null,
    limitRemaining: limit_remaining ?? null,
    usage: usage ?? null,
  }
}

/** OpenRouter's refusal; a server that knows no such path may also answer 401, in its own words. */
function isRefusal(body: unknown): boolean {
  const error = isObject(body) ? body['error'] : undefined
  return isObject(error) && error['code'] === 401 && typeof error['message'] === 'string'
}

function keyRejected(baseUrl: string): ModelError {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : 'the endpoint'
  return new ModelError('key_rejected', `${host} does not accept the API key (401).`, { statusCode: 401 })
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new Error('The answer is too large.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
