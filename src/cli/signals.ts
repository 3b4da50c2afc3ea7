import type { Logger } from '../core/logging.js'

const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGBREAK: 143 } as const

type StopSignal = keyof typeof EXIT_CODES

const STOP_SIGNALS = Object.keys(EXIT_CODES) as StopSignal[]

export interface StopSignals {
  /** Aborted by the first of the signals: no new work is taken. */
  stopTaking: AbortSignal
  /** Aborted when requests in flight have been waited for long enough. */
  abortInFlight: AbortSignal
  /** 129, 130 or 143 after a signal, else null. */
  exitCode(): number | null
  dispose(): void
}

export interface DrainOptions {
  log: Pick<Logger, 'warn'>
  /** Longest wait for requests in flight, milliseconds. */
  limitMs: number
  /** Requests under way: id → latest end, by `performance.now()`. */
  inFlight: ReadonlyMap<string, number>
}

/**
 * The first SIGINT, SIGTERM or SIGHUP (or Ctrl-Break on Windows) asks the work to stop where it can be continued: requests in flight are waited for,
 * but not without end. The second one, whichever, ends the process at once, which loses nothing but these requests.
 */
export function stopOnSignals({ log, limitMs, inFlight }: DrainOptions): StopSignals {
  const stopTaking = new AbortController()
  const abortInFlight = new AbortController()
  let received: StopSignal | null = null
  let timer: NodeJS.Timeout | undefined
  const onSignal = (name: NodeJS.Signals): void => {
    const signal = name as StopSignal
    if (received !== null) process.exit(EXIT_CODES[signal])
    received = signal
    const longest = Math.max(0, ...[...inFlight.values()].map((end) => end - performance.now()))
    const waitMs = Math.min(limitMs, longest)
    const requests = `${inFlight.size} request${inFlight.size === 1 ? '' : 's'} in flight`
    const wait = inFlight.size === 0 ? '' : `: ${requests}, up to ${Math.ceil(waitMs / 1000)} s`
    log.warn(`stopping${wait}; press Ctrl-C again to stop now`)
    timer = setTimeout(() => abortInFlight.abort(), limitMs)
    stopTaking.abort()
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  return {
    stopTaking: stopTaking.signal,
    abortInFlight: abortInFlight.signal,
    exitCode: () => (received === null ? null : EXIT_CODES[received]),
    dispose() {
      clearTimeout(timer)
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
    },
  }
}
