import { ConfigError, messageOf, systemCode } from '../core/errors.js'
import { ProxyError, unreachableCode } from '../http/proxy.js'
import { isHttpsPort, tlsFault } from '../http/tls.js'
import { ModelError } from './errors.js'
import { publicUrl } from '../core/public-url.js'
import type { ModelProfile } from './provider.js'
import { endpointHint } from './refusals/hints.js'

/** Returns what went wrong below HTTP, as a ModelError; errors that are explained already come back as they are. */
function transportError(error: unknown, profile: ModelProfile, timedOut: boolean): unknown {
  if (error instanceof ModelError || error instanceof ConfigError) return error
  if (timedOut) {
    return new ModelError('timeout', `${profile.model} did not answer within ${profile.timeout} s.`, {
      cause: error,
    })
  }
  const endpoint = publicUrl(profile.baseUrl ?? '')
  // No connection came about: the provider saw nothing of the request.
  if (error instanceof ProxyError) {
    const message = `The model endpoint ${endpoint} cannot be reached: ${error.message}.`
    return new ModelError('unreachable', message, { cause: error, hint: error.hint })
  }
  const away = unreachableCode(error)
  if (away !== null) {
    return new ModelError('unreachable', `The model endpoint ${endpoint} cannot be reached (${away}).`, {
      cause: error,
      hint: 'Check the network and OPENROUTER_BASE_URL.',
    })
  }
  const tls = tlsFault(error)
  if (tls !== null) {
    const message = `The model endpoint ${endpoint} cannot be reached: ${tls.words}.`
    return new ModelError('unreachable', message, { cause: error, hint: tls.hint })
  }
  const code = systemCode(error)
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

/** Returns what went wrong below HTTP as {@link transportError} does, and looks whether an address of http is a port of https. */
export async function brokenConnection(
  error: unknown,
  profile: ModelProfile,
  timedOut: boolean,
): Promise<unknown> {
  const broken = transportError(error, profile, timedOut)
  if (!(broken instanceof ModelError) || broken.errorClass !== 'connection_failed') return broken
  const url = profile.baseUrl ?? ''
  if (!URL.canParse(url) || !(await isHttpsPort(new URL(url), error))) return broken
  return new ModelError('endpoint_wrong', `The port of ${publicUrl(url)} speaks https, not http.`, {
    cause: error,
    hint: `Begin the address with https://, or name the port of http in it. ${endpointHint(profile)}`,
  })
}

/** Returns why the user of a signal aborted. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError')
}
