import type { ConfigTree } from '../../core/files/config-tree.js'
import { readYamlFile } from '../../core/files/yaml-file.js'
import type { Limits } from '../../llm/limits.js'
import { parseLimits } from '../../llm/limits.js'

/**
 * Returns what limits.yml says; its defaults where there is none.
 *
 * @throws ConfigError `limits_invalid`.
 */
export function loadLimits(config: ConfigTree): Limits {
  const file = config.find('limits.yml')
  return parseLimits(file === null ? null : readYamlFile(file), file ?? 'limits.yml')
}
