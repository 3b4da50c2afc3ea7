import { ConfigError } from '../../core/errors.js'
import { apiKey } from '../../llm/api-key.js'
import type { ModelProfile } from '../../llm/provider.js'

/** Returns what is wrong with the keys that are set; each variable once. */
export function keyFaults(profiles: readonly ModelProfile[], env: NodeJS.ProcessEnv): ConfigError[] {
  const named = new Map(profiles.map((profile) => [profile.apiKeyEnv ?? '', profile]))
  return [...named.values()].flatMap((profile) => {
    const key = profile.provider === 'offline' ? undefined : env[profile.apiKeyEnv ?? '']?.trim()
    if (!key) return []
    try {
      apiKey(profile, env)
      return []
    } catch (error) {
      if (error instanceof ConfigError) return [error]
      throw error
    }
  })
}
