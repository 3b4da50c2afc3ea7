import type { LogLevel } from '../core/settings/settings.js'

/** Who gets it over OTLP. */
export interface Collector {
  protocol: 'protobuf' | 'json'
  /** Its URL for words: without credentials and query, which may be a key. */
  address: string
}

/** How one of traces and metrics is exported. */
export interface SignalExports {
  /** Null: not over OTLP. */
  otlp: Collector | null
  /** Also as lines of JSON on stderr. */
  console: boolean
}

export interface AskedTelemetry {
  traces: SignalExports
  metrics: SignalExports
}

export interface Asked {
  /** Null: nobody wants any. */
  telemetry: AskedTelemetry | null
  /** What the variables say and is not done. */
  notes: { level: LogLevel; message: string }[]
}

/**
 * Returns what the variables of the OpenTelemetry specification ask for: an exporter that they name, or an endpoint. Without
 * either nothing is exported, although the specification's default is an endpoint on this machine.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 *
 * @param onConsole what a console exporter says may be printed.
 */
export function askedTelemetry(env: NodeJS.ProcessEnv, onConsole: boolean): Asked {
  const notes: Asked['notes'] = []
  if (read(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return { telemetry: null, notes }
  const traces = exportsOf('TRACES', env, onConsole, notes)
  const metrics = exportsOf('METRICS', env, onConsole, notes)
  const isWanted = [traces, metrics].some(({ otlp, console }) => otlp !== null || console)
  return { telemetry: isWanted ? { traces, metrics } : null, notes }
}

function exportsOf(
  signal: 'TRACES' | 'METRICS',
  env: NodeJS.ProcessEnv,
  onConsole: boolean,
  notes: Asked['notes'],
): SignalExports {
  const variable = `OTEL_${signal}_EXPORTER`
  const named = read(env, variable)
  const endpoint = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT'].find(
    (name) => read(env, name) !== undefined,
  )
  const names = named?.split(',').map((name) => name.trim()) ?? (endpoint === undefined ? [] : ['otlp'])
  for (const name of names) {
    if (name === 'console' && !onConsole)
      notes.push({ level: 'debug', message: `${variable}=console prints nothing without --otel-console` })
    if (!['otlp', 'console', 'none', ''].includes(name))
      notes.push({ level: 'warn', message: `${variable}=${name} is not known: otlp, console or none` })
  }
  return {
    otlp: names.includes('otlp') ? collectorOf(signal, endpoint, env, notes) : null,
    console: onConsole && !names.includes('none'),
  }
}

/** The SDK takes an endpoint that is no URL for none, and sends to this machine instead. */
function collectorOf(
  signal: string,
  endpoint: string | undefined,
  env: NodeJS.ProcessEnv,
  notes: Asked['notes'],
): Collector | null {
  const url = endpoint === undefined ? 'http://localhost:4318' : (read(env, endpoint) ?? '')
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    const shown = url.replace(/^.*@/s, '').replace(/[?#].*$/s, '')
    const message = `${endpoint} is no http or https URL ("${shown}"), so nothing is sent there; http://127.0.0.1:4318 is one`
    if (!notes.some((note) => note.message === message)) notes.push({ level: 'warn', message })
    return null
  }
  const protocol = protocolOf(signal, env, notes)
  return protocol && { protocol, address: `${parsed.protocol}//${parsed.host}${parsed.pathname}` }
}

function protocolOf(
  signal: string,
  env: NodeJS.ProcessEnv,
  notes: Asked['notes'],
): Collector['protocol'] | null {
  const own = read(env, `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`)
  const protocol = own ?? read(env, 'OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf'
  if (protocol === 'http/protobuf') return 'protobuf'
  if (protocol === 'http/json') return 'json'
  notes.push({
    level: 'warn',
    message: `OTLP over ${protocol} is not spoken, ${signal.toLowerCase()} stay here: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and the port for it, mostly 4318`,
  })
  return null
}

/** The specification takes an empty variable for one that is not set. */
function read(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name]?.trim() || undefined
}
