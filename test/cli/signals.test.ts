import { expect, it } from 'vitest'
import { stopOnSignals } from '../../src/cli/signals.js'
import { createLogger } from '../../src/core/logging.js'

it.each([
  ['SIGTERM', 143],
  ['SIGBREAK', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
] as const)('%s asks the work to stop, with exit code %d', (signal, code) => {
  const lines: string[] = []
  const stop = stopOnSignals({
    log: createLogger('warn', (_, line) => lines.push(line)),
    limitMs: 1000,
    inFlight: new Map(),
  })
  process.emit(signal, signal)
  stop.dispose()
  expect([stop.stopTaking.aborted, stop.abortInFlight.aborted, stop.exitCode()]).toEqual([true, false, code])
  expect(lines.join()).toContain('stopping')
})
