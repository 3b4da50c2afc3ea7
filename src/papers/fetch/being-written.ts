import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { abortableSleep } from '../../core/sleep.js'
import { isWholePdf } from './pdf-file.js'
import { SourceBusyError } from './host-turn.js'

/** Who copies a file writes to it again within this time. */
const QUIET_MS = 2000
const LOOK_MS = 250
/** A slow copy is left alone for as long, then looked at again. */
const PATIENCE_MS = 30_000
const AGAIN_MS = 60_000

/**
 * Waits until nobody writes to a PDF that has no end yet: what is half copied is no damaged paper. `waits` is called once if
 * there is something to wait for.
 *
 * @throws SourceBusyError `pdf_corrupt` where it still grows after 30 s; a disk error; AbortError.
 */
export async function untilWritten(
  path: string,
  { waits, signal }: { waits?: (() => void) | undefined; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const began = Date.now()
  for (let looks = 0; await isBeingWritten(path); looks += 1) {
    if (looks === 0) waits?.()
    const now = Date.now()
    if (now - began > PATIENCE_MS) {
      throw new SourceBusyError(`${basename(path)} is still being written`, now + AGAIN_MS, 'pdf_corrupt')
    }
    await abortableSleep(LOOK_MS, signal)
  }
}

/** A time far from ours is another machine's clock, or long ago. */
async function isBeingWritten(path: string): Promise<boolean> {
  const now = Date.now()
  const written = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  return Math.abs(now - written) < QUIET_MS && !(await isWholePdf(path))
}
