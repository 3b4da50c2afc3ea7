import { Agent, request } from 'undici'
import { z } from 'zod'
import type { Clock } from '../core/clock.js'
import { ConfigError, messageOf, systemCode } from '../core/errors.js'
import { refusal } from './classify.js'
import { ModelError } from './errors.js'
import type { ModelAnswer, ModelProfile, ModelRequest, Provider } from './provider.js'
import { readRateLimit } from './rate-limit.js'

/** No answer of ours is near this; a larger body is an attack or a fault. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** What is said about an answer may be odd without the answer being worth less: it was paid for. */
const Usage = z.object({
  prompt_tokens: z.number().nullish().catch(null),
  completion_tokens: z.number().nullish().catch(null),
  cost: z.number().nullish().catch(null),
})
const Completion = z.object({
  model: z.string().nullish().catch(null),
  usage: Usage.nullish().catch(null),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish().catch(null),
        error: z.unknown().optional(),
        message: z.object({ content: z.string().nullish() }).nullish(),
      }),
    )
    .min(1),
})

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
    const deadline = AbortSignal.timeout(call.profile.timeout * 1000)
    const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal])
    const secrets = key === null ? [] : [key]
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
      const text = await readBody(response.body)
      return readAnswer(call, response.statusCode, response.headers, text, clock.now())
    } catch (error) {
      if (call.signal?.aborted === true && !(error instanceof ModelError)) throw abortReason(call.signal)
      throw withoutSecrets(transportError(error, call.profile, deadline.aborted), secrets)
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

function requestBody(call: ModelRequest): Record<string, unknown> {
  const { profile } = call
  return {
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

function readAnswer(
  call: ModelRequest,
  status: number,
  headers: Record<string, string | string[] | undefined>,
  text: string,
  now: number,
): ModelAnswer {
  const body = parseJson(text) ?? fromEvents(text)
  const rateLimit = readRateLimit(headers, body, status, now)
  const refused = refusal(status, body, text, rateLimit, call.profile, now)
  if (refused !== null) throw refused
  const parsed = Completion.safeParse(body)
  const { model } = call.profile
  if (!parsed.success) {
    const shape = body === undefined ? describeText(text) : 'JSON that is not a chat completion'
    throw new ModelError('malformed_answer', `${model} answered with ${shape}.`, {
      statusCode: status,
      rateLimit,
    })
  }
  const { usage, choices } = parsed.data
  const details = {
    statusCode: status,
    rateLimit,
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
    costUsd: usage?.cost ?? null,
  }
  const choice = choices[0]
  const content = choice?.message?.content ?? ''
  switch (choice?.finish_reason) {
    case 'length':
      throw new ModelError(
        'truncated_answer',
        `${model} ran into max_tokens (${call.profile.maxTokens}) before it was finished.`,
        {
          ...details,
          hint: 'Raise max_tokens of the profile, or choose a model that reasons less.',
        },
      )
    case 'content_filter':
      throw new ModelError('filtered_answer', `${model} withheld its answer (content filter).`, details)
    case 'tool_calls':
    case 'function_call':
      throw new ModelError('malformed_answer', `${model} answered with a tool call instead of text.`, details)
    default:
  }
  if (content.trim() === '') throw new ModelError('empty_answer', `${model} gave an empty answer.`, details)
  return {
    content,
    model: parsed.data.model ?? model,
    promptTokens: details.promptTokens,
    completionTokens: details.completionTokens,
    costUsd: details.costUsd,
    rateLimit,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** OpenRouter pads slow answers, and has sent its errors as an event of a stream under a 200. */
function fromEvents(text: string): unknown {
  const events = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith(':'))
  const [first] = events
  return first === undefined || first === text ? undefined : parseJson(first.replace(/^data:/, ''))
}

function describeText(text: string): string {
  if (text.trim() === '') return 'an empty body'
  return /^\s*(<!doctype|<html)/i.test(text) ? 'an HTML page' : 'a body that is not JSON'
}

function transportError(error: unknown, profile: ModelProfile, timedOut: boolean): unknown {
  if (error instanceof ModelError || error instanceof ConfigError) return error
  if (timedOut) {
    return new ModelError('timeout', `${profile.model} did not answer within ${profile.timeout} s.`, {
      cause: error,
    })
  }
  const code = systemCode(error) ?? systemCode(error instanceof Error ? error.cause : null)
  const endpoint = publicUrl(profile.baseUrl)
  if (
    [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ENETUNREACH',
      'EHOSTUNREACH',
      'UND_ERR_CONNECT_TIMEOUT',
    ].includes(code ?? '')
  ) {
    return new ModelError(
      'unreachable',
      `The model endpoint ${endpoint} cannot be reached (${code}).`,
      {
        cause: error,
        hint: 'Check the network and OPENROUTER_BASE_URL.',
      },
    )
  }
  if (code === 'ERR_INVALID_URL' || code === 'UND_ERR_INVALID_ARG') {
    return new ConfigError(
      'base_url',
      `The base URL "${endpoint}" of profile "${profile.profile}" is not a URL.`,
      {
        hint: 'Correct OPENROUTER_BASE_URL or base_url in profiles.yml.',
      },
    )
  }
  return new ModelError(
    'connection_failed',
    `The connection to ${endpoint} broke: ${messageOf(error)}`,
    { cause: error },
  )
}

function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError')
}

/** Returns the URL without the credentials that may stand in it. */
function publicUrl(url: string | null): string {
  return (url ?? '').replace(/\/\/[^/@]*@/, '//')
}

/** A server may send back what it was sent: the key goes into no message, whoever wrote it. */
function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof Error)) return error
  for (const secret of secrets) error.message = error.message.replaceAll(secret, '[key]')
  return error
}
