import { z } from 'zod'
import { ConfigError } from '../core/errors.js'
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
  timeout: z.number().positive().max(86_400).optional(),
  extra_body: z.record(z.string(), z.unknown()).optional(),
})

const DEFAULTS = { maxTokens: 8000, timeout: 600, apiKeyEnv: 'OPENROUTER_API_KEY' }

/**
 * Returns a profile ready for use: defaults filled in, base URL from the settings where the profile names none.
 *
 * @throws ConfigError `profile_invalid` that names the profile and the key.
 */
export function toModelProfile(name: string, raw: unknown, baseUrl: string): ModelProfile {
  const parsed = Profile.safeParse(raw)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ConfigError(
      'profile_invalid',
      `profiles.yml: ${['model_profiles', name, ...(issue?.path ?? [])].join('.')}: ${issue?.message}`,
      {
        hint: 'Correct the profile; `rpa machine check` shows every fault at once.',
      },
    )
  }
  const profile = parsed.data
  return {
    profile: name,
    provider: profile.provider === 'offline' ? 'offline' : 'openai',
    model: profile.name,
    role: profile.role ?? (name === 'expensive' ? 'expensive' : 'cheap'),
    baseUrl: profile.base_url ?? baseUrl,
    apiKeyEnv: profile.api_key_env === undefined ? DEFAULTS.apiKeyEnv : profile.api_key_env,
    temperature: profile.temperature ?? null,
    maxTokens: profile.max_tokens ?? DEFAULTS.maxTokens,
    timeout: profile.timeout ?? DEFAULTS.timeout,
    extraBody: profile.extra_body ?? {},
  }
}
