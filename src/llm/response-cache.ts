import { createHash } from 'node:crypto'
import type { Headers } from './answers/body.js'
import type { CacheStatus, ModelRequest } from './provider.js'
import { requestText } from './request.js'

/** The longest that OpenRouter keeps an answer, seconds: papers may rest for a day. */
const TTL = 86_400

/**
 * Returns the headers that have OpenRouter keep an answer, so that one that was lost here, with the process that waited for
 * it, can be had again for nothing. It knows a question by its bytes.
 */
export function cacheHeaders({ profile, isAskedAnew }: ModelRequest): Record<string, string> {
  if (!profile.responseCache) return {}
  return {
    'x-openrouter-cache': 'true',
    'x-openrouter-cache-ttl': String(TTL),
    ...(isAskedAnew === true ? { 'x-openrouter-cache-clear': 'true' } : {}),
  }
}

/** Returns what an answer says of the cache; null where it says nothing. */
export function cacheStatus(headers: Headers): CacheStatus | null {
  const told = String(headers['x-openrouter-cache-status'] ?? '').toLowerCase()
  return told === 'hit' || told === 'miss' ? told : null
}

/** Returns what names a question in the ledger as its bytes name it in the cache; null where none is asked for. */
export function questionHash(request: ModelRequest): string | null {
  if (!request.profile.responseCache) return null
  return createHash('sha256').update(requestText(request)).digest('hex')
}
