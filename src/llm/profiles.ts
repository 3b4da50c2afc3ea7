import { ConfigError } from '../core/errors.js'
import type { ProfileFault } from './profile-faults.js'
import { Profile, PROFILE_DEFAULTS, profileFaults } from './profile-faults.js'
import type { ModelProfile } from './provider.js'

/** The variable of the key to the endpoint that OPENROUTER_BASE_URL names. */
const DEFAULT_KEY = 'OPENROUTER_API_KEY'

/** Where no connection came about the provider saw nothing; everything else may have counted there. */
const UNCOUNTED = ['unreachable']

/**
 * Returns a profile ready for use: defaults filled in, base URL from the settings where the profile names none. The
 * default key goes to the endpoint of the settings, to OpenRouter and to this machine, and nowhere else.
 *
 * @param place where it is written, for what is said of a fault.
 * @throws ConfigError `profile_invalid` that names the profile and the key.
 */
export function toModelProfile(
  name: string,
  raw: unknown,
  baseUrl: string,
  place = `profiles.yml: model_profiles.${name}`,
): ModelProfile {
  const [fault] = profileFaults(raw)
  if (fault !== undefined) {
    const { path, message, hint } = fault
    throw invalid(place, path, hint === undefined ? message : `${message} (${hint})`)
  }
  const profile = Profile.parse(raw)
  const url = profile.base_url ?? baseUrl
  const apiKeyEnv = keyOf(profile.api_key_env, url, baseUrl)
  if (apiKeyEnv === undefined) throw invalid(place, ['api_key_env'], foreignKey(url, baseUrl))
  return {
    profile: name,
    provider: profile.provider ?? 'openai',
    openRouter: profile.provider === 'openrouter' || isOpenRouter(url),
    model: profile.name,
    role: profile.role ?? (name === 'expensive' ? 'expensive' : 'cheap'),
    baseUrl: url,
    ownBaseUrl: typeof profile.base_url === 'string',
    apiKeyEnv,
    temperature: profile.temperature ?? null,
    maxTokens: profile.max_tokens ?? PROFILE_DEFAULTS.maxTokens,
    maxTokensMember: profile.max_tokens_member ?? 'max_tokens',
    contextLength: profile.context_length ?? PROFILE_DEFAULTS.contextLength,
    timeout: profile.timeout ?? PROFILE_DEFAULTS.timeout,
    extraBody: profile.extra_body ?? {},
    responseCache: profile.response_cache ?? isOpenRouter(url),
    warmFirst: profile.warm_first ?? false,
    limitGroup: profile.limit_group ?? null,
    fallback: profile.fallback === undefined ? [] : [profile.fallback].flat(),
    uncounted: new Set<string>(profile.uncounted ?? UNCOUNTED),
  }
}

/** Returns the variable whose key goes to a URL; null: none does; undefined: the one that is named must not. */
function keyOf(named: string | null | undefined, url: string, baseUrl: string): string | null | undefined {
  if (named === null || (named !== undefined && named !== DEFAULT_KEY)) return named
  const own = hostOf(url) === hostOf(baseUrl)
  if (named === undefined) return own ? DEFAULT_KEY : null
  return own || isOpenRouter(url) || isThisMachine(url) ? DEFAULT_KEY : undefined
}

/** Returns what is wrong with the key that a profile names for its endpoint, or null; also for one that is no profile. */
export function keyFault(raw: unknown, baseUrl: string): ProfileFault | null {
  const parsed = Profile.safeParse(raw)
  if (!parsed.success) return null
  const url = parsed.data.base_url ?? baseUrl
  if (keyOf(parsed.data.api_key_env, url, baseUrl) !== undefined) return null
  return { path: ['api_key_env'], message: foreignKey(url, baseUrl) }
}

function foreignKey(url: string, baseUrl: string): string {
  return `${DEFAULT_KEY} is the key to ${hostOf(baseUrl)}, not to ${hostOf(url)}: keep the key of that in a variable of its own`
}

function invalid(place: string, path: readonly PropertyKey[], message: string): ConfigError {
  return new ConfigError('profile_invalid', `${[place, ...path].map(String).join('.')}: ${message}`, {
    hint: 'Correct the profile; `rpa machine check` shows every fault at once.',
  })
}

/** Whether a base URL is OpenRouter's own. */
function isOpenRouter(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && /(^|\.)openrouter\.ai$/.test(new URL(baseUrl).hostname)
}

/** Whether a URL leads to the machine that we are on. */
export function isThisMachine(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '[::1]'
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}
