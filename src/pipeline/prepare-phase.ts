import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.js'
import type { PhaseName, PipelineName } from '../core/phases.js'
import { phasesAfter } from '../core/phases.js'
import { countByPipeline, pipelinesInUse } from '../db/executions/pipelines.js'
import { dropFalseWaits } from '../db/executions/waiting.js'
import { areAllOwn } from '../db/executions/pdf-papers.js'
import { saveMachineConfig } from '../db/checkpoints/machine-configs.js'
import type { Limits } from '../llm/limits.js'
import type { ModelProfile } from '../llm/provider.js'
import { ACTION_NAMES } from './actions/names.js'
import { loadMachine } from '../machines/files/load.js'
import type { LoadedMachine } from '../machines/loaded.js'
import { loadLimits } from './config/load-limits.js'
import { agentsOf, chainsOfPhase } from './config/phase-profiles.js'
import type { Asking } from './limits/may-send.js'
import type { KeeperOptions } from './limits/day-keeper.js'
import { DayKeeper } from './limits/day-keeper.js'
import type { Phase } from '../core/phases.js'
import type { GroupOf } from './limits/limit-groups.js'
import { limitGroupFor } from './limits/limit-groups.js'
import { reconcile } from './limits/provider-counts.js'
import type { ProfileResolver } from './config/resolve-profiles.js'
import { isThisMachine } from '../llm/profiles.js'
import { resolveProfiles } from './config/resolve-profiles.js'
import type { Resources } from './resources/resources.js'

export interface PhaseMachine {
  phase: Phase
  /** Those that papers have still to go through, and those that were taken up since. */
  pipelines: readonly PipelineName[]
  limits: Limits
  limitGroup: GroupOf
  /** The profiles of each agent of the pipelines in use, in the order in which they are asked. */
  chains: readonly (readonly ModelProfile[])[]
  /** False when every agent works offline: then no budget is needed. */
  readonly billable: boolean
  /** What is run for a paper of a pipeline. Throws as `preparePhase` where it is met for the first time and wrong. */
  machineFor: (pipeline: PipelineName) => Promise<PipelineMachine>
}

/** What a phase runs for the papers of one pipeline. */
export interface PipelineMachine {
  pipeline: PipelineName
  machine: LoadedMachine
  profiles: ProfileResolver
  chains: PhaseMachine['chains']
  /** Fingerprint of the machine with all it refers to. */
  version: string
  /** Of the machine file alone, as it is kept in the DB; null where nothing is written. */
  configHash: string | null
}

/**
 * Loads and checks all that a phase needs before it takes the first paper: machine files, profiles, keys, corpus; where
 * the resources are for reading alone, only what a look at the papers needs.
 *
 * @throws ConfigError naming what is wrong; nothing has been claimed then.
 */
export async function preparePhase(resources: Resources, phase: Phase): Promise<PhaseMachine> {
  if (!resources.reading) await dropFalseWaits(resources.db, phase.from, resources.clock.now())
  const inUse = pipelinesInUse(await countByPipeline(resources.db))
  const machines: PipelineMachine[] = []
  for (const pipeline of inUse) machines.push(await loadForPipeline(resources, phase, pipeline))
  const limits = loadLimits(resources.config)
  const pipelines: PipelineName[] = []
  const chains: (readonly ModelProfile[])[] = []
  const loaded = new Map<PipelineName, Promise<PipelineMachine>>()
  let groupOf: GroupOf = () => null
  const takeUp = async (...taken: readonly PipelineMachine[]): Promise<void> => {
    const added = taken.flatMap((one) => one.chains)
    groupOf = resources.reading
      ? (profile) => limitGroupFor(limits.groups, profile, false)
      : await reconcile(resources, [...chains, ...added].flat(), limits.groups)
    chains.push(...added)
    pipelines.push(...taken.map(({ pipeline }) => pipeline))
  }
  await takeUp(...machines)
  for (const machine of machines) loaded.set(machine.pipeline, Promise.resolve(machine))
  /** Papers may be seeded for a pipeline that none had when the command began. */
  const load = async (pipeline: PipelineName): Promise<PipelineMachine> => {
    const machine = await loadForPipeline(resources, phase, pipeline)
    await takeUp(machine)
    return machine
  }
  return {
    phase,
    pipelines,
    limits,
    limitGroup: (profile) => groupOf(profile),
    chains,
    get billable() {
      return chains.some(([first]) => first?.provider !== 'offline')
    },
    async machineFor(pipeline) {
      const known = loaded.get(pipeline) ?? load(pipeline)
      loaded.set(pipeline, known)
      // What is wrong with it may be put right while a daemon runs.
      known.catch(() => loaded.delete(pipeline))
      return known
    },
  }
}

