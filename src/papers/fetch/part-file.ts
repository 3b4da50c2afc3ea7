import { readdir, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diskError } from '../../core/files/disk-error.js'
import { systemCode } from '../../core/errors.js'
import { makeFolders } from '../../core/files/make-folders.js'
import { fillFile } from '../../core/files/replace-file.js'

/**
 * Gives a file its name only when all of it is on the disk, even if the power fails: it is filled under a name of its
 * own, which is removed if the filling fails. Makes the folder. Throws a disk error, or what `fill` throws.
 */
export async function storeWhole<T>(target: string, fill: (file: FileHandle) => Promise<T>): Promise<T> {
  let filling = false
  try {
    makeFolders(dirname(target))
    return await fillFile(target, 'part', async (file) => {
      filling = true
      const result = await fill(file)
      filling = false
      return result
    })
  } catch (error) {
    throw filling ? error : diskError(error, target, 'write')
  }
}

/** Writes all of the bytes: the system may take only some of them, as when the disk gets full. Throws a disk error. */
export async function append(file: FileHandle, bytes: Uint8Array, path: string): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
  } catch (error) {
    throw diskError(error, path, 'write')
  }
}

const PART = /^\..+\.(\d+)\.[0-9a-f]{8}\.part$/
const ABANDONED_AFTER_MS = 86_400_000

/**
 * Removes half-filled files that crashed processes left in a folder: such as nobody has written to for `quietMs`, by a
 * process that is gone (or, of another machine, for a day). What cannot be removed stays.
 *
 * @param quietMs longer than any download may take.
 * @param now epoch milliseconds.
 */
export async function sweepParts(folder: string, quietMs: number, now: number): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const pid = PART.exec(name)?.[1]
    if (pid === undefined) continue
    const path = join(folder, name)
    const quiet = await stat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    )
    const abandoned = quiet > ABANDONED_AFTER_MS || (quiet > quietMs && isGone(Number(pid)))
    if (abandoned) await unlink(path).catch(() => undefined)
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return systemCode(error) === 'ESRCH'
  }
}
