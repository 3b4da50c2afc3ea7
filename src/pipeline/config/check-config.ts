import type { ConfigTree } from '../../core/config-tree.js'
import { ConfigError } from '../../core/errors.js'
import { isObject } from '../../core/json.js'
import { readYamlFile } from '../../core/yaml-file.js'
import { parseLimits } from '../../llm/limits.js'
import { toModelProfile } from '../../llm/profiles.js'
import { ACTION_NAMES } from '../actions/names.js'
import type { CheckReport } from '../../machines/check.js'
import { checkConfigs } from '../../machines/check.js'
import type { Fault } from '../../machines/faults.js'
import { displayPath, InvalidConfigError } from '../../machines/faults.js'
import { loadMachine } from '../../machines/load.js'
import { loadLimits } from './load-limits.js'
import { PHASES } from '../phases.js'

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

/** Checks the configuration in force as the phases will: here an unknown action is a fault, and limits.yml counts. */
export function checkInForce(tree: ConfigTree): CheckReport {
  const report = checkPaths(tree, tree.folders)
  const known = new Set(report.files.flatMap((file) => file.faults.map(keyOf)))
  for (const fault of [...phaseFaults(tree), ...limitFaults(tree), ...profileFaults(tree)]) {
    if (!known.has(keyOf(fault))) addFault(report, fault)
    known.add(keyOf(fault))
  }
  return report
}

function phaseFaults(tree: ConfigTree): Fault[] {
  return Object.values(PHASES).flatMap((phase) => {
    const missing: Fault = { file: phase.machine, key: '', message: 'there is no such file' }
    const check = (path: string): Fault[] => {
      loadMachine(path, {
        resolveFile: (from, relative) => tree.resolve(from, relative),
        roots: tree.folders,
        knownActions: ACTION_NAMES,
        warn: () => undefined,
      })
      return []
    }
    return faultsOfFile(tree, phase.machine, check) ?? [missing]
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

function limitFaults(tree: ConfigTree): Fault[] {
  const check = (path: string): Fault[] => {
    parseLimits(readYamlFile(path), displayPath(path))
    return []
  }
  return faultsOfFile(tree, 'limits.yml', check) ?? []
}

/** Names in profiles.yml that only the other files can tell: of limit groups, and of profiles to fall back to. */
function profileFaults(tree: ConfigTree): Fault[] {
  const check = (path: string): Fault[] => {
    const groups = groupNames(tree)
    return entriesOf(readYamlFile(path)).flatMap(([name, entry], _, all) => {
      const names = new Set(all.map(([other]) => other))
      const profile = toModelProfile(name, entry, 'http://localhost')
      const place = { file: displayPath(path), key: `data.model_profiles.${name}` }
      const group = profile.limitGroup
      return [
        ...profile.fallback
          .filter((fallback) => !names.has(fallback))
          .map((fallback) => ({ ...place, message: `fallback: there is no profile "${fallback}"` })),
        ...(group === null || groups === null || groups.has(group)
          ? []
          : [{ ...place, message: `limit_group: limits.yml has no group "${group}"` }]),
      ]
    })
  }
  return faultsOfFile(tree, 'profiles.yml', check) ?? []
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
  const file = report.files.find((one) => one.file === fault.file)
  if (file !== undefined) file.faults.push(fault)
  else report.files.push({ file: fault.file, spec: null, spec_version: null, faults: [fault], warnings: [] })
}

function keyOf({ file, key }: Fault): string {
  return `${file}\u0000${key}`
}
