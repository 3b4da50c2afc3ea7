import { randomBytes } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { systemCode } from '../errors.js'

/**
 * Writes a file so that its path holds the whole new content or what was there before, even if the power fails.
 *
 * @throws the system's error; the temporary file is gone then.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await fillFile(path, 'tmp', (file) => file.writeFile(content))
}

/**
 * Gives a file its name only when all of it is on the disk, even if the power fails: it is filled under a name of its
 * own in the same folder (`.NAME.PID.HEX.ENDING`), synced and renamed.
 *
 * @returns what `fill` returns.
 * @throws the system's error, or what `fill` throws; the temporary file is gone then.
 */
export async function fillFile<T>(
  path: string,
  ending: string,
  fill: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const name = `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.${ending}`
  const temporary = join(dirname(path), name)
  const file = await open(temporary, 'wx', 0o644)
  try {
    const result = await fill(file)
    await file.sync()
    await file.close()
    await moveInPlace(temporary, path)
    return result
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Gives a synced file its name, in place of what has it, and makes that last. Throws the system's error. */
export async function moveInPlace(from: string, to: string): Promise<void> {
  await patiently(() => rename(from, to))
  await syncFolder(dirname(to))
}

/** Windows refuses to rename while a virus scanner or an indexer looks at a file, which is over in a moment. */
const IN_USE: readonly (string | null)[] = ['EPERM', 'EACCES', 'EBUSY']
const WAITS_MS = [10, 20, 40, 80, 160]

/** Returns what `work` returns; it is tried again a few times while a file is in use. Throws its last error. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const ms of WAITS_MS) {
    try {
      return await work()
    } catch (error) {
      if (!IN_USE.includes(systemCode(error))) throw error
      await wait(ms)
    }
  }
  return work()
}

/** Waits until all of a file is on the disk. Throws the system's error. */
export async function syncFile(path: string): Promise<void> {
  // Windows syncs only what is open for writing.
  const file = await open(path, 'r+')
  await file.sync().finally(() => file.close())
}

/** Makes a rename in a folder last, as far as the file system can. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    await folder.sync().finally(() => folder.close())
  } catch {
    // Windows and some network file systems refuse; the file itself is safe by then.
  }
}
