import { constants } from 'node:os'
import { messageOf } from '../core/errors.js'
import type { Logger } from '../core/logging.js'
import { packageVersion } from '../core/package.js'
import { useTelemetry } from '../core/telemetry.js'
import { askedTelemetry } from '../telemetry/asked.js'

/** What is left when the command has ended is exported for no longer than this, milliseconds. */
const LONGEST_FLUSH_MS = 2000

export interface TelemetryFlags {
  /** Whether exporters for the console may print. */
  onConsole: boolean
  log: Logger
}

/** What ends the telemetry of this process; null: it has none. */
let ending: (() => Promise<boolean>) | null = null

/** Has spans and measurements exported, where the `OTEL_*` variables ask for that. That it cannot be done is no failure. */
export async function beginTelemetry(command: string, { onConsole, log }: TelemetryFlags): Promise<void> {
  const { telemetry, notes } = askedTelemetry(process.env, onConsole)
  for (const { level, message } of notes) log[level](message)
  if (telemetry === null) return
  try {
    const { startTelemetry } = await import('../telemetry/otel.js')
    const running = startTelemetry(command, telemetry, {
      version: packageVersion(),
      env: process.env,
      warn: (message) => log.warn(`telemetry is not delivered: ${message}`),
      write: (line) => void process.stderr.write(line),
    })
    useTelemetry(running.telemetry)
    ending = () => running.stop({ 'rpa.exit_code': Number(process.exitCode ?? 0) }, LONGEST_FLUSH_MS)
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, endWithSignal)
  } catch (error) {
    log.warn(`telemetry cannot be started: ${messageOf(error)}`)
  }
}

/** Ends it when the command has ended and its result is written. */
export async function endTelemetry(): Promise<void> {
  const end = ending
  if (end === null) return
  ending = null
  useTelemetry(null)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, endWithSignal)
  if (await end()) return
  // Sockets of a collector that does not answer would keep the process for longer.
  await new Promise((resolve) => process.stdout.write('', resolve))
  process.exit()
}

/** Commands that wind their work up have a listener of their own; any other would have ended at once. */
function endWithSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  process.exitCode = 128 + constants.signals[signal]
  void endTelemetry().finally(() => process.exit())
}
