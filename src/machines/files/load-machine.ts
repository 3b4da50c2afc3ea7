import { basename } from 'node:path'
import { isObject } from '../../core/json.js'
import type { KeyPath } from '../../core/files/yaml-text.js'
import { loadAgentReference } from './load-agent.js'
import type { ParsedAgent } from './load-agent.js'
import { discoverProfiles, loadProfilesFile } from './load-profiles.js'
import { loadStates, warnOfStrangeNames } from './load-state.js'
import type { LoadedMachine, LoadedPersistence, LoadedProfiles } from '../loaded.js'
import { CHECKPOINT_EVENTS, machineFile } from '../spec.js'
import type { MachineData } from '../spec.js'
import { checkGraph } from './state-graph.js'
import type { ConfigFile, ConfigFiles } from './config-files.js'
import type { Place } from './fault-list.js'
import { displayPath, formatKey } from './faults.js'
import { messageOf } from '../../core/errors.js'
import { parseTemplateValue } from '../language/template.js'
import type { TemplateValue } from '../language/template.js'

/** Steps after which a machine is stopped when it sets no limit itself. */
const MAX_STEPS = 1000

/** Loads machines with everything they name; each file once, however many name it. */
export class MachineLoader {
  readonly #loaded = new Map<string, LoadedMachine | null>()
  /** The files being loaded, outermost first: a file met again is a cycle. */
  readonly #open: string[] = []

  readonly #sources: ConfigFiles

  constructor(sources: ConfigFiles) {
    this.#sources = sources
  }

  /** Returns the machine of a file; null, with faults, if it or anything it names is wrong. */
  loadFile(file: string, inherited: LoadedProfiles | null): LoadedMachine | null {
    const known = this.#loaded.get(file)
    if (known !== undefined) return known
    this.#open.push(file)
    const machine = this.#build(this.#sources.open(file), [], inherited)
    this.#open.pop()
    this.#loaded.set(file, machine)
    return machine
  }

  #loadReference(place: Place, reference: unknown, profiles: LoadedProfiles | null): LoadedMachine | null {
    if (typeof reference === 'string') return this.#loadPath(place, reference, profiles)
    if (isObject(reference) && !('spec' in reference)) {
      const key = 'path' in reference ? 'path' : 'inline'
      if (key in reference && Object.keys(reference).length === 1) {
        return this.#loadReference({ ...place, keys: [...place.keys, key] }, reference[key], profiles)
      }
    }
    const source: ConfigFile = { file: place.file, spec: null, specVersion: null, content: null }
    this.#sources.judge(source, reference, place.keys)
    return this.#build(source, place.keys, profiles)
  }

  #loadPath(place: Place, path: string, profiles: LoadedProfiles | null): LoadedMachine | null {
    const file = this.#sources.locate(place, path)
    if (file === null) return null
    const at = this.#open.indexOf(file)
    if (at < 0) return this.loadFile(file, profiles)
    const cycle = [...this.#open.slice(at), file].map(displayPath).join(' → ')
    this.#sources.fault(place, `machines refer to each other in a circle: ${cycle}`)
    return null
  }

  #build(source: ConfigFile, keys: KeyPath, inherited: LoadedProfiles | null): LoadedMachine | null {
    if (source.spec === null) return null
    const place: Place = { file: source.file, keys }
    const valid = this.#sources.validated(machineFile, source.content, place)
    if (valid === null) return null
    const data = valid.data.data
    const inData: Place = { ...place, keys: [...keys, 'data'] }
    const profiles = this.#profilesOf(inData, data) ?? inherited
    const agents = this.#references(inData, 'agents', data.agents, (at, reference): ParsedAgent | null =>
      loadAgentReference(this.#sources, at, reference, profiles),
    )
    const machines = this.#references(inData, 'machines', data.machines, (at, reference) =>
      this.#loadReference(at, reference, profiles),
    )
    const broken = new Set(valid.broken.map((path) => formatKey(path.slice(0, 3))))
    const before = this.#sources.faults.length
    const states = loadStates(this.#sources, inData, data.states, {
      agents,
      machines,
      isBroken: (state) => broken.has(formatKey(['data', 'states', state])),
    })
    const whole = valid.broken.length === 0 && this.#sources.faults.length === before
    const initial = checkGraph(
      this.#sources,
      { ...inData, keys: [...inData.keys, 'states'] },
      data.states,
      whole,
    )
    const context = this.#context(inData, data)
    if (initial === null || states === null || context === null) return null
    if ([...agents.values(), ...machines.values()].includes(null)) return null
    return {
      name: data.name ?? basename(source.file).replace(/\.ya?ml$/i, ''),
      file: source.file,
      specVersion: source.specVersion ?? '',
      context,
      states,
      initial,
      maxSteps: data.settings?.max_steps ?? MAX_STEPS,
      parallelFallback: data.settings?.parallel_fallback ?? 'sequential',
      persistence: persistenceOf(data),
      profiles,
      actions: actionsOf(states, machines),
    }
  }

  /** Loads what a map of names refers to; a name stays known, as null, if that is wrong. */
  #references<T>(
    place: Place,
    key: string,
    map: Record<string, unknown> | null | undefined,
    load: (place: Place, reference: unknown) => T | null,
  ): Map<string, T | null> {
    const at = (name: string): Place => ({ ...place, keys: [...place.keys, key, name] })
    return new Map(Object.entries(map ?? {}).map(([name, reference]) => [name, load(at(name), reference)]))
  }

  #profilesOf(place: Place, data: MachineData): LoadedProfiles | null {
    if (!data.profiles) return discoverProfiles(this.#sources, place.file)
    const file = this.#sources.locate({ ...place, keys: [...place.keys, 'profiles'] }, data.profiles)
    return file === null ? null : loadProfilesFile(this.#sources, file)
  }

  #context(place: Place, data: MachineData): TemplateValue | null {
    const keys = [...place.keys, 'context']
    const values = data.context ?? {}
    let wrong = false
    if ('machine' in values) {
      this.#sources.fault(
        { ...place, keys: [...keys, 'machine'] },
        'belongs to the runtime',
        'take another name',
      )
      wrong = true
    }
    const value = parseTemplateValue(values, (below, error) => {
      this.#sources.fault({ ...place, keys: [...keys, ...below] }, `template: ${messageOf(error)}`)
      wrong = true
    })
    warnOfStrangeNames(this.#sources, { ...place, keys }, value)
    return wrong ? null : value
  }
}

function persistenceOf(data: MachineData): LoadedPersistence {
  const { enabled, backend, checkpoint_on: events } = data.persistence ?? {}
  return {
    enabled: enabled ?? null,
    backend: backend ?? null,
    checkpointOn: new Set(events ?? CHECKPOINT_EVENTS),
  }
}

function actionsOf(
  states: LoadedMachine['states'],
  machines: ReadonlyMap<string, LoadedMachine | null>,
): ReadonlySet<string> {
  const actions = new Set<string>()
  for (const { work } of states.values()) if (work.kind === 'action') actions.add(work.action)
  for (const machine of machines.values()) for (const action of machine?.actions ?? []) actions.add(action)
  return actions
}
