import { ConfigError } from '../core/errors.js'
import { keyLooks } from './key-looks.js'
import type { ModelProfile } from './provider.js'

/**
 * Returns the key of a profile, or null for one that needs none.
 *
 * @throws ConfigError `api_key_missing`, `api_key_invalid` naming the variable.
 */
export function apiKey(profile: ModelProfile, env: NodeJS.ProcessEnv): string | null {
  if (profile.apiKeyEnv === null) return null
  const key = env[profile.apiKeyEnv]?.trim()
  if (key) return wholeKey(profile.apiKeyEnv, key, profile.baseUrl)
  throw new ConfigError(
    'api_key_missing',
    `The profile "${profile.profile}" needs an API key in ${profile.apiKeyEnv}, which is not set.`,
    {
      hint: `Write ${profile.apiKeyEnv}=… into .env beside rpa.yml (chmod 600), where cron finds it too, or export it; or work without a model: --profile offline (RPA_PROFILE=offline).`,
    },
  )
}

/**
 * Returns a key that may be one.
 *
 * @param variable that holds it.
 * @param url that it is sent to.
 * @throws ConfigError `api_key_invalid` naming the variable.
 */
export function wholeKey(variable: string, key: string, url: string | null): string {
  const fault = keyLooks(key, url !== null && URL.canParse(url) ? new URL(url).hostname : null)
  if (fault === null) return key
  throw new ConfigError('api_key_invalid', `${variable} ${fault.message}.`, { hint: fault.hint })
}
