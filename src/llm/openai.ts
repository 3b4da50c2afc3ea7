import { Readable } from 'node:stream'
import type { Clock } from '../core/clock.js'
import { publicUrl } from '../core/public-url.js'
import type { HttpResponse } from '../http/connections.js'
import { Connections } from '../http/connections.js'
import { readAccount } from './account.js'
import { apiKey } from './api-key.js'
import { isAtItsEnd, readAnswer } from './answer.js'
import { bodyText, receive } from './answers/body.js'
import { ModelError } from './errors.js'
import { endpointHint } from './refusals/hints.js'
import type { ModelAnswer, ModelRequest, Provider } from './provider.js'
import { requestText } from './request.js'
import { cacheHeaders } from './response-cache.js'
import type { Mask } from './answers/json-body.js'
import { maskOf } from './secret.js'
import { abortReason, brokenConnection } from './transport.js'

/** More moves than this are a loop. */
const MOST_MOVES = 3

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
  readonly #connections = new Connections({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 15_000 })

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
    const mask = maskOf(key)
    const deadline = AbortSignal.timeout(Math.ceil(call.profile.timeout * 1000))
    const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal])
    try {
      const url = `${(call.profile.baseUrl ?? '').replace(/\/+$/, '')}/chat/completions`
      const { statusCode: status, headers, body } = await this.#post(url, call, { key, mask }, signal)
      const { bytes, failure } = await receive(body)
      const text = mask(bodyText(bytes, headers))
      // An answer that is all there is paid for, whatever became of its connection.
      if (failure !== null && (call.signal?.aborted === true || !isAtItsEnd(text, mask))) throw failure
      return readAnswer(call, { status, headers, text }, mask, clock.now())
    } catch (error) {
      if (call.signal?.aborted === true && !(error instanceof ModelError)) throw abortReason(call.signal)
      if (error instanceof ModelError) throw await this.#believed(error, call, key)
      throw await brokenConnection(error, call.profile, deadline.aborted)
    }
  }

  /** Valid keys are refused at random now and then: only where the endpoint's own word on the key agrees is a 401 believed. */
  async #believed(error: ModelError, { profile, signal }: ModelRequest, key: string | null): Promise<Error> {
    if (error.errorClass !== 'key_rejected' || error.details.statusCode !== 401 || key === null) return error
    const { userAgent } = this.#options
    const account = await readAccount(profile.baseUrl ?? '', key, { userAgent, signal }).catch(() => null)
    if (account === null) return error
    const message = `${error.message} (the endpoint itself says that the key is good)`
    return new ModelError('server_error', message, { statusCode: 401, cause: error })
  }

  /** Follows a move (307, 308) on the same host; key and papers go to no other. */
  async #post(
    first: string,
    call: ModelRequest,
    { key, mask }: { key: string | null; mask: Mask },
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    let url = first
    const text = Buffer.from(requestText(call))
    for (let moves = 0; ; moves += 1) {
      const response = await this.#connections.request(url, {
        method: 'POST',
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': String(text.length),
          'user-agent': this.#options.userAgent,
          ...cacheHeaders(call),
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        },
        body: onceAllowed(text, call.beforeSending),
      })
      const { statusCode, headers, body } = response
      const location = Array.isArray(headers['location']) ? headers['location'][0] : headers['location']
      if (statusCode < 300 || statusCode > 399 || location === undefined) return response
      await body.dump()
      const target = URL.canParse(location, url) ? new URL(location, url) : null
      const isSame = target !== null && target.origin === new URL(url).origin
      const keepsBody = statusCode === 307 || statusCode === 308
      if (!isSame || !keepsBody || moves >= MOST_MOVES)
        throw moved(call, statusCode, mask(target?.href ?? location))
      url = target.href
    }
  }

  /** Closes idle sockets, so that the process can end. */
  async close(): Promise<void> {
    await this.#connections.destroy()
  }
}

/** A body is asked for when the connection is open, and the head of the request goes out with its first part. */
function onceAllowed(text: Buffer, beforeSending: ModelRequest['beforeSending']): Readable {
  const body = Readable.from(parts())
  async function* parts(): AsyncGenerator<Buffer> {
    await beforeSending?.(() => body.destroyed)
    yield text
  }
  return body
}

function moved({ profile }: ModelRequest, statusCode: number, target: string): ModelError {
  const base = publicUrl(target).replace(/\/chat\/completions.*$/s, '')
  const message = `${profile.model}: the endpoint has moved (${statusCode}) to ${publicUrl(target).slice(0, 300)}.`
  return new ModelError('endpoint_wrong', message, {
    statusCode,
    hint: `If that is right, set the base URL to ${base.slice(0, 300)}. ${endpointHint(profile)}`,
  })
}
