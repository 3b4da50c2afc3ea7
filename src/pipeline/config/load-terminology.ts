import type { Settings } from '../../core/settings/settings.js'
import { readYamlFile } from '../../core/files/yaml-file.js'
import { parseTerminology, type Terminology } from '../../report/terms/terminology.js'
import { configFolders } from './config-folders.js'

/**
 * Returns what terminology.yml calls terms.
 *
 * @throws ConfigError `terminology_invalid`, `terminology_cycle`, and as `readYamlFile`.
 */
export function loadTerminology(settings: Settings): Terminology {
  const file = configFolders(settings).find('terminology.yml')
  return parseTerminology(file === null ? {} : readYamlFile(file), file ?? 'terminology.yml')
}
