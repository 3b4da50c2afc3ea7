import { join } from 'node:path'
import type { ResolvedSettings, SettingName } from '../../core/settings/settings.js'
import { DEFINITIONS, KEYS } from '../../core/settings/settings.js'
import { readYamlLines } from '../../core/files/yaml-file.js'
import type { Fault } from '../../machines/files/faults.js'
import { displayPath, placed } from '../../machines/files/faults.js'

/** Returns where a setting was written, for a fault that is about its value. */
export function placeOfSetting(
  name: SettingName,
  { sources, workspace }: Pick<ResolvedSettings, 'sources' | 'workspace'>,
): Pick<Fault, 'file' | 'key' | 'line' | 'column'> {
  const variable = DEFINITIONS[name].env[0] ?? KEYS[name]
  const source = sources[name]
  if (workspace === null || (source !== 'rpa.yml' && source !== '.env'))
    return { file: 'settings', key: source === 'environment' ? variable : KEYS[name] }
  const file = join(workspace, source)
  if (source === '.env') return { file: displayPath(file), key: variable }
  return { file: displayPath(file), key: KEYS[name], ...placed(readYamlLines(file).keyPlace([KEYS[name]])) }
}
