import type { Logger } from '../core/logging.js'

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

export interface StopSignal {
  signal: AbortSignal
  /** 130 or 143 after a signal, else null. */
  exitCode(): number | null
  dispose(): void
}

/**
 * The first SIGINT or SIGTERM asks the work to stop where it can be continued; the second ends the process at once,
 * which loses nothing but the requests in flight.
 */
export function stopOnSignals(log: Logger): StopSignal {
  const controller = new AbortController()
  let received: keyof typeof EXIT_CODES | null = null
  const onSignal = (name: NodeJS.Signals): void => {
    const signal = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'
    if (received !== null) process.exit(EXIT_CODES[signal])
    received = signal
    log.warn('stopping: requests in flight are finished and kept; press Ctrl-C again to stop now')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    exitCode: () => (received === null ? null : EXIT_CODES[received]),
    dispose() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
