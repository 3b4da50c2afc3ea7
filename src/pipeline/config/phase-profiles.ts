import type { ConfigTree } from '../../core/files/config-tree.js'
import type { PipelineName } from '../../core/phases.js'
import { forPhases, PHASES, PIPELINE_NAMES } from '../../core/phases.js'
import type { ModelProfile } from '../../llm/provider.js'
import { ConfigError } from '../../core/errors.js'
import type { Settings } from '../../core/settings/settings.js'
import type { PhaseName } from '../../db/engine/schema.js'
import { ACTION_NAMES } from '../actions/names.js'
import { loadMachine } from '../../machines/files/load.js'
import type { LoadedMachine } from '../../machines/loaded.js'
import type { LoadedAgent } from '../../machines/types.js'
import type { ProfileChain } from './resolve-profiles.js'
import { resolveProfiles } from './resolve-profiles.js'
import { configFolders } from './config-folders.js'

/** Returns the agents of a machine and its children. */
export function agentsOf(machine: LoadedMachine): LoadedAgent[] {
  return [...machine.states.values()].flatMap(({ work }) => {
    switch (work.kind) {
      case 'agent':
        return [work.agent]
      case 'machine':
        return agentsOf(work.child.machine)
      case 'parallel':
        return work.children.flatMap((child) => agentsOf(child.machine))
      case 'action':
      case 'none':
        return []
    }
  })
}

/**
 * Returns whom the agents of each phase ask as configured, without a look at keys.
 *
 * @param pipelines through which papers go.
 * @throws ConfigError where the configuration is wrong.
 */
export function profilesInForce(
  config: ConfigTree,
  settings: Settings,
  pipelines: readonly PipelineName[],
): Record<PhaseName, ProfileChain[]> {
  return forPhases((name) => chainsOfPhase(name, config, settings, pipelines))
}

/** The same for one phase. */
export function chainsOfPhase(
  name: PhaseName,
  config: ConfigTree,
  settings: Settings,
  pipelines: readonly PipelineName[],
): ProfileChain[] {
  return pipelines.flatMap((pipeline) => chainsOf(PHASES[name].pipelines[pipeline].machine, config, settings))
}

/** The same for what is only shown: null where the configuration is wrong. The phases will say what is. */
export function chainsInForce(
  settings: Settings,
  pipelines: readonly PipelineName[],
): Record<PhaseName, ProfileChain[]> | null {
  try {
    return profilesInForce(configFolders(settings), settings, pipelines)
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

/** Returns every profile in force, each once, for what is only shown: none where the configuration is wrong. */
export function profilesShown(settings: Settings): ModelProfile[] {
  const chains = Object.values(chainsInForce(settings, PIPELINE_NAMES) ?? {}).flat()
  return [...new Map(chains.flat().map((profile) => [profile.profile, profile])).values()]
}

function chainsOf(file: string, config: ConfigTree, settings: Settings): ProfileChain[] {
  const path = config.find(file)
  if (path === null) return []
  const machine = loadMachine(path, {
    resolveFile: (from, relative) => config.resolve(from, relative),
    roots: config.folders,
    knownActions: ACTION_NAMES,
    warn: () => undefined,
  })
  if (machine.profiles === null) return []
  const resolve = resolveProfiles(machine.profiles, [], settings, null)
  const chains = new Map(
    agentsOf(machine)
      .map(resolve)
      .map((chain) => [JSON.stringify(chain), chain]),
  )
  return [...chains.values()]
}
