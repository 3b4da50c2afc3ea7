import type { Settlement } from '../types.js'
import type { CheckpointBackend, Snapshot } from '../types.js'
import { LATEST, latestOwner } from './keys.js'

/** Checkpoints in memory: gone with the process. Snapshots are copied in and out. */
export class MemoryCheckpointBackend implements CheckpointBackend {
  readonly #snapshots = new Map<string, string>()
  readonly #latest = new Map<string, string>()

  async save(key: string, snapshot: Snapshot, settlement?: Settlement): Promise<void> {
    this.#snapshots.set(key, JSON.stringify(snapshot))
    this.#latest.set(snapshot.execution_id, key)
    await settlement?.commit()
  }

  async load(key: string): Promise<Snapshot | null> {
    const owner = latestOwner(key)
    const text = this.#snapshots.get(owner === null ? key : (this.#latest.get(owner) ?? ''))
    return text === undefined ? null : (JSON.parse(text) as Snapshot)
  }

  async delete(key: string): Promise<void> {
    this.#snapshots.delete(key)
    const owner = key.slice(0, key.lastIndexOf('/'))
    if (this.#latest.get(owner) === key || key === `${owner}/${LATEST}`) this.#latest.delete(owner)
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.#snapshots.keys()].filter((key) => key.startsWith(prefix)).sort()
  }
}
