import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.js'
import { readYamlFile } from '../core/yaml-file.js'
import { saveMachineConfig } from '../db/machine-configs.js'
import type { LimitGroup } from '../llm/limits.js'
import { parseLimits } from '../llm/limits.js'
import { ACTION_NAMES } from '../machines/actions/names.js'
import { loadMachine } from '../machines/load.js'
import type { LoadedMachine } from '../machines/loaded.js'
import type { LoadedAgent } from '../machines/types.js'
import type { ProfileResolver } from './agents.js'
import { resolveProfiles } from './agents.js'
import type { Phase } from './phases.js'
import type { Resources } from './resources.js'

export interface PhaseMachine {
  phase: Phase
  machine: LoadedMachine
  profiles: ProfileResolver
  limits: readonly LimitGroup[]
  /** Fingerprint of the machine with all it refers to. */
  version: string
  /** False when every agent works offline: then no budget is needed. */
  billable: boolean
}

/**
 * Loads and checks all that a phase needs before it takes the first paper: machine files, profiles, keys, corpus.
 *
 * @throws ConfigError naming what is wrong; nothing has been claimed then.
 */
export async function preparePhase(resources: Resources, phase: Phase): Promise<PhaseMachine> {
  const { config, settings, log } = resources
  const path = config.find(phase.machine)
  if (path === null) {
    throw new ConfigError(
      'machine_missing',
      `The machine file ${phase.machine} is in none of: ${config.folders.join(', ')}.`,
    )
  }
  const machine = loadMachine(path, {
    resolveFile: (from, relative) => config.resolve(from, relative),
    knownActions: ACTION_NAMES,
    warn: (message) => log.warn(message),
  })
  if (machine.profiles === null) {
    throw new ConfigError('profiles_missing', `No profiles.yml was found for ${path}.`, {
      hint: 'Put one beside the machine or in the configuration folder.',
    })
  }
  const agents = agentsOf(machine)
  const profiles = resolveProfiles(
    {
      entries: Object.fromEntries(machine.profiles.profiles),
      default: machine.profiles.default,
      file: machine.profiles.file,
    },
    agents,
    settings.profile ?? machine.profiles.override,
    settings.baseUrl,
    resources.env,
  )
  if (machine.actions.has('fetch_pdf') && settings.pdfDir !== null && !existsSync(settings.pdfDir)) {
    log.warn(`There is no PDF folder ${settings.pdfDir} (RPA_PDF_DIR, pdf_dir): PDFs are downloaded.`)
  }
  if (machine.actions.has('corpus_signals')) await resources.corpus()
  await saveMachineConfig(resources.db, machine.name, machine.specVersion, path, resources.clock.now())
  return {
    phase,
    machine,
    profiles,
    limits: loadLimits(resources),
    version: fingerprint(machine),
    billable: agents.some((agent) => profiles(agent).provider !== 'offline'),
  }
}

function loadLimits({ config }: Resources): LimitGroup[] {
  const file = config.find('limits.yml')
  return file === null ? [] : parseLimits(readYamlFile(file), file)
}

/** Twelve hex digits of the sha256 over the machine file and the texts of every agent, children included. */
function fingerprint(machine: LoadedMachine): string {
  const hash = createHash('sha256').update(readFileSync(machine.file))
  for (const agent of agentsOf(machine)) hash.update(JSON.stringify([agent.name, agent.system, agent.user]))
  return hash.digest('hex').slice(0, 12)
}

function agentsOf(machine: LoadedMachine): LoadedAgent[] {
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
