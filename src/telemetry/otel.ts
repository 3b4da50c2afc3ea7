import { context, diag, DiagLogLevel, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type {
  Attributes as OtelAttributes,
  Context,
  Meter,
  Span as OtelSpan,
  Tracer,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { setGlobalErrorHandler } from '@opentelemetry/core'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { hostname } from 'node:os'
import { messageOf, RpaError } from '../core/errors.js'
import type { Attributes, Span, Telemetry } from '../core/telemetry.js'
import { MEASURES } from '../core/telemetry.js'
import type { AskedTelemetry } from './asked.js'
import { metricExporters, traceExporters } from './exporters.js'
import { whyUnheard } from './reach.js'

export interface TelemetryOptions {
  version: string
  env: NodeJS.ProcessEnv
  /** Told once what is wrong with the collector, in words. */
  warn: (message: string) => void
  /** Gets what a console exporter says, line by line. */
  write: (line: string) => void
}

export interface RunningTelemetry {
  telemetry: Telemetry
  /**
   * Ends the span of the command, and exports what is left.
   *
   * @param limitMs longest time for that.
   * @returns whether that was done in time.
   */
  stop(attributes: Attributes, limitMs: number): Promise<boolean>
}

/**
 * Starts the SDK with a span for the whole command.
 *
 * @throws Error where a variable of the SDK makes no sense.
 */
export function startTelemetry(
  command: string,
  asked: AskedTelemetry,
  options: TelemetryOptions,
): RunningTelemetry {
  const warn = once(options.warn)
  hearSdk(warn)
  const told = { write: options.write, warn }
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': 'rpa',
        'service.version': options.version,
        'host.name': hostname(),
        'process.pid': process.pid,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }))
  const traces = new BasicTracerProvider({
    resource,
    spanProcessors: traceExporters(asked.traces, told).map((exporter) => new BatchSpanProcessor(exporter)),
  })
  const metrics = new MeterProvider({
    resource,
    readers: metricExporters(asked.metrics, told).map(
      (exporter) => new PeriodicExportingMetricReader({ exporter, ...intervalOf(options.env) }),
    ),
  })
  const tracer = traces.getTracer('rpa', options.version)
  const root = tracer.startSpan(`rpa ${command}`, { attributes: { 'rpa.command': command } })
  return {
    telemetry: new OtelTelemetry(tracer, metrics.getMeter('rpa', options.version), root),
    async stop(attributes, limitMs) {
      root.setAttributes(known(attributes))
      root.end()
      const flushed = Promise.allSettled([traces.shutdown(), metrics.shutdown()]).then(() => true)
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), limitMs)))
      const inTime = await Promise.race([flushed, late])
      clearTimeout(timer)
      if (!inTime) warn(await whyLate(asked, limitMs))
      context.disable()
      diag.disable()
      return inTime
    },
  }
}

/** A look at a collector that is late. */
const LOOK_MS = 500

async function whyLate({ traces, metrics }: AskedTelemetry, limitMs: number): Promise<string> {
  const address = (traces.otlp ?? metrics.otlp)?.address ?? null
  const why = address === null ? null : await whyUnheard(address, LOOK_MS)
  return `${address === null ? '' : `${address}: `}${why ?? `not all was taken within ${limitMs / 1000} s`}`
}

/** Bounds of the classes of durations: from a quick refusal to a paper whose model is slow. */
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800]

class OtelTelemetry implements Telemetry {
  readonly #tracer: Tracer
  readonly #meter: Meter
  readonly #root: Context

  constructor(tracer: Tracer, meter: Meter, root: OtelSpan) {
    this.#tracer = tracer
    this.#meter = meter
    this.#root = trace.setSpan(context.active(), root)
  }

  async span<R>(name: string, attributes: Attributes, work: (span: Span) => Promise<R>): Promise<R> {
    const parent = trace.getSpan(context.active()) === undefined ? this.#root : context.active()
    const kind = attributes['gen_ai.request.model'] === undefined ? SpanKind.INTERNAL : SpanKind.CLIENT
    const span = this.#tracer.startSpan(name, { kind, attributes: known(attributes) }, parent)
    const fail = (errorClass: string): void => {
      span.setAttribute('error.type', errorClass)
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    try {
      return await context.with(trace.setSpan(parent, span), () =>
        work({ set: (more) => void span.setAttributes(known(more)), fail }),
      )
    } catch (error) {
      fail(classOf(error))
      throw error
    } finally {
      span.end()
    }
  }

  // The SDK keeps one instrument a name, however often it is asked for it.
  count: Telemetry['count'] = (measure, amount, attributes) =>
    this.#meter.createCounter(measure, MEASURES[measure]).add(amount, known(attributes))

  record: Telemetry['record'] = (measure, value, attributes) =>
    this.#meter
      .createHistogram(measure, { ...MEASURES[measure], advice: { explicitBucketBoundaries: [...SECONDS] } })
      .record(value, known(attributes))

  watch: Telemetry['watch'] = (measure, read) => {
    let last: number | null = null
    let ended = false
    const refresh = async (): Promise<void> => {
      last = await read().catch(() => last)
    }
    this.#meter.createObservableGauge(measure, MEASURES[measure]).addCallback(async (result) => {
      if (!ended) await refresh()
      if (last !== null) result.observe(last)
    })
    return async () => {
      await refresh()
      ended = true
    }
  }
}

function known(attributes: Attributes): OtelAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null)) as OtelAttributes
}

function classOf(error: unknown): string {
  if (error instanceof RpaError) return error.code
  return error instanceof Error ? error.name : 'error'
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#periodic-exporting-metricreader */
function intervalOf(env: NodeJS.ProcessEnv): { exportIntervalMillis: number; exportTimeoutMillis: number } {
  const ms = (name: string, fallback: number): number => {
    const value = Number(env[name])
    return Number.isFinite(value) && value > 0 ? value : fallback
  }
  const exportIntervalMillis = ms('OTEL_METRIC_EXPORT_INTERVAL', 60_000)
  const timeout = ms('OTEL_METRIC_EXPORT_TIMEOUT', 30_000)
  return { exportIntervalMillis, exportTimeoutMillis: Math.min(timeout, exportIntervalMillis) }
}

/** Every lost batch is reported; a collector that is away is worth one line. */
function once(warn: (message: string) => void): (message: string) => void {
  let told = false
  return (message) => {
    if (!told) warn(message)
    told = true
  }
}

/** What the SDK says of other things than batches. */
function hearSdk(warn: (message: string) => void): void {
  const tell = (...words: unknown[]): void => {
    const said = words.filter((word) => typeof word === 'string' || word instanceof Error).map(messageOf)
    warn(said.join(': '))
  }
  const quiet = (): void => undefined
  diag.setLogger(
    { error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  setGlobalErrorHandler(tell)
}
