import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diskHint } from '../../core/disk-error.js'
import { RpaError, messageOf, systemCode } from '../../core/errors.js'
import { replaceFile } from '../../core/replace-file.js'
import type { Settlement } from '../types.js'
import type { CheckpointBackend, Snapshot } from '../types.js'
import { LATEST, latestOwner, orderOfKey } from './keys.js'

/**
 * Checkpoints as files, one JSON document each, in one folder an execution. A file appears whole or not at all; one
 * process at a time may work on an execution. A crash between a snapshot and its `latest` pointer loses
 * neither: a snapshot beyond the pointer counts as the latest.
 */
export class FileCheckpointBackend implements CheckpointBackend {
  constructor(private readonly folder: string) {}

  /** @throws RpaError `checkpoint_write_failed` if the disk does not take it; the settlement is left open then. */
  async save(key: string, snapshot: Snapshot, settlement?: Settlement): Promise<void> {
    await writeWhole(this.path(key), JSON.stringify(snapshot))
    await writeWhole(this.path(`${snapshot.execution_id}/${LATEST}`), key)
    await settlement?.commit()
  }

  /** @throws RpaError `checkpoint_damaged` if the file is there but is not a snapshot. */
  async load(key: string): Promise<Snapshot | null> {
    const owner = latestOwner(key)
    const own = owner === null ? key : await this.latest(owner)
    const text = own === null ? null : await readIfThere(this.path(own))
    if (text === null) return null
    try {
      return JSON.parse(text) as Snapshot
    } catch (error) {
      throw new RpaError(
        'checkpoint_damaged',
        `${this.path(own ?? key)} is not a checkpoint: ${messageOf(error)}`,
        {
          hint: 'Remove the file: the run then continues from the checkpoint before it.',
          cause: error,
        },
      )
    }
  }

  async delete(key: string): Promise<void> {
    const owner = key.slice(0, key.lastIndexOf('/'))
    const pointer = this.path(`${owner}/${LATEST}`)
    if ((await readIfThere(pointer)) === key) await rm(pointer, { force: true })
    await rm(this.path(key), { force: true })
  }

  async list(prefix: string): Promise<string[]> {
    const slash = prefix.lastIndexOf('/')
    const keys = await this.keysBelow(slash < 0 ? '' : prefix.slice(0, slash))
    return keys.filter((key) => key.startsWith(prefix)).sort()
  }

  private async latest(executionId: string): Promise<string | null> {
    const pointed = await readIfThere(this.path(`${executionId}/${LATEST}`))
    if (pointed === null) return null
    const keys = await this.list(`${executionId}/step_`)
    return keys.reduce((newest, key) => (orderOfKey(key) > orderOfKey(newest) ? key : newest), pointed)
  }

  private async keysBelow(key: string): Promise<string[]> {
    const entries = await readdir(key === '' ? this.folder : this.path(key), { withFileTypes: true }).catch(
      (error: unknown) => {
        if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return []
        throw error
      },
    )
    const keys: string[] = []
    for (const entry of entries) {
      const below = key === '' ? decodeURIComponent(entry.name) : `${key}/${decodeURIComponent(entry.name)}`
      if (entry.isDirectory()) keys.push(...(await this.keysBelow(below)))
      else if (entry.name.endsWith('.json')) keys.push(below)
    }
    return keys
  }

  /** Every part of a key becomes one name that cannot leave the folder. */
  private path(key: string): string {
    return join(this.folder, ...key.split('/').map(fileName))
  }
}

function fileName(part: string): string {
  if (part === '') return '%00'
  return /^\.+$/.test(part) ? part.replaceAll('.', '%2E') : encodeURIComponent(part).replaceAll('*', '%2A')
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
    throw error
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await replaceFile(path, text)
  } catch (error) {
    throw new RpaError('checkpoint_write_failed', `${path}: ${messageOf(error)}`, {
      hint: `${diskHint(error)} The run continues from the last checkpoint.`,
      cause: error,
    })
  }
}
