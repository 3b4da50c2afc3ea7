import { ConfigError } from '../../core/errors.js'
import type { Settings } from '../../core/settings/settings.js'
import { readYamlFile } from '../../core/files/yaml-file.js'
import type { RelevanceLists } from '../../corpus/seeding/relevance.js'
import { configFolders } from './config-folders.js'

/**
 * Returns the lists of keywords that relevance.yml says where they are needed or shown, else null: to weigh a paper its
 * texts have to be read.
 *
 * @throws ConfigError `relevance_invalid`; `relevance_unset` where they are needed and there are none.
 */
export async function wantedRelevance(
  settings: Settings,
  needed: boolean,
  shown: boolean,
): Promise<RelevanceLists | null> {
  if (!needed && !shown) return null
  const file = configFolders(settings).find('relevance.yml')
  const content = file === null ? null : readYamlFile(file)
  let lists: RelevanceLists | null = null
  if (file !== null && content != null) {
    // The checker of schemas takes longer to load than most files of this kind are worth.
    const { parseRelevance } = await import('../../corpus/seeding/relevance.js')
    lists = parseRelevance(content, file)
  }
  if (lists !== null || !needed) return lists
  throw new ConfigError('relevance_unset', 'There are no lists of keywords to weigh papers by.', {
    hint: `Copy ${file ?? 'relevance.yml'} into the folder config/ of your workspace, and write yours.`,
  })
}
