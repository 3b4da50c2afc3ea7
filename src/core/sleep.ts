import { setTimeout as delay } from 'node:timers/promises'

/** Waits the given milliseconds; rejects with an AbortError when the signal aborts. */
export async function abortableSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal })
}
