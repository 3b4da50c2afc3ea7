import type { JsonObject } from '../core/json.js'
import type { Clock } from '../core/clock.js'
import type { RateLimitState } from '../core/rate-limit-state.js'

/** The moments at which a checkpoint can be written. `execute` = the state's work is done and its output held. */
export type CheckpointEvent = 'machine_start' | 'state_enter' | 'execute' | 'state_exit' | 'machine_end'

/**
 * What has to become true together with the checkpoint that holds an answer. The runtime only carries it; a backend whose
 * store it belongs to writes both in one commit.
 */
export interface Settlement {
  commit(): Promise<void>
}

/** One checkpoint: everything needed to go on. Plain JSON. */
export interface Snapshot {
  execution_id: string
  machine_name: string
  spec_version: string
  current_state: string
  context: JsonObject
  step: number
  created_at: string
  event: CheckpointEvent
  output?: unknown
  total_api_calls: number
  total_cost: number
  parent_execution_id?: string
}

/**
 * Where checkpoints live. Keys are `<execution_id>/step_<6 digits>_<event>.json`; `save` also moves
 * `<execution_id>/latest` to the saved key, which `load` resolves. All four verbs exist in every backend.
 */
export interface CheckpointBackend {
  /** Writes the snapshot and, in the same transaction where the backend has one, the settlement of the request it holds. */
  save(key: string, snapshot: Snapshot, settlement?: Settlement): Promise<void>
  /** Returns the snapshot, or null if there is none under the key. */
  load(key: string): Promise<Snapshot | null>
  delete(key: string): Promise<void>
  /** Returns the keys that begin with the prefix, sorted; without the `latest` pointers. */
  list(prefix: string): Promise<string[]>
}

/** An agent after load: its texts, not yet rendered. */
export interface LoadedAgent {
  name: string
  file: string
  system: string
  user: string
  /** Profile name, or null for the default profile. */
  profile: string | null
  /** Settings written out in the agent itself (older files); they win over the profile's. Null: none. */
  model: JsonObject | null
}

export interface AgentCall {
  agent: LoadedAgent
  input: JsonObject
  /** The prompt texts, rendered from the whole input. */
  system: string
  user: string
  /** Renders the same prompt from another input, as one with a shorter text of the paper. */
  render(input: JsonObject): { system: string; user: string }
  executionId: string
  machineName: string
  state: string
  /** From 1, within the state's retry loop. */
  attempt: number
  signal?: AbortSignal | undefined
}

export interface AgentAnswer {
  /** What `output` means in the state's mappings; `output.content` is the text. */
  output: JsonObject & { content: string }
  rateLimit: RateLimitState | null
  apiCalls: number
  costUsd: number
  settlement?: Settlement | undefined
}

export type AgentRunner = (call: AgentCall) => Promise<AgentAnswer>

export interface ActionCall {
  action: string
  state: string
  /** A copy: changing it changes nothing until it is returned. */
  context: JsonObject
  executionId: string
  /** Rate-limit state of the newest answer in this machine or a child of it. */
  rateLimit: RateLimitState | null
  signal?: AbortSignal | undefined
}

/** Returns the whole next context; a result without one of the keys it was given is an error. */
export type Action = (call: ActionCall) => Promise<JsonObject>
export type ActionRegistry = Readonly<Record<string, Action>>

export interface MachineServices {
  backend: CheckpointBackend
  runAgent: AgentRunner
  actions: ActionRegistry
  clock: Clock
  /** Waits between retries; rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Uniform in [0, 1). */
  random(): number
  /** One line for the log. */
  warn(message: string): void
  /**
   * Errors that end the run although nothing is wrong with the paper (budget spent, model away): neither
   * `on_error` nor settled children take them, so the state is entered again by a later run. A lost lease
   * and `aborted` always are such errors.
   */
  mustStop?: ((error: unknown) => boolean) | undefined
  signal?: AbortSignal | undefined
}

export interface MachineResult {
  output: JsonObject
  context: JsonObject
  /** Name of the final state reached. */
  finalState: string
  step: number
  apiCalls: number
  costUsd: number
  rateLimit: RateLimitState | null
  /** Began from an unfinished checkpoint. */
  resumed: boolean
  /** Had already ended: nothing was done, the stored output is returned. */
  reused: boolean
}
