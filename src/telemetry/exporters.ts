import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { JsonMetricsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { AggregationTemporality } from '@opentelemetry/sdk-metrics'
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Collector, SignalExports } from './asked.js'

/**
 * Returns the exporters of traces; they read endpoint, headers, timeout and certificates from the environment.
 *
 * @param warn told of each batch that a collector did not take.
 */
export function traceExporters({ otlp, console }: SignalExports, { write, warn }: Told): SpanExporter[] {
  const remote =
    otlp === null
      ? []
      : [heard(otlp.protocol === 'json' ? new JsonTraceExporter() : new ProtobufTraceExporter(), otlp, warn)]
  return console ? [...remote, new ConsoleTraceExporter(write)] : remote
}

/** Returns the exporters of metrics, as {@link traceExporters}. */
export function metricExporters(
  { otlp, console }: SignalExports,
  { write, warn }: Told,
): PushMetricExporter[] {
  const remote =
    otlp === null
      ? []
      : [
          heard(
            otlp.protocol === 'json' ? new JsonMetricExporter() : new ProtobufMetricExporter(),
            otlp,
            warn,
          ),
        ]
  return console ? [...remote, new ConsoleMetricExporter(write)] : remote
}

/** Gets a line with its end. */
type Write = (line: string) => void

interface Told {
  write: Write
  warn: (message: string) => void
}

interface Exporter<T> {
  export(items: T, done: (result: ExportResult) => void): void
}

/** Has it told when something is not taken: where the SDK tells of it at all, it does not say whereto, or why. */
function heard<T, E extends Exporter<T>>(exporter: E, { address }: Collector, warn: Told['warn']): E {
  const send = exporter.export.bind(exporter)
  exporter.export = (items, done) =>
    send(items, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) warn(`${address}: ${causeOf(result.error)}`)
      done(result)
    })
  return exporter
}

/** What a collector answers may quote the headers that it got. */
function causeOf(error: (Error & { code?: unknown }) | undefined): string {
  const { code, message = '' } = error ?? {}
  if (typeof code === 'number') return `HTTP ${code} ${message}`.trim()
  return message || (typeof code === 'string' ? code : 'refused')
}

/** The SDK's own exporters for the console print to stdout, which belongs to the result. */
class OnConsole<T> {
  readonly #write: Write
  readonly #serialize: (items: T) => Uint8Array | undefined

  constructor(write: Write, serialize: (items: T) => Uint8Array | undefined) {
    this.#write = write
    this.#serialize = serialize
  }

  export(items: T, done: (result: ExportResult) => void): void {
    const line = this.#serialize(items)
    if (line !== undefined) this.#write(`${Buffer.from(line).toString('utf8')}\n`)
    done({ code: ExportResultCode.SUCCESS })
  }

  async forceFlush(): Promise<void> {
    return undefined
  }

  async shutdown(): Promise<void> {
    return undefined
  }
}

class ConsoleTraceExporter extends OnConsole<ReadableSpan[]> implements SpanExporter {
  constructor(write: Write) {
    super(write, (spans) => JsonTraceSerializer.serializeRequest(spans))
  }
}

class ConsoleMetricExporter extends OnConsole<ResourceMetrics> implements PushMetricExporter {
  constructor(write: Write) {
    super(write, (metrics) => JsonMetricsSerializer.serializeRequest(metrics))
  }

  selectAggregationTemporality(): AggregationTemporality {
    return AggregationTemporality.CUMULATIVE
  }
}
