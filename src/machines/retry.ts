import { isFinal } from './errors.js'
import type { Retry } from './loaded.js'
import type { MachineServices } from './types.js'

/**
 * Runs a state's work, again after each wait of its retry rule, until it succeeds. An error that says it is not
 * retryable, or that `ends` the run, is thrown at once; after the last wait the last error is.
 */
export async function withRetry<T>(
  retry: Retry | null,
  services: Pick<MachineServices, 'sleep' | 'random' | 'signal'>,
  ends: (error: unknown) => boolean,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      const backoff = retry?.backoffs[attempt - 1]
      if (retry === null || backoff === undefined || isFinal(error) || ends(error)) throw error
      await services.sleep(waitMs(backoff, retry.jitter, services.random()), services.signal)
    }
  }
}

/** Returns the milliseconds to wait: the backoff, more or less by the jitter's part of it. */
export function waitMs(backoffSeconds: number, jitter: number, random: number): number {
  return Math.round(backoffSeconds * 1000 * (1 + jitter * (2 * random - 1)))
}
