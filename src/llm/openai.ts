import { Agent, request } from 'undici'
import type { Clock } from '../core/clock.js'
import { ConfigError } from '../core/errors.js'
import { readAnswer } from './answer.js'
import { ModelError } from './errors.js'
import type { ModelAnswer, ModelProfile, ModelRequest, Provider } from './provider.js'
import { abortReason, transportError } from './transport.js'

/** No answer of ours is near this; a larger body is an attack or a fault. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

export interface OpenAiOptions {
  /** Reads the key from the environment; it goes into the header and nowhere else. */
  env: NodeJS.ProcessEnv
  clock: Clock
  userAgent: string
}

/** Client of OpenAI-compatible chat completion endpoints (OpenRouter's API reference; see docs/models.md). */
export class OpenAiProvider implements Provider {
  readonly #options: OpenAiOptions
  /** Slow answers are padded with blanks, which resets idle timeouts: only the total deadline counts. */
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 15_000 } })

  constructor(options: OpenAiOptions) {
    this.#options = options
  }

  /**
   * Sends one request; there is no retry in here.
   *
   * @returns a whole answer: not empty, not cut, not filtered.
   * @throws ModelError with its class; ConfigError `api_key_missing` before anything is sent.
   */
  async complete(call: ModelRequest): Promise<ModelAnswer> {
    const { clock } = this.#options
    const key = apiKey(call.profile, this.#options.env)
    const deadline = AbortSignal.timeout(Math.ceil(call.profile.timeout * 1000))
    const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal])
    try {
      const response = await request(`${(call.profile.baseUrl ?? '').replace(/\/+$/, '')}/chat/completions`, {
        method: 'POST',
        dispatcher: this.#agent,
        signal,
        headers: {
          'content-type': 'application/json',
          'user-agent': this.#options.userAgent,
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(requestBody(call)),
      })
      const text = withoutKey(await readBody(response.body), key)
      return readAnswer(call, response.statusCode, response.headers, text, clock.now())
    } catch (error) {
      if (call.signal?.aborted === true && !(error instanceof ModelError)) throw abortReason(call.signal)
      throw transportError(error, call.profile, deadline.aborted)
    }
  }

  /** Closes idle sockets, so that the process can end. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

/**
 * Returns the key of a profile, or null for one that needs none.
 *
 * @throws ConfigError `api_key_missing`, `api_key_invalid` naming the variable.
 */
export function apiKey(profile: ModelProfile, env: NodeJS.ProcessEnv): string | null {
  if (profile.apiKeyEnv === null) return null
  const key = env[profile.apiKeyEnv]?.trim()
  if (key && /^[\x21-\x7e]+$/.test(key)) return key
  if (key) {
    throw new ConfigError('api_key_invalid', `${profile.apiKeyEnv} holds characters that no API key has.`, {
      hint: 'Set it again; quotes, blanks or an ellipsis may have come with it when it was copied.',
    })
  }
  throw new ConfigError(
    'api_key_missing',
    `The profile "${profile.profile}" needs an API key in ${profile.apiKeyEnv}, which is not set.`,
    {
      hint: `export ${profile.apiKeyEnv}=…, or work without a model: --profile offline (RPA_PROFILE=offline).`,
    },
  )
}

/** OpenRouter drops the middle of a prompt that is too long for a small endpoint, and says nothing (its message transforms). */
const NO_COMPRESSION = { id: 'context-compression', enabled: false }

function requestBody(call: ModelRequest): Record<string, unknown> {
  const { profile } = call
  return {
    ...(profile.openRouter ? { plugins: [NO_COMPRESSION] } : {}),
    ...profile.extraBody,
    model: profile.model,
    messages: [
      { role: 'system', content: call.system },
      { role: 'user', content: call.user },
    ],
    max_tokens: profile.maxTokens,
    ...(profile.temperature === null ? {} : { temperature: profile.temperature }),
  }
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_BODY_BYTES)
      throw new ModelError('malformed_answer', `The answer is larger than ${MAX_BODY_BYTES} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A server may send back what it was sent: the key must not come into messages, the log or the DB that way. */
function withoutKey(text: string, key: string | null): string {
  return key === null || key.length < 8 ? text : text.replaceAll(key, '[key]')
}
