import { publicUrl } from '../../core/public-url.js'
import type { ResolvedSettings, Settings, SettingSource } from '../../core/settings/settings.js'
import { KEYS, SETTING_NAMES } from '../../core/settings/settings.js'

/** The settings in force. */
export interface ShownSettings {
  /** Folder of the rpa.yml in force; null: none. */
  workspace: string | null
  /** By their keys in rpa.yml. */
  settings: Record<string, { value: Settings[keyof Settings]; source: SettingSource }>
  /** Names of variables that the workspace's .env sets; their values may be secret. */
  env_file: string[]
}

/** Returns every setting with its origin; no URL shows user or password. */
export function shownSettings({ settings, sources, workspace, variables }: ResolvedSettings): ShownSettings {
  const shown = SETTING_NAMES.map((name) => {
    const value = settings[name]
    const isUrl = typeof value === 'string' && value.includes('://')
    return [KEYS[name], { value: isUrl ? publicUrl(value) : value, source: sources[name] }] as const
  })
  return { workspace, settings: Object.fromEntries(shown), env_file: Object.keys(variables).sort() }
}
