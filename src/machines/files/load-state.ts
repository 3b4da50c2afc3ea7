import { messageOf } from '../../core/errors.js'
import { parseCondition } from '../language/expression.js'
import type { Condition } from '../language/expression.js'
import { didYouMean } from '../../core/words-alike.js'
import type { ParsedAgent } from './load-agent.js'
import type { Child, LoadedMachine, LoadedState, Retry, Work } from '../loaded.js'
import type { ConfigFiles } from './config-files.js'
import type { Hint, Place } from './fault-list.js'
import type { StateData } from '../spec.js'
import { parseTemplateValue, strangeNames } from '../language/template.js'
import type { Template, TemplateValue } from '../language/template.js'

/** Seconds between attempts when `execution: {type: retry}` says none. */
const BACKOFFS = [2, 8, 16, 35]
const JITTER = 0.1

/** What the states of a machine may name. A name is there, with null, if what it refers to is wrong. */
export interface Declared {
  agents: ReadonlyMap<string, ParsedAgent | null>
  machines: ReadonlyMap<string, LoadedMachine | null>
  /** Whether keys of the state were already found wrong: what follows from that is not reported again. */
  isBroken(state: string): boolean
}

/** Returns the states of a machine; null, with faults, if one of them is wrong. */
export function loadStates(
  sources: ConfigFiles,
  place: Place,
  states: Readonly<Record<string, StateData>>,
  declared: Declared,
): ReadonlyMap<string, LoadedState> | null {
  const loaded = new Map<string, LoadedState>()
  for (const [name, data] of Object.entries(states)) {
    const at = { ...place, keys: [...place.keys, 'states', name] }
    const state = new StateLoader(sources, at, declared).load(name, data)
    if (state !== null) loaded.set(name, state)
  }
  return loaded.size === Object.keys(states).length ? loaded : null
}

class StateLoader {
  #wrong = false

  readonly #sources: ConfigFiles
  readonly #place: Place
  readonly #declared: Declared

  constructor(sources: ConfigFiles, place: Place, declared: Declared) {
    this.#sources = sources
    this.#place = place
    this.#declared = declared
  }

  load(name: string, data: StateData): LoadedState | null {
    const broken = this.#declared.isBroken(name)
    if (!broken) this.#checkKeys(data)
    const work = this.#work(data)
    const input = this.#value('input', data.input)
    const state = {
      name,
      final: data.type === 'final',
      input,
      outputToContext: this.#mapping(data),
      output: this.#value('output', data.output),
      transitions: (data.transitions ?? []).map(({ condition, to }, index) => ({
        condition: this.#condition(condition, index),
        to,
      })),
      onError: onErrorOf(data),
      retry: retryOf(data),
    }
    if (work?.kind === 'agent') this.#checkPromptInput(work, input)
    return this.#wrong || work === null ? null : { ...state, work }
  }

