import { z } from 'zod'
import { ConfigError } from '../core/errors.js'
import { MODEL_ERROR_CLASSES } from './errors.js'
import type { ModelProfile } from './provider.js'

/** `openai` and `openrouter` speak the same protocol; others wrote their provider's name. */
const Profile = z.object({
  name: z.string().min(1),
  provider: z.string().optional(),
  base_url: z.string().nullish(),
  api_key_env: z.string().nullish(),
  role: z.enum(['cheap', 'expensive']).optional(),
  temperature: z.number().min(0).max(2).nullish(),
  max_tokens: z.number().int().positive().optional(),
  max_tokens_member: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  context_length: z.number().int().positive().optional(),
  timeout: z.number().positive().max(86_400).optional(),
  extra_body: z.record(z.string(), z.unknown()).optional(),
  limit_group: z.string().min(1).nullish(),
  fallback: z.union([z.string().min(1), z.array(z.string().min(1))]).optional(),
  uncounted: z.array(z.enum(MODEL_ERROR_CLASSES)).optional(),
})

const DEFAULTS = { maxTokens: 8000, contextLength: 32_768, timeout: 600, apiKeyEnv: 'OPENROUTER_API_KEY' }

/** Where no connection came about the provider saw nothing; everything else may have counted there. */
const UNCOUNTED = ['unreachable']

/**
 * Returns a profile ready for use: defaults filled in, base URL from the settings where the profile names none.
 *
 * @throws ConfigError `profile_invalid` that names the profile and the key.
 */
export function toModelProfile(name: string, raw: unknown, baseUrl: string): ModelProfile {
  const parsed = Profile.safeParse(raw)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(name, issue?.path ?? [], issue?.message ?? 'cannot be read')
  }
  const profile = parsed.data
  const maxTokens = profile.max_tokens ?? DEFAULTS.maxTokens
  const contextLength = profile.context_length ?? DEFAULTS.contextLength
  if (maxTokens >= contextLength) {
    const key = profile.max_tokens === undefined ? 'context_length' : 'max_tokens'
    const message = `an answer of ${maxTokens} tokens (max_tokens) leaves no room for a prompt in ${contextLength} (context_length)`
    throw invalid(name, [key], message)
  }
  return {
    profile: name,
    provider: profile.provider === 'offline' ? 'offline' : 'openai',
    openRouter: profile.provider === 'openrouter' || isOpenRouter(profile.base_url ?? baseUrl),
    model: profile.name,
    role: profile.role ?? (name === 'expensive' ? 'expensive' : 'cheap'),
    baseUrl: profile.base_url ?? baseUrl,
    ownBaseUrl: typeof profile.base_url === 'string',
    apiKeyEnv: profile.api_key_env === undefined ? DEFAULTS.apiKeyEnv : profile.api_key_env,
    temperature: profile.temperature ?? null,
    maxTokens,
    maxTokensMember: profile.max_tokens_member ?? 'max_tokens',
    contextLength,
    timeout: profile.timeout ?? DEFAULTS.timeout,
    extraBody: profile.extra_body ?? {},
    limitGroup: profile.limit_group ?? null,
    fallback: profile.fallback === undefined ? [] : [profile.fallback].flat(),
    uncounted: new Set<string>(profile.uncounted ?? UNCOUNTED),
  }
}

function invalid(name: string, path: readonly PropertyKey[], message: string): ConfigError {
  return new ConfigError(
    'profile_invalid',
    `profiles.yml: ${['model_profiles', name, ...path].map(String).join('.')}: ${message}`,
    { hint: 'Correct the profile; `rpa machine check` shows every fault at once.' },
  )
}

/** Whether a base URL is OpenRouter's own. */
function isOpenRouter(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && /(^|\.)openrouter\.ai$/.test(new URL(baseUrl).hostname)
}
