import { join } from 'node:path'
import type { ConfigTree } from '../../core/files/config-tree.js'
import type { RpaError } from '../../core/errors.js'
import { ConfigError } from '../../core/errors.js'
import { isObject } from '../../core/json.js'
import { didYouMean } from '../../core/words-alike.js'
import { readSmallFile } from '../../core/files/small-file.js'
import { readYamlFile } from '../../core/files/yaml-file.js'
import { parseYaml } from '../../core/files/yaml-text.js'
import type { ProfileFault } from '../../llm/profile-faults.js'
import { profileFaults } from '../../llm/profile-faults.js'
import { keyFault } from '../../llm/profiles.js'
import { ACTION_NAMES } from '../actions/names.js'
import type { CheckReport, FileReport } from '../../machines/files/check.js'
import { checkConfigs } from '../../machines/files/check.js'
import type { Fault } from '../../machines/files/faults.js'
import { displayPath, formatKey, InvalidConfigError, placed } from '../../machines/files/faults.js'
import { loadMachine } from '../../machines/files/load.js'
import type { ResolvedSettings } from '../../core/settings/settings.js'
import { configFolders } from './config-folders.js'
import { keyFaults } from './key-faults.js'
import { loadLimits } from './load-limits.js'
import { JUDGE } from './named-machine.js'
import { agentsOf, profilesShown } from './phase-profiles.js'
import { ownProfile } from './resolve-profiles.js'
import { PLAIN_FILE_NAMES, plainFileFaults } from './plain-files.js'
import { placeOfSetting } from './setting-place.js'
import { PHASES } from '../../core/phases.js'

/**
 * Checks files as they stand, ours or anybody's: what only their own runtime can know is a warning.
 *
 * @param paths files or folders.
 */
export function checkPaths(tree: ConfigTree, paths: readonly string[]): CheckReport {
  return checkConfigs(paths, {
    resolveFile: (from, relative) => tree.resolve(from, relative),
    roots: tree.folders,
    knownActions: ACTION_NAMES,
  })
}

/** What the check of the files in force has to know of the settings. */
export type SettingsInForce = Pick<ResolvedSettings, 'settings' | 'sources' | 'workspace'>

/** What the check of everything has to know besides. */
type AllInForce = SettingsInForce & Pick<ResolvedSettings, 'variables' | 'strangers'>

/**
 * Checks the configuration in force as the phases will: here an unknown action is a fault, and the files count that are
 * none of the four kinds.
 *
 * @param resolved the profile that is to be used for everything, and the endpoint of profiles that name none.
 */
export function checkInForce(tree: ConfigTree, resolved: SettingsInForce): CheckReport {
  const report = withPlainFiles(tree, checkPaths(tree, tree.folders))
  const known = new Set(report.files.flatMap((file) => file.faults.map(keyOf)))
  for (const fault of [
    ...phaseFaults(tree, resolved),
    ...PLAIN_FILE_NAMES.flatMap((name) => faultsOfFile(tree, name, () => plainFileFaults(tree, name)) ?? []),
    ...profileFaultsIn(tree, resolved.settings.baseUrl),
  ]) {
    if (!known.has(keyOf(fault))) addFault(report, fault)
    known.add(keyOf(fault))
  }
  return report
}

/** Counts the files that are read though they are none of the four kinds; a built-in one behind one's own is not told of. */
function withPlainFiles(tree: ConfigTree, { files, skipped }: CheckReport): CheckReport {
  const read = PLAIN_FILE_NAMES.flatMap((name) => tree.locate(name) ?? []).map(displayPath)
  const behind = new Set(
    tree.folders.flatMap((folder) => PLAIN_FILE_NAMES.map((name) => displayPath(join(folder, name)))),
  )
  const all = [...files, ...read.filter((file) => !files.some((one) => one.file === file)).map(plainReport)]
  return {
    files: all.sort((a, b) => (a.file < b.file ? -1 : 1)),
    skipped: skipped.filter((file) => !behind.has(file)),
  }
}

/** The place of what stands in no single file. */
const SETTINGS = 'settings'

const plainReport = (file: string): FileReport => ({
  file,
  spec: null,
  spec_version: null,
  faults: [],
  warnings: [],
})

/**
 * Checks the settings too: what is wrong with them is a fault of the file or variable that its message names. A key that is not
 * set is none: the files may be checked where nothing is asked.
 *
 * @param wrong what was found when they were collected.
 * @param env as this process was started with.
 */
export function checkAll(
  resolved: AllInForce,
  wrong: readonly RpaError[],
  env: NodeJS.ProcessEnv,
): CheckReport {
  const faults = [...wrong, ...keyFaults(profilesShown(resolved.settings), { ...resolved.variables, ...env })]
  let report: CheckReport = { files: [], skipped: [] }
  try {
    report = checkInForce(configFolders(resolved.settings), resolved)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults.push(error)
  }
  for (const { message, hint } of faults) {
    addFault(report, { file: SETTINGS, key: '', message, ...(hint === undefined ? {} : { hint }) })
  }
  if (resolved.strangers.length > 0)
    reportOf(report, SETTINGS).warnings.push(
      ...resolved.strangers.map((message) => ({ file: SETTINGS, key: '', message })),
    )
  return report
}

