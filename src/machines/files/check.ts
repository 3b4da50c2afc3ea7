import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { isObject } from '../../core/json.js'
import { readSmallFile } from '../../core/files/small-file.js'
import { parseYaml } from '../../core/files/yaml-text.js'
import { displayPath } from './faults.js'
import type { Fault } from './faults.js'
import { loadAgentFile, loadPromptFile } from './load-agent.js'
import { MachineLoader } from './load-machine.js'
import { discoverProfiles, loadProfilesFile } from './load-profiles.js'
import { SPEC_KINDS } from '../spec.js'
import type { SpecKind } from '../spec.js'
import { ConfigFiles } from './config-files.js'
import { configRoot, folderRoot } from './config-root.js'
import type { LoadOptions } from './config-files.js'

export interface FileReport {
  file: string
  spec: SpecKind | null
  spec_version: string | null
  faults: Fault[]
  warnings: Fault[]
}

export interface CheckReport {
  /** Every file that was looked at or that one of those names, in the order of their paths. */
  files: FileReport[]
  /** YAML files in folders that are none of the four kinds. */
  skipped: string[]
}

/**
 * Checks config files without running anything: those named, those in folders named (all `.yml` and `.yaml` below),
 * and what they refer to. Every fault of every file is reported once, under the file it is in. What only the
 * config's own runtime can know (its actions, profiles that no file defines) is a warning.
 */
export function checkConfigs(paths: readonly string[], options: LoadOptions = {}): CheckReport {
  const targets = paths.map((path) => resolve(path))
  const isFolder = (path: string): boolean =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const roots = targets.map((target) => (isFolder(target) ? folderRoot(target) : configRoot(target)))
  const sources = new ConfigFiles({ ...options, roots: [...(options.roots ?? []), ...roots] }, true)
  const machines = new MachineLoader(sources)
  const skipped: string[] = []
  for (const target of targets) {
    if (!isFolder(target)) {
      checkFile(sources, machines, target)
      continue
    }
    for (const file of yamlFiles(target)) {
      if (isConfig(file)) checkFile(sources, machines, file)
      else skipped.push(displayPath(file))
    }
  }
  return { files: reportOf(sources), skipped }
}

function checkFile(sources: ConfigFiles, machines: MachineLoader, file: string): void {
  switch (sources.open(file).spec) {
    case 'flatmachine':
      machines.loadFile(file, null)
      return
    case 'flatagent':
      loadAgentFile(sources, file, discoverProfiles(sources, file))
      return
    case 'prompt':
      loadPromptFile(sources, file)
      return
    case 'flatprofile':
    case 'flatprofiles':
      loadProfilesFile(sources, file)
      return
    case null:
  }
}

/** Whether a file of a folder claims to be one of the four kinds, says so though it is broken, or cannot even be read. */
function isConfig(file: string): boolean {
  let text: string
  try {
    text = readSmallFile(file)
  } catch {
    return true
  }
  const { value, faults } = parseYaml(text)
  if (faults.length > 0) return new RegExp(`^spec:\\s*["']?(${SPEC_KINDS.join('|')})\\b`, 'm').test(text)
  return isObject(value) && (SPEC_KINDS as readonly unknown[]).includes(value['spec'])
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/(^|[\\/])(node_modules|\.git)[\\/]/.test(relative(folder, file)))
    .sort()
}

function reportOf(sources: ConfigFiles): FileReport[] {
  return sources
    .files()
    .map(({ file, spec, specVersion }) => {
      const shown = displayPath(file)
      return {
        file: shown,
        spec,
        spec_version: specVersion,
        faults: sources.faults.filter((fault) => fault.file === shown),
        warnings: sources.warnings.filter((warning) => warning.file === shown),
      }
    })
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
}
