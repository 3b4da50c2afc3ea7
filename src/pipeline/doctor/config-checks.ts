import type { ResolvedSettings, SettingName } from '../../core/settings/settings.js'
import { DEFINITIONS, SETTING_NAMES } from '../../core/settings/settings.js'
import { ConfigError } from '../../core/errors.js'
import { apiKey } from '../../llm/api-key.js'
import type { ModelProfile } from '../../llm/provider.js'
import type { SettingsInForce } from '../config/check-config.js'
import { checkInForce } from '../config/check-config.js'
import { configFolders } from '../config/config-folders.js'
import type { Finding } from './finding.js'
import { formatFaultWithPlace } from '../../machines/files/faults.js'
import { badOf } from './finding.js'

/** Returns whether the configuration files in force hold together. */
export function filesCheck(resolved: SettingsInForce): Finding {
  const check = 'configuration'
  try {
    const { files } = checkInForce(configFolders(resolved.settings), resolved)
    const faults = files.flatMap((file) => file.faults)
    if (faults.length === 0) return { check, state: 'good', message: `${files.length} files` }
    const [first, ...others] = faults.map(formatFaultWithPlace)
    const message = others.length === 0 ? `${first}` : `${faults.length} faults, the first: ${first}`
    return { check, state: 'bad', message, todo: 'rpa config check names each.' }
  } catch (error) {
    if (error instanceof ConfigError) return badOf(check, error)
    throw error
  }
}

/** Returns whether each key is set that a profile in force needs; its value is not shown. */
export function keyChecks(profiles: readonly ModelProfile[], env: NodeJS.ProcessEnv): Finding[] {
  const asking = profiles.filter(({ provider, apiKeyEnv }) => provider !== 'offline' && apiKeyEnv !== null)
  const named = new Map(asking.map((profile) => [profile.apiKeyEnv, profile]))
  return [...named.values()].flatMap((profile): Finding[] => {
    const others = asking.filter((one) => one !== profile && one.apiKeyEnv === profile.apiKeyEnv)
    try {
      apiKey(profile, env)
      return [{ check: 'key', state: 'good', message: `${profile.apiKeyEnv} is set` }]
    } catch (error) {
      if (error instanceof ConfigError) return [withOthers(badOf('key', error), others)]
      throw error
    }
  })
}

function withOthers(finding: Finding, others: readonly ModelProfile[]): Finding {
  if (others.length === 0) return finding
  const names = others.map(({ profile }) => `"${profile}"`).join(', ')
  return { ...finding, message: `${finding.message} It is the key of ${names} too.` }
}

/**
 * Returns what this shell has and cron would not: it starts commands without anybody's exports.
 *
 * @param env as this process was started with.
 */
export function cronCheck(
  { sources, workspace }: Pick<ResolvedSettings, 'sources' | 'workspace'>,
  profiles: readonly ModelProfile[],
  env: NodeJS.ProcessEnv,
): Finding {
  const keys = profiles.flatMap(({ apiKeyEnv }) => (apiKeyEnv === null ? [] : [apiKeyEnv]))
  const settings = SETTING_NAMES.filter((name) => sources[name] === 'environment').map((name) =>
    variableOf(name, env),
  )
  const lost = [...new Set([...keys.filter((name) => env[name]?.trim()), ...settings])]
  if (lost.length === 0)
    return { check: 'cron', state: 'good', message: 'sees the same settings and keys as you' }
  return {
    check: 'cron',
    state: 'note',
    message: `would not see ${lost.join(', ')}, which only this shell sets`,
    todo:
      workspace === null
        ? 'Make a workspace with rpa init, and put them into its .env (chmod 600).'
        : `Put them into ${workspace}/.env (chmod 600).`,
  }
}

function variableOf(name: SettingName, env: NodeJS.ProcessEnv): string {
  return DEFINITIONS[name].env.find((candidate) => env[candidate]?.trim()) ?? name
}
