import type { LimitGroup } from '../../llm/limits.js'
import type { ModelProfile } from '../../llm/provider.js'

/** Names of what can be closed to a request: its account, its limit group, its model. */
export interface CircuitNames {
  account: string
  /** That of the account where the request belongs to no group. */
  group: string
  model: string
}

/** Returns the names of a profile's circuits. They hold the host: what is said at one address is not true of another. */
export function circuitNames(profile: ModelProfile, group: LimitGroup | null): CircuitNames {
  const url = profile.baseUrl ?? ''
  const host = URL.canParse(url) ? new URL(url).host : 'endpoint'
  const key =
    profile.apiKeyEnv === null || profile.apiKeyEnv === 'OPENROUTER_API_KEY' ? '' : `/${profile.apiKeyEnv}`
  const account = `account:${host}${key}`
  return {
    account,
    group: group === null ? account : `group:${group.name}`,
    model: `model:${profile.model}@${host}`,
  }
}

/** Returns the same as a list, each name once. */
export function circuitList(profile: ModelProfile, group: LimitGroup | null): string[] {
  const { account, group: pool, model } = circuitNames(profile, group)
  return [...new Set([account, pool, model])]
}
