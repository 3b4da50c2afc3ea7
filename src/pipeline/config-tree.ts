import { join } from 'node:path'
import { ConfigTree } from '../core/config-tree.js'
import { packageRoot } from '../core/package.js'
import type { Settings } from '../core/settings.js'

/** Returns the folders in which configuration is looked up: the workspace's own first. */
export function configTree(settings: Settings): ConfigTree {
  const own = settings.configDir === null ? [] : [settings.configDir]
  return new ConfigTree([...own, join(packageRoot(), 'config')])
}