async function loadForPipeline(
  resources: Resources,
  phase: Phase,
  pipeline: PipelineName,
): Promise<PipelineMachine> {
  const { config, settings, log } = resources
  const file = phase.pipelines[pipeline].machine
  const path = config.find(file)
  if (path === null) {
    throw new ConfigError(
      'machine_missing',
      `The machine file ${file} is in none of: ${config.folders.join(', ')}.`,
    )
  }
  const machine = loadMachine(path, {
    resolveFile: (from, relative) => config.resolve(from, relative),
    roots: config.folders,
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
    machine.profiles,
    agents,
    settings,
    resources.reading ? null : resources.env,
  )
  if (machine.actions.has('fetch_pdf') && settings.pdfDir !== null && !existsSync(settings.pdfDir)) {
    log.warn(`There is no PDF folder ${settings.pdfDir} (RPA_PDF_DIR, pdf_dir): PDFs are downloaded.`)
  }
  if (machine.actions.has('corpus_signals') && !resources.reading) await requireCorpus(resources, phase)
  // A terminology that contradicts itself is told before the first request.
  if (machine.actions.has('assemble_report')) resources.terminology()
  const configHash = resources.reading
    ? null
    : await saveMachineConfig(resources.db, machine.name, machine.specVersion, path, resources.clock.now())
  const chains = agents.map((agent) => profiles(agent))
  warnOfPlainHttp(resources, chains.flat())
  return { pipeline, machine, profiles, chains, version: fingerprint(machine), configHash }
}

/** PDFs that were seeded themselves need no corpus; all other papers come from one. */
async function requireCorpus(resources: Resources, phase: Phase): Promise<void> {
  try {
    await resources.corpus()
  } catch (error) {
    const isMissing = error instanceof ConfigError && error.code === 'corpus_missing'
    if (!isMissing || !(await areAllOwn(resources.db, phase.from))) throw error
    resources.log.warn(`${error.message} The reports will name no neighbours.`)
  }
}

const warnedOf = new WeakMap<object, Set<string>>()

/** Papers, answers and keys can be read by whoever carries them; said once a command for each host. */
function warnOfPlainHttp({ db, log }: Resources, profiles: readonly ModelProfile[]): void {
  const warned = warnedOf.get(db) ?? new Set<string>()
  warnedOf.set(db, warned)
  for (const { provider, baseUrl, apiKeyEnv } of profiles) {
    if (provider === 'offline' || baseUrl === null || !/^http:/i.test(baseUrl) || isThisMachine(baseUrl))
      continue
    const { host } = new URL(baseUrl)
    if (warned.has(host)) continue
    warned.add(host)
    const what =
      apiKeyEnv === null ? 'Papers and answers go' : `The key in ${apiKeyEnv}, papers and answers go`
    log.warn(`${what} to ${host} over plain http: whoever is on the way can read them. Use https.`)
  }
}

/** Returns who knows what the day has left for these phases, and what papers further on need of it. */
export function openKeeper(
  resources: Pick<Resources, 'db' | 'clock' | 'settings' | 'config'>,
  phases: readonly PhaseMachine[],
  options: KeeperOptions,
): DayKeeper {
  const asked: Partial<Record<PhaseName, Asking>> = options.keeps ? askedElsewhere(resources, phases) : {}
  // The list of chains is the phase's own: it grows with the pipelines that are taken up.
  for (const { phase, chains, limitGroup, limits } of phases) {
    asked[phase.name] = { chains, limitGroup, patienceMs: limits.patienceMs }
  }
  return new DayKeeper(resources, asked, options)
}

/** The phases further on are not loaded here; whom they ask says whether they need any of the same day. */
function askedElsewhere(
  { config, settings }: Pick<Resources, 'config' | 'settings'>,
  phases: readonly PhaseMachine[],
): Partial<Record<PhaseName, Asking>> {
  const [first] = phases
  if (first === undefined) return {}
  const { limitGroup, limits, pipelines } = first
  const here = new Set(phases.map(({ phase }) => phase.name))
  const others = new Set([...here].flatMap(phasesAfter).filter((name) => !here.has(name)))
  try {
    return Object.fromEntries(
      [...others].map((name) => {
        const chains = chainsOfPhase(name, config, settings, pipelines)
        return [name, { chains, limitGroup, patienceMs: limits.patienceMs }]
      }),
    )
  } catch (error) {
    // Those phases will say what is wrong; nothing is kept for what cannot run.
    if (error instanceof ConfigError) return {}
    throw error
  }
}

/** Returns twelve hex digits of the sha256 over the machine file and the texts of every agent, children included. */
export function fingerprint(machine: LoadedMachine): string {
  const hash = createHash('sha256').update(readFileSync(machine.file))
  for (const agent of agentsOf(machine))
    hash.update(JSON.stringify([agent.name, agent.system, agent.user, agent.model]))
  return hash.digest('hex').slice(0, 12)
}