  #fault(keys: (string | number)[], message: string, hint?: Hint): void {
    this.#wrong = true
    this.#sources.fault({ ...this.#place, keys: [...this.#place.keys, ...keys] }, message, hint)
  }

  /** Keys that have no meaning where they stand. */
  #checkKeys(data: StateData): void {
    const works = [data.agent, data.machine, data.action].filter(Boolean).length
    if (works > 1) this.#fault([], 'does more than one thing', 'keep one of agent, machine, action')
    const hasOutput = Boolean(data.agent ?? data.machine)
    if (!hasOutput && data.input)
      this.#fault(['input'], 'nothing takes it: the state has no agent or machine')
    if (data.action && data.output_to_context) {
      const message = 'has no effect: what an action writes, it writes into the context itself'
      this.#sources.warning({ ...this.#place, keys: [...this.#place.keys, 'output_to_context'] }, message)
    } else if (!hasOutput && data.output_to_context) {
      this.#fault(['output_to_context'], 'there is no output: the state has no agent or machine')
    }
    if (
      data.execution?.type === 'default' &&
      (data.execution.backoffs ?? data.execution.jitter ?? null) !== null
    ) {
      this.#fault(['execution', 'type'], 'waits between attempts need `type: retry`')
    }
    if (works === 0 && data.execution) this.#fault(['execution'], 'there is nothing to try again')
    if (data.mode && !Array.isArray(data.machine)) this.#fault(['mode'], 'only a list of machines has a mode')
    if (data.type === 'final') {
      if (data.transitions) this.#fault(['transitions'], 'a final state has none')
      return
    }
    if (data.output) this.#fault(['output'], 'only a final state has an output', 'use output_to_context')
    if (!data.transitions || data.transitions.length === 0) {
      this.#fault(['transitions'], 'are missing: the state could never be left')
    }
    const always = (data.transitions ?? []).findIndex(({ condition }) => isAlways(condition))
    if (always >= 0 && always < (data.transitions?.length ?? 0) - 1) {
      const place = { ...this.#place, keys: [...this.#place.keys, 'transitions', always + 1] }
      this.#sources.warning(place, 'is never taken: the one before it has no condition')
    }
  }

  #work(data: StateData): Work | null {
    if (data.agent) {
      const parsed = this.#declaredName(['agent'], data.agent, this.#declared.agents, 'agent', 'agents')
      return parsed === null ? null : { kind: 'agent', ...parsed }
    }
    if (data.machine) return this.#childWork(data.machine, data.mode ?? 'settled')
    if (!data.action) return { kind: 'none' }
    const known = this.#sources.knownActions
    if (known !== null && !known.has(data.action)) {
      const place = { ...this.#place, keys: [...this.#place.keys, 'action'] }
      this.#wrong ||= !this.#sources.lenient
      this.#sources.doubt(place, `unknown action "${data.action}"`, () =>
        didYouMean(data.action ?? '', known),
      )
    }
    return { kind: 'action', action: data.action }
  }

  #childWork(names: string | string[], mode: 'settled' | 'any'): Work | null {
    if (typeof names === 'string') {
      const machine = this.#child(['machine'], names)
      return machine === null ? null : { kind: 'machine', child: { name: names, machine } }
    }
    const children = names.map((name, index): Child | null => {
      if (names.indexOf(name) < index) this.#fault(['machine', index], `"${name}" is named twice`)
      const machine = this.#child(['machine', index], name)
      return machine === null ? null : { name, machine }
    })
    const whole = children.filter((child) => child !== null)
    return whole.length < children.length ? null : { kind: 'parallel', children: whole, mode }
  }

  #child(keys: (string | number)[], name: string): LoadedMachine | null {
    return this.#declaredName(keys, name, this.#declared.machines, 'machine', 'machines')
  }

  #declaredName<T>(
    keys: (string | number)[],
    name: string,
    known: ReadonlyMap<string, T | null>,
    what: string,
    where: string,
  ): T | null {
    const value = known.get(name)
    if (value === undefined) {
      this.#fault(
        keys,
        `unknown ${what} "${name}"`,
        () => didYouMean(name, known.keys()) ?? `declare it under data.${where}`,
      )
    }
    return value ?? null
  }

  #value(key: string, value: unknown): TemplateValue | null {
    if (value === null || value === undefined) return null
    const parsed = parseTemplateValue(value, (below, error) => {
      this.#fault([key, ...below], `template: ${messageOf(error)}`)
    })
    warnOfStrangeNames(this.#sources, { ...this.#place, keys: [...this.#place.keys, key] }, parsed)
    return parsed
  }

  #mapping(data: StateData): LoadedState['outputToContext'] {
    const mapping = this.#value('output_to_context', data.output_to_context)
    if (mapping?.kind !== 'map') return []
    if (mapping.entries.some(([key]) => key === 'machine')) {
      this.#fault(['output_to_context', 'machine'], 'belongs to the runtime', 'take another name')
    }
    return mapping.entries
  }

  #condition(text: string | boolean | null | undefined, index: number): Condition | null {
    if (text === null || text === undefined) return null
    try {
      return parseCondition(String(text))
    } catch (error) {
      const hint = error instanceof Error && 'hint' in error ? error.hint : undefined
      this.#fault(
        ['transitions', index, 'condition'],
        `condition: ${messageOf(error)}`,
        typeof hint === 'string' ? hint : undefined,
      )
      return null
    }
  }

  /** A prompt with a hole in it is answered with invention. */
  #checkPromptInput(work: { system: Template; user: Template }, input: TemplateValue | null): void {
    const given = new Set(input?.kind === 'map' ? input.entries.map(([key]) => key) : [])
    for (const template of [work.system, work.user]) {
      const read = template.kind === 'jinja' ? (template.names.members.get('input') ?? []) : []
      for (const key of read) {
        if (given.has(key)) continue
        given.add(key)
        const place = { ...this.#place, keys: [...this.#place.keys, 'input'] }
        this.#sources.warning(place, `the prompt uses input.${key}, which the state does not give`)
      }
    }
  }
}

/** A name that is nothing to a template would render as nothing for every paper. */
export function warnOfStrangeNames(sources: ConfigFiles, place: Place, value: TemplateValue): void {
  for (const [keys, name] of strangeNames(value)) {
    const hint = (): string | undefined => didYouMean(name, ['context', 'input', 'output'])
    sources.warning({ ...place, keys: [...place.keys, ...keys] }, `"${name}" is nothing in a template`, hint)
  }
}

function isAlways(condition: string | boolean | null | undefined): boolean {
  return (
    condition === null || condition === undefined || condition === true || String(condition).trim() === ''
  )
}

function onErrorOf(data: StateData): ReadonlyMap<string, string> | null {
  if (!data.on_error) return null
  return typeof data.on_error === 'string'
    ? new Map([['default', data.on_error]])
    : new Map(Object.entries(data.on_error))
}

function retryOf(data: StateData): Retry | null {
  if (data.execution?.type !== 'retry') return null
  return { backoffs: data.execution.backoffs ?? BACKOFFS, jitter: data.execution.jitter ?? JITTER }
}
