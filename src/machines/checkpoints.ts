import { isoTime } from '../core/clock.js'
import type { Settlement } from './types.js'
import { checkpointKey, latestKey, stepOfKey } from './backends/keys.js'
import type { CheckpointBackend, CheckpointEvent, Snapshot } from './types.js'

/** A snapshot without what the writer adds. */
export type SnapshotBody = Omit<
  Snapshot,
  'execution_id' | 'machine_name' | 'spec_version' | 'created_at' | 'event'
>

/** What is the same in every snapshot of a run. */
export type SnapshotHead = Pick<
  Snapshot,
  'execution_id' | 'machine_name' | 'spec_version' | 'parent_execution_id'
>

const storeFailures = new WeakSet()

/** Returns whether an error is a backend's: the run must end, nothing may take it for a failure of a state. */
export function isStoreFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && storeFailures.has(error)
}

/**
 * Writes the checkpoints of one run. Events that coincide share one snapshot: leaving a state, passing through
 * states without work and entering the next one happen at one moment, for nothing is done in between that
 * would be lost. Such an event is therefore only noted, takes the place of the one noted before, and is written when
 * work begins or the run ends. What holds paid work (`execute`) and the two ends are written at once.
 */
export class Checkpoints {
  #noted: { event: CheckpointEvent; body: SnapshotBody } | null = null

  readonly #backend: CheckpointBackend
  readonly #wanted: ReadonlySet<CheckpointEvent>
  readonly #head: SnapshotHead
  readonly #now: () => number

  constructor(
    backend: CheckpointBackend,
    wanted: ReadonlySet<CheckpointEvent>,
    head: SnapshotHead,
    now: () => number,
  ) {
    this.#backend = backend
    this.#wanted = wanted
    this.#head = head
    this.#now = now
  }

  /** Returns the newest snapshot of the execution, whichever machine wrote it. */
  async latest(): Promise<Snapshot | null> {
    return guarded(() => this.#backend.load(latestKey(this.#head.execution_id)))
  }

  /** Returns the first step number that no checkpoint of the execution has used. */
  async freeStep(latest: Snapshot | null): Promise<number> {
    if (latest !== null) return latest.step + 1
    const keys = await guarded(() => this.#backend.list(`${this.#head.execution_id}/step_`))
    return Math.max(-1, ...keys.map(stepOfKey)) + 1
  }

  wants(event: CheckpointEvent): boolean {
    return this.#wanted.has(event)
  }

  /** Notes an event that loses nothing if it is written a moment later. */
  note(event: CheckpointEvent, body: SnapshotBody): void {
    if (this.#wanted.has(event)) this.#noted = { event, body }
  }

  /** Writes what was noted last. */
  async flush(): Promise<void> {
    const noted = this.#noted
    this.#noted = null
    if (noted !== null) await this.write(noted.event, noted.body)
  }

  /** Writes a snapshot now; it takes the place of what was noted. */
  async write(event: CheckpointEvent, body: SnapshotBody, settlement?: Settlement): Promise<void> {
    this.#noted = null
    const snapshot: Snapshot = { ...this.#head, ...body, event, created_at: isoTime(this.#now()) }
    const key = checkpointKey(this.#head.execution_id, body.step, event)
    await guarded(() => this.#backend.save(key, snapshot, settlement))
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (typeof error === 'object' && error !== null) storeFailures.add(error)
    throw error
  }
}
