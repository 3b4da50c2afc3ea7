import { ConfigError } from '../../core/errors.js'
import type { Settings } from '../../core/settings/settings.js'
import { apiKey } from '../../llm/api-key.js'
import { withOwnModel } from '../../llm/profile-faults.js'
import { toModelProfile } from '../../llm/profiles.js'
import type { ModelProfile } from '../../llm/provider.js'
import { displayPath } from '../../machines/files/faults.js'
import type { LoadedProfiles } from '../../machines/loaded.js'
import type { LoadedAgent } from '../../machines/types.js'

/** The profile of an agent, and those to ask instead, in this order. */
export type ProfileChain = readonly [ModelProfile, ...ModelProfile[]]

export type ProfileResolver = (agent: LoadedAgent) => ProfileChain

/**
 * Returns how agents come to their profiles: the override (RPA_PROFILE) if there is one, else their own, else the
 * default; behind it the fallbacks that it lists itself, and no others. The role stays that of the agent's own profile, so that cheap and expensive requests are counted as such.
 *
 * @param env where the keys are; null: none is looked for.
 * @throws ConfigError `profile_unknown`, `api_key_missing`, `profile_invalid` at once, for the agents given.
 */
export function resolveProfiles(
  source: LoadedProfiles,
  agents: readonly LoadedAgent[],
  { profile: chosen, baseUrl }: Pick<Settings, 'profile' | 'baseUrl'>,
  env: NodeJS.ProcessEnv | null,
): ProfileResolver {
  const override = chosen ?? source.override
  const named = (name: string): ModelProfile => {
    const entry = source.profiles.get(name)
    if (entry === undefined) {
      throw new ConfigError('profile_unknown', `There is no profile "${name}" in ${source.file}.`, {
        hint: `Profiles there: ${[...source.profiles.keys()].join(', ')}.`,
      })
    }
    return toModelProfile(name, entry, baseUrl)
  }
  const resolve: ProfileResolver = (agent) => {
    const own = agent.profile ?? source.default
    const isOwnModel = override === null && agent.model !== null
    const effective = override ?? own
    if (effective === null && !isOwnModel) {
      throw new ConfigError(
        'profile_unknown',
        `${agent.file} names no profile, and ${source.file} has no default.`,
      )
    }
    const profile = isOwnModel ? ownProfile(agent, source, baseUrl) : named(effective ?? '')
    const role = own !== null && source.profiles.has(own) ? named(own).role : profile.role
    const fallbacks = [...new Set(profile.fallback)].filter((name) => name !== effective).map(named)
    return [{ ...profile, role }, ...fallbacks.map((fallback) => ({ ...fallback, role }))]
  }
  for (const profile of agents.flatMap((agent) => resolve(agent))) {
    if (profile.provider !== 'offline' && env !== null) apiKey(profile, env)
  }
  return resolve
}

/**
 * Returns the profile of an agent that says in its own file which model it asks, laid over the profile that it names,
 * else over the default.
 *
 * @throws ConfigError `profile_invalid` that names the agent's file and the key.
 */
export function ownProfile(
  { file, name, profile, model }: LoadedAgent,
  source: Pick<LoadedProfiles, 'profiles' | 'default'>,
  baseUrl: string,
): ModelProfile {
  const base = profile ?? source.default
  const raw = (base === null ? null : source.profiles.get(base)) ?? {}
  const merged = withOwnModel(raw, model ?? {}, profile !== null)
  return toModelProfile(base ?? name, merged, baseUrl, `${displayPath(file)}: data.model`)
}
