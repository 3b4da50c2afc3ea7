import type { Condition } from './language/expression.js'
import type { ProfileData } from './spec.js'
import type { Template, TemplateValue } from './language/template.js'
import type { CheckpointEvent, LoadedAgent } from './types.js'

/** A machine after load: every file it needs is read, every string parsed. Immutable, can be run many times. */
export interface LoadedMachine {
  name: string
  /** Absolute path of its file; of the file that holds it where it is written inline. */
  file: string
  specVersion: string
  context: TemplateValue
  states: ReadonlyMap<string, LoadedState>
  initial: string
  maxSteps: number
  /** Accepted for the format's sake: this runtime always runs children at once, so it never falls back. */
  parallelFallback: 'sequential' | 'error'
  persistence: LoadedPersistence
  /** The model profiles that its agents choose from; null if there is no such file. */
  profiles: LoadedProfiles | null
  /** Every action that it or a child of it names. */
  actions: ReadonlySet<string>
}

export interface LoadedPersistence {
  /** Null: as the parent; without a parent, yes. */
  enabled: boolean | null
  /** What the file asks for. The caller chooses the backend it passes to `runMachine`. */
  backend: 'local' | 'memory' | 'sqlite' | null
  checkpointOn: ReadonlySet<CheckpointEvent>
}

export interface LoadedState {
  name: string
  final: boolean
  work: Work
  /** What feeds the agent or child; null if the state has no `input`. */
  input: TemplateValue | null
  /** In the order of the file: a later one sees what an earlier one wrote. */
  outputToContext: readonly (readonly [string, TemplateValue])[]
  output: TemplateValue | null
  transitions: readonly Transition[]
  /** Error type → state; `default` for any other. Null: an error ends the machine. */
  onError: ReadonlyMap<string, string> | null
  retry: Retry | null
}

export interface Transition {
  /** Null: always. */
  condition: Condition | null
  to: string
}

export type Work =
  | { kind: 'none' }
  | { kind: 'agent'; agent: LoadedAgent; system: Template; user: Template }
  | { kind: 'action'; action: string }
  | { kind: 'machine'; child: Child }
  | { kind: 'parallel'; children: readonly Child[]; mode: 'settled' | 'any' }

export interface Child {
  name: string
  machine: LoadedMachine
}

export interface Retry {
  /** Seconds to wait before the second, third, … attempt. */
  backoffs: readonly number[]
  /** Part by which a wait varies at random, 0 to 1. */
  jitter: number
}

export interface LoadedProfiles {
  file: string
  default: string | null
  override: string | null
  profiles: ReadonlyMap<string, ProfileData>
}
