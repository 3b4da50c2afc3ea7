import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { JsonObject } from '../../src/core/json.js'
import type { RateLimitState } from '../../src/core/rate-limit-state.js'
import { MemoryCheckpointBackend } from '../../src/machines/backends/memory.js'
import { loadMachine } from '../../src/machines/files/load.js'
import type { LoadedMachine } from '../../src/machines/loaded.js'
import { temporaryFolder } from '../support/temp.js'
import type {
  AgentAnswer,
  AgentCall,
  CheckpointBackend,
  MachineServices,
  Snapshot,
} from '../../src/machines/types.js'

/** Writes files into a new folder, which is removed when the running test ends, and returns the folder. */
export function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

export const VERSION = '4.2.1'

/** Returns the text of a machine file with the given `data`, which is YAML indented by two. */
export function machineText(data: string, version = VERSION): string {
  return `spec: flatmachine\nspec_version: "${version}"\ndata:\n${data}`
}

export const AGENT = `spec: flatagent\nspec_version: "${VERSION}"\ndata:\n  system: be brief\n  user: "say {{ input.text }}"\n`

/** Loads the machine `machine.yml` of files; the agent `agent.yml` is always there. */
export function machineFrom(data: string, files: Record<string, string> = {}): LoadedMachine {
  const folder = folderWith({ 'agent.yml': AGENT, ...files, 'machine.yml': machineText(data) })
  return loadMachine(join(folder, 'machine.yml'))
}

export interface Harness {
  services: MachineServices
  /** Every request that was made, in order. */
  calls: AgentCall[]
  /** Milliseconds that were waited for. */
  waits: number[]
  warnings: string[]
  /** Settlements that were committed. */
  settled: string[]
}

export type Answerer = (call: AgentCall) => Promise<Partial<AgentAnswer>> | Partial<AgentAnswer>

/** Returns services whose agent answers `<state>` unless told otherwise, with time that stands still. */
export function harness(answer: Answerer = () => ({}), more: Partial<MachineServices> = {}): Harness {
  const calls: AgentCall[] = []
  const waits: number[] = []
  const warnings: string[] = []
  const settled: string[] = []
  const services: MachineServices = {
    backend: new MemoryCheckpointBackend(),
    actions: {},
    clock: { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      waits.push(ms)
    },
    random: () => 0.5,
    warn: (line) => warnings.push(line),
    runAgent: async (call) => {
      calls.push(call)
      const given = await answer(call)
      const name = `${call.executionId}/${call.state}`
      return {
        output: { content: `answer of ${call.state}` },
        rateLimit: null,
        apiCalls: 1,
        costUsd: 0.5,
        settlement: { commit: async () => void settled.push(name) },
        ...given,
      }
    },
    ...more,
  }
  return { services, calls, waits, warnings, settled }
}

export function limits(remaining: number): RateLimitState {
  const window = { name: 'day', resource: 'requests', remaining, limit: 1000, resets_in: 60, reset_at: 1 }
  return { limited: remaining === 0, retry_after: null, windows: [window] }
}

/** A backend that stands before another and may fail. */
export class WatchedBackend implements CheckpointBackend {
  saves: { key: string; snapshot: Snapshot }[] = []

  constructor(
    private readonly inner: CheckpointBackend,
    private readonly beforeSave: (count: number, key: string) => void = () => undefined,
  ) {}

  async save(...[key, snapshot, settlement]: Parameters<CheckpointBackend['save']>): Promise<void> {
    this.beforeSave(this.saves.length + 1, key)
    this.saves.push({ key, snapshot: structuredClone(snapshot) })
    await this.inner.save(key, snapshot, settlement)
  }

  load(key: string): Promise<Snapshot | null> {
    return this.inner.load(key)
  }

  delete(key: string): Promise<void> {
    return this.inner.delete(key)
  }

  list(prefix: string): Promise<string[]> {
    return this.inner.list(prefix)
  }

  events(): string[] {
    return this.saves.map(({ key }) => key.replace(/^.*step_0*(\d+)_(.*)\.json$/, '$1 $2'))
  }
}

export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

/** Returns what a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & JsonObject> {
  try {
    await promise
  } catch (error) {
    return error as Error & JsonObject
  }
  throw new Error('it was not rejected')
}

/** Throws anything. */
export function fail(error: unknown): never {
  throw error
}
