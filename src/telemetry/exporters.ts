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
import type { SignalExports } from './asked.js'

/** Returns the exporters of traces; they read endpoint, headers, timeout and certificates from the environment. */
export function traceExporters({ otlp, console }: SignalExports, write: Write): SpanExporter[] {
  const remote =
    otlp === null ? [] : [otlp === 'json' ? new JsonTraceExporter() : new ProtobufTraceExporter()]
  return console ? [...remote, new ConsoleTraceExporter(write)] : remote
}

/** Returns the exporters of metrics, as {@link traceExporters}. */
export function metricExporters({ otlp, console }: SignalExports, write: Write): PushMetricExporter[] {
  const remote =
    otlp === null ? [] : [otlp === 'json' ? new JsonMetricExporter() : new ProtobufMetricExporter()]
  return console ? [...remote, new ConsoleMetricExporter(write)] : remote
}

/** Gets a line with its end. */
type Write = (line: string) => void

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
