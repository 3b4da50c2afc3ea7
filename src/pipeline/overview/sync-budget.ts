import type { AccountState } from '../../llm/account.js'
import { countByPipeline, pipelinesInUse } from '../../db/executions/pipelines.js'
import { apiKey } from '../../llm/api-key.js'
import { loadLimitGroups } from './budget-report.js'
import { profilesInForce } from '../config/phase-profiles.js'
import { askProviders } from '../limits/provider-counts.js'
import type { Resources } from '../resources/resources.js'

/** What one endpoint said of its account; the members are null where it did not say. */
export interface Synced {
  /** Host of the endpoint. */
  endpoint: string
  /** Variable that holds the key. */
  key: string | null
  /** False: it keeps no such count, or did not answer. */
  answered: boolean
  free_used: number | null
  free_limit: number | null
  is_free_tier: boolean | null
  credits_left: number | null
  credits_used: number | null
}

/**
 * Asks the endpoints of all profiles in force for their own count, now, and records it beside the ledger's.
 *
 * @returns what each endpoint said; empty where everything works offline.
 * @throws ConfigError `api_key_missing`, `api_key_invalid`, `key_rejected`, and where the configuration is wrong.
 */
export async function syncBudget(resources: Resources): Promise<Synced[]> {
  const { db, config, settings, env } = resources
  const pipelines = pipelinesInUse(await countByPipeline(db))
  const profiles = Object.values(profilesInForce(config, settings, pipelines)).flat(2)
  for (const profile of profiles) if (profile.provider !== 'offline') apiKey(profile, env)
  const { endpoints } = await askProviders(resources, profiles, loadLimitGroups(config))
  return endpoints.map(({ baseUrl, apiKeyEnv, account }) => ({
    endpoint: URL.canParse(baseUrl) ? new URL(baseUrl).host : 'endpoint',
    key: apiKeyEnv,
    answered: account !== null,
    ...saidBy(account),
  }))
}

function saidBy(account: AccountState | null) {
  return {
    free_used: account?.freeUsed ?? null,
    free_limit: account?.freeLimit ?? null,
    is_free_tier: account?.isFreeTier ?? null,
    credits_left: account?.limitRemaining ?? null,
    credits_used: account?.usage ?? null,
  }
}
