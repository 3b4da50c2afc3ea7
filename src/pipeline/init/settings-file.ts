import { isAbsolute, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../../core/package.js'
import { resolveSettings } from '../../core/settings/resolve-settings.js'
import { SETTING_WORDS } from '../../core/settings/setting-words.js'
import { KEYS, SETTING_NAMES } from '../../core/settings/settings.js'

const HEAD = `# Settings of this workspace. What is commented out has the value shown: the default, or an example where there is none.
# A flag wins over the environment, that over .env, that over this file; \`rpa config show\` tells what is in force.
`

/**
 * Returns an rpa.yml with every setting, commented out.
 *
 * @param folder the workspace's, absolute.
 */
export async function settingsFile(folder: string): Promise<string> {
  const { settings } = await resolveSettings({}, {}, folder)
  const entries = SETTING_NAMES.map((name) => {
    const { about, example } = SETTING_WORDS[name]
    const value: unknown = settings[name]
    return `# ${about}\n# ${KEYS[name]}: ${value === null ? (example ?? '') : shown(value, folder)}\n`
  })
  // Editors with a YAML language server complete and check the file by it.
  const schema = pathToFileURL(join(packageRoot(), 'schemas', 'rpa.schema.json')).href
  return [`# yaml-language-server: $schema=${schema}\n${HEAD}`, ...entries].join('\n')
}

function shown(value: unknown, folder: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
  if (typeof value !== 'string') return String(value)
  return isAbsolute(value) ? relative(folder, value).replaceAll('\\', '/') : value
}
