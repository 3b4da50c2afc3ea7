import type { Logger } from '../core/logging.js'

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

export interface StopSignals {
  /** Aborted by the first SIGINT or SIGTERM. */
  stop: AbortSignal
  /** Aborted when requests in flight have been waited for long enough. */
  cut: AbortSignal
  /** 130 or 143 after a signal, else null. */
  exitCode(): number | null
  dispose(): void
}

export interface DrainOptions {
  log: Logger
  /** Longest wait for requests in flight, milliseconds. */
  limitMs: number
  /** Requests under way: id → latest end, epoch milliseconds. */
  inFlight: ReadonlyMap<string, number>
}

/**
 * The first SIGINT or SIGTERM asks the work to stop where it can be continued: requests in flight are waited for, but
 * not without end. The second one ends the process at once, which loses nothing but these requests.
 */
export function stopOnSignals({ log, limitMs, inFlight }: DrainOptions): StopSignals {
  const stop = new AbortController()
  const cut = new AbortController()
  let received: keyof typeof EXIT_CODES | null = null
  let timer: NodeJS.Timeout | undefined
  const onSignal = (name: NodeJS.Signals): void => {
    const signal = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'
    if (received !== null) process.exit(EXIT_CODES[signal])
    received = signal
    const longest = Math.max(0, ...[...inFlight.values()].map((end) => end - Date.now()))
    const waitMs = Math.min(limitMs, longest)
    const requests = `${inFlight.size} request${inFlight.size === 1 ? '' : 's'} in flight`
    const wait = inFlight.size === 0 ? '' : `: ${requests}, up to ${Math.ceil(waitMs / 1000)} s`
    log.warn(`stopping${wait}; press Ctrl-C again to stop now`)
    timer = setTimeout(() => cut.abort(), limitMs)
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    stop: stop.signal,
    cut: cut.signal,
    exitCode: () => (received === null ? null : EXIT_CODES[received]),
    dispose() {
      clearTimeout(timer)
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
