import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigTree } from '../../core/files/config-tree.js'
import { ConfigError } from '../../core/errors.js'
import { packageRoot } from '../../core/package.js'
import type { Settings } from '../../core/settings/settings.js'

/**
 * Returns the folders in which configuration is looked up: the workspace's own first.
 *
 * @throws ConfigError `config_dir_missing`: what somebody wrote would silently not be used.
 */
export function configFolders(settings: Settings): ConfigTree {
  if (settings.configDir !== null && !existsSync(settings.configDir)) {
    throw new ConfigError('config_dir_missing', `There is no configuration folder ${settings.configDir}.`, {
      hint: 'Correct --config-dir, RPA_CONFIG_DIR or config_dir in rpa.yml.',
    })
  }
  const own = settings.configDir === null ? [] : [settings.configDir]
  return new ConfigTree([...own, join(packageRoot(), 'config')])
}