function phaseFaults(tree: ConfigTree, resolved: SettingsInForce): Fault[] {
  const { profile, baseUrl } = resolved.settings
  const files = Object.values(PHASES).flatMap(({ pipelines }) =>
    Object.values(pipelines).map(({ machine }) => machine),
  )
  return [...files, JUDGE.file].flatMap((machineFile) => {
    const missing: Fault = { file: machineFile, key: '', message: 'there is no such file' }
    const check = (path: string): Fault[] => {
      const machine = loadMachine(path, {
        resolveFile: (from, relative) => tree.resolve(from, relative),
        roots: tree.folders,
        knownActions: ACTION_NAMES,
        warn: () => undefined,
      })
      const source = machine.profiles ?? { profiles: new Map(), default: null }
      for (const agent of agentsOf(machine)) if (agent.model !== null) ownProfile(agent, source, baseUrl)
      if (profile === null || machine.profiles === null || machine.profiles.profiles.has(profile)) return []
      const names = machine.profiles.profiles.keys()
      const message = `there is no profile "${profile}" in ${displayPath(machine.profiles.file)}`
      return [{ ...placeOfSetting('profile', resolved), message, ...nearest(profile, names) }]
    }
    return faultsOfFile(tree, machineFile, check) ?? [missing]
  })
}

/** Returns what a check finds in a file of the tree, or that it cannot be read; null where there is none. */
function faultsOfFile(tree: ConfigTree, path: string, check: (file: string) => Fault[]): Fault[] | null {
  let shown = path
  try {
    const file = tree.locate(path)
    if (file === null) return null
    shown = displayPath(file)
    tree.find(path)
    return check(file)
  } catch (error) {
    if (error instanceof InvalidConfigError) return [...error.faults]
    if (error instanceof ConfigError) return [{ file: shown, key: '', message: error.message }]
    throw error
  }
}

/** Names in profiles.yml that only the other files can tell: of limit groups, and of profiles to fall back to. */
function profileFaultsIn(tree: ConfigTree, baseUrl: string): Fault[] {
  const check = (path: string): Fault[] => {
    const groups = groupNames(tree)
    // Read first: what cannot be read is a fault of the file by its words.
    const entries = entriesOf(readYamlFile(path))
    const { keyPlace } = parseYaml(readSmallFile(path))
    const names = new Set(entries.map(([name]) => name))
    return entries.flatMap(([name, entry]) => {
      const key = keyFault(entry, baseUrl) ?? []
      const faults = [...profileFaults(entry), ...[key].flat(), ...strangers(entry, names, groups)]
      return faults.map(({ path: below, message, hint }) => {
        const keys = ['data', 'model_profiles', name, ...below]
        return {
          file: displayPath(path),
          key: formatKey(keys),
          message,
          ...placed(keyPlace(keys)),
          ...(hint === undefined ? {} : { hint }),
        }
      })
    })
  }
  return faultsOfFile(tree, 'profiles.yml', check) ?? []
}

function strangers(
  entry: unknown,
  names: ReadonlySet<string>,
  groups: ReadonlySet<string> | null,
): ProfileFault[] {
  if (!isObject(entry)) return []
  const { fallback, limit_group: group } = entry
  const fallbacks = [fallback ?? []].flat().filter((name) => typeof name === 'string')
  return [
    ...fallbacks
      .filter((name) => !names.has(name))
      .map((name) => ({
        path: ['fallback'],
        message: `there is no profile "${name}"`,
        ...nearest(name, names),
      })),
    ...(typeof group !== 'string' || groups === null || groups.has(group)
      ? []
      : [
          { path: ['limit_group'], message: `limits.yml has no group "${group}"`, ...nearest(group, groups) },
        ]),
  ]
}

function nearest(name: string, names: Iterable<string>): { hint?: string } {
  const hint = didYouMean(name, names)
  return hint === undefined ? {} : { hint }
}

/** Null where limits.yml is wrong: that is a fault of its own. */
function groupNames(tree: ConfigTree): Set<string> | null {
  try {
    return new Set(loadLimits(tree).groups.map(({ name }) => name))
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

function entriesOf(content: unknown): [string, unknown][] {
  const data = isObject(content) ? content['data'] : null
  const profiles = isObject(data) ? data['model_profiles'] : null
  return isObject(profiles) ? Object.entries(profiles) : []
}

function addFault(report: CheckReport, fault: Fault): void {
  reportOf(report, fault.file).faults.push(fault)
}

/** Of a file, or of the settings together. */
function reportOf({ files }: CheckReport, file: string): FileReport {
  const known = files.find((one) => one.file === file)
  if (known !== undefined) return known
  const made = plainReport(file)
  files.push(made)
  return made
}

function keyOf({ file, key }: Fault): string {
  return `${file}\u0000${key}`
}
