import { dirname, join, resolve } from 'node:path'
import { didYouMean } from '../../core/words-alike.js'
import { displayPath } from './faults.js'
import type { LoadedProfiles } from '../loaded.js'
import { profilesFile } from '../spec.js'
import { configRoot } from './config-root.js'
import type { ConfigFiles } from './config-files.js'
import type { Place } from './fault-list.js'

const FILE = 'profiles.yml'

/** Returns the profiles of a file; null, with faults, if it is wrong. */
export function loadProfilesFile(sources: ConfigFiles, file: string): LoadedProfiles | null {
  const profiles = readProfilesFile(sources, file)
  sources.profilesAreWrong ||= profiles === null
  return profiles
}

function readProfilesFile(sources: ConfigFiles, file: string): LoadedProfiles | null {
  const source = sources.open(file)
  if (source.spec === null) return null
  const place: Place = { file, keys: [] }
  const valid = sources.validated(profilesFile, source.content, place)
  if (valid === null) return null
  const { model_profiles, default: standard, override } = valid.data.data
  const profiles = new Map(Object.entries(model_profiles))
  for (const [key, name] of Object.entries({ default: standard, override })) {
    if (!name || profiles.has(name)) continue
    sources.fault({ file, keys: ['data', key] }, `unknown profile "${name}"`, () =>
      didYouMean(name, profiles.keys()),
    )
  }
  return { file, default: standard ?? null, override: override ?? null, profiles }
}

/** Returns the profiles in the nearest `profiles.yml`: beside the file, or in a folder above it up to the config root. */
export function discoverProfiles(sources: ConfigFiles, file: string): LoadedProfiles | null {
  const root = resolve(sources.options.root ?? configRoot(file))
  let path = FILE
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = sources.find(file, `./${path}`)
    if (found !== null) return loadProfilesFile(sources, found)
    if (folder === root || folder === dirname(folder)) return null
    path = join('..', path)
  }
}

/** Reports a profile that an agent names and nobody defines. */
export function checkProfile(
  sources: ConfigFiles,
  place: Place,
  name: string,
  profiles: LoadedProfiles | null,
): void {
  const known = sources.profileNames ?? (profiles === null ? null : new Set(profiles.profiles.keys()))
  if (known === null) {
    if (sources.profilesAreWrong) return
    sources.doubt(place, `unknown profile "${name}": there is no ${FILE}`, `write ${FILE} beside the machine`)
  } else if (!known.has(name)) {
    const where = profiles === null ? '' : ` in ${displayPath(profiles.file)}`
    sources.fault(
      place,
      `unknown profile "${name}"${where}`,
      () => didYouMean(name, known) ?? `known: ${[...known].join(', ')}`,
    )
  }
}
