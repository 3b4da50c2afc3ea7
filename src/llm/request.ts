import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import type { ModelRequest } from './provider.js'

/** OpenRouter drops the middle of a prompt that is too long for a small endpoint, and says nothing (its message transforms). */
const NO_COMPRESSION = { id: 'context-compression', enabled: false }

/** Returns the body of a request: what the profile adds (`extra_body`), and above it what ledger and reader rely on. */
export function requestBody({ profile, system, user, session }: ModelRequest): JsonObject {
  return {
    ...(profile.openRouter ? { plugins: [NO_COMPRESSION], session_id: session } : {}),
    ...extraBody(profile.extraBody, profile.maxTokens),
    model: profile.model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    [profile.maxTokensMember]: profile.maxTokens,
    ...(profile.temperature === null ? {} : { temperature: profile.temperature }),
  }
}

/** Returns the bytes of a request's body as text: the same for the same question, whenever and by whomever it is asked. */
export function requestText(request: ModelRequest): string {
  return JSON.stringify(requestBody(request))
}

/** Thinking is part of the answer: where the answer has to be shorter than the profile says, thinking takes half of it at most. */
function extraBody(extra: JsonObject, maxTokens: number): JsonObject {
  const reasoning = extra['reasoning']
  const most = isObject(reasoning) ? reasoning['max_tokens'] : undefined
  if (!isObject(reasoning) || typeof most !== 'number' || most < maxTokens) return extra
  return { ...extra, reasoning: { ...reasoning, max_tokens: Math.floor(maxTokens / 2) } }
}
