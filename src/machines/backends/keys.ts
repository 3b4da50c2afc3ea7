import type { CheckpointEvent } from '../types.js'

/** Last part of the key under which the newest snapshot of an execution is found. */
export const LATEST = 'latest'

/** Returns `<execution_id>/step_<6 digits>_<event>.json`. */
export function checkpointKey(executionId: string, step: number, event: CheckpointEvent): string {
  return `${executionId}/step_${String(step).padStart(6, '0')}_${event}.json`
}

/** Returns the key of the newest snapshot of an execution. */
export function latestKey(executionId: string): string {
  return `${executionId}/${LATEST}`
}

/** Returns the execution whose newest snapshot a key means, or null if it is the key of one snapshot. */
export function latestOwner(key: string): string | null {
  return key.endsWith(`/${LATEST}`) ? key.slice(0, -LATEST.length - 1) : null
}

/** Returns the step of a key, or -1 if it is no checkpoint's. */
export function stepOfKey(key: string): number {
  const match = /\/step_(\d+)_\w+\.json$/.exec(key)
  return match === null ? -1 : Number(match[1])
}
