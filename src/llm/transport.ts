import { ConfigError, messageOf, systemCode } from '../core/errors.js'
import { ModelError } from './errors.js'
import { publicUrl } from '../core/public-url.js'
import type { ModelProfile } from './provider.js'

/** No connection came about: the provider saw nothing of the request. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Returns what went wrong below HTTP, as a ModelError; errors that are explained already come back as they are. */
export function transportError(error: unknown, profile: ModelProfile, timedOut: boolean): unknown {
  if (error instanceof ModelError || error instanceof ConfigError) return error
  if (timedOut) {
    return new ModelError('timeout', `${profile.model} did not answer within ${profile.timeout} s.`, {
      cause: error,
    })
  }
  const code = systemCode(error) ?? systemCode(error instanceof Error ? error.cause : null)
  const endpoint = publicUrl(profile.baseUrl ?? '')
  if (code !== null && UNREACHABLE.has(code)) {
    return new ModelError('unreachable', `The model endpoint ${endpoint} cannot be reached (${code}).`, {
      cause: error,
      hint: 'Check the network and OPENROUTER_BASE_URL.',
    })
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
  return new ModelError('connection_failed', `The connection to ${endpoint} broke: ${messageOf(error)}`, {
    // A parser's error carries the bytes it stumbled over: they are not for the log.
    cause: error instanceof Error && error.name === 'HTTPParserError' ? undefined : error,
  })
}

/** Returns why the user of a signal aborted. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError')
}
