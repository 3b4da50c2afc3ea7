import { ConfigError } from '../core/errors.js'
import type { ModelProfile } from './provider.js'

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
