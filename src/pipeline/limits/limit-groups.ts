import { ConfigError } from '../../core/errors.js'
import type { LimitGroup } from '../../llm/limits.js'
import { isModelOf } from '../../llm/limits.js'
import type { ModelProfile } from '../../llm/provider.js'
import { isFreeByName } from './is-free.js'

/** Returns the limit group that a profile's requests count for, or null: then they are not paced. */
export type GroupOf = (profile: ModelProfile) => LimitGroup | null

/**
 * Returns a profile's limit group: the one it names; else the first for the host of its endpoint that its model fits;
 * (of those for free models any that costs nothing fits); else, where the endpoint speaks OpenRouter under another address (a proxy), the first of OpenRouter's that it fits.
 *
 * @throws ConfigError `limit_group_unknown`.
 */
export function limitGroupFor(
  groups: readonly LimitGroup[],
  profile: ModelProfile,
  speaksOpenRouter: boolean,
  isFree = isFreeByName(profile.model),
): LimitGroup | null {
  if (profile.provider === 'offline') return null
  const named = explicitGroup(profile, groups)
  if (named !== null) return named
  const host = hostOf(profile.baseUrl)
  const fitting = groups.filter((group) => isModelOf(group, profile) || (isFree && isForFree(group)))
  return (
    fitting.find((group) => group.host === host) ??
    (speaksOpenRouter ? fitting.find((group) => isOpenRouter(group.host)) : undefined) ??
    null
  )
}

/**
 * Returns the limit group that a profile names itself, or null.
 *
 * @throws ConfigError `limit_group_unknown`.
 */
export function explicitGroup(profile: ModelProfile, groups: readonly LimitGroup[]): LimitGroup | null {
  if (profile.provider === 'offline' || profile.limitGroup === null) return null
  const group = groups.find(({ name }) => name === profile.limitGroup)
  if (group !== undefined) return group
  const known = groups.map(({ name }) => name)
  throw new ConfigError(
    'limit_group_unknown',
    `The profile "${profile.profile}" names the limit group "${profile.limitGroup}", which limits.yml does not have.`,
    { hint: known.length === 0 ? 'Add it to limits.yml.' : `Groups there: ${known.join(', ')}.` },
  )
}

/** A group for the names of free models is for all that cost nothing: a provider counts them by their price. */
function isForFree(group: LimitGroup): boolean {
  return group.models.endsWith(':free')
}

function isOpenRouter(host: string): boolean {
  return host === 'openrouter.ai' || host.endsWith('.openrouter.ai')
}

function hostOf(url: string | null): string {
  return url !== null && URL.canParse(url) ? new URL(url).hostname : ''
}
