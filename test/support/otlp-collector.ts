import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
// What the protocol's own .proto files were compiled to, in the last releases of the package that held it.
import generated from 'otlp-decoder/build/src/generated/root.js'

interface Message {
  decode(bytes: Uint8Array): unknown
  toObject(message: unknown, options: object): Wire
}

/** Its types say nothing of the namespaces. */
const { collector } = (
  generated as unknown as {
    opentelemetry: { proto: { collector: Record<'trace' | 'metrics', { v1: Record<string, Message> }> } }
  }
).opentelemetry.proto

type Value = string | number | boolean
type Wire = Record<string, unknown>

export interface SeenSpan {
  name: string
  id: string
  /** Empty: it has none. */
  parent: string
  trace: string
  attributes: Record<string, Value>
  /** 2: failed. */
  status: number
}

export interface SeenPoint {
  value: number
  attributes: Record<string, Value>
}

export interface Collector {
  url: string
  spans: SeenSpan[]
  /** The newest points of each metric. */
  metrics: Map<string, SeenPoint[]>
  resource: Record<string, Value>
  headers: IncomingMessage['headers'][]
  /** All that came, as text. */
  text(): string
}

/** A collector of OTLP over HTTP on the loopback, closed when the running test ends. */
export async function otlpCollector(): Promise<Collector> {
  const bodies: string[] = []
  const seen: Collector = {
    url: '',
    spans: [],
    metrics: new Map(),
    resource: {},
    headers: [],
    text: () => bodies.join('\n'),
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.headers.push(request.headers)
      const isTraces = request.url === '/v1/traces'
      const document = decode(isTraces, request.headers['content-type'] ?? '', Buffer.concat(chunks))
      bodies.push(JSON.stringify(document))
      if (isTraces) takeTraces(seen, document)
      else takeMetrics(seen, document)
      // An empty message of protobuf has no bytes.
      response.writeHead(200).end(request.headers['content-type'] === 'application/json' ? '{}' : '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return seen
}

function decode(isTraces: boolean, type: string, body: Buffer): Wire {
  if (type.includes('json')) return JSON.parse(body.toString('utf8')) as Wire
  const { trace, metrics } = collector
  const form = isTraces ? trace.v1['ExportTraceServiceRequest'] : metrics.v1['ExportMetricsServiceRequest']
  if (form === undefined) throw new Error('the protocol has no such message')
  return form.toObject(form.decode(body), { longs: Number, bytes: String, defaults: false })
}

function takeTraces(seen: Collector, document: Wire): void {
  for (const resource of list(document['resourceSpans'])) {
    seen.resource = attributesOf((resource['resource'] as Wire)['attributes'])
    for (const scope of list(resource['scopeSpans'])) {
      for (const span of list(scope['spans'])) {
        seen.spans.push({
          name: String(span['name']),
          id: String(span['spanId']),
          parent: (span['parentSpanId'] as string | undefined) ?? '',
          trace: String(span['traceId']),
          attributes: attributesOf(span['attributes']),
          status: Number((span['status'] as Wire | undefined)?.['code'] ?? 0),
        })
      }
    }
  }
}

function takeMetrics(seen: Collector, document: Wire): void {
  for (const resource of list(document['resourceMetrics'])) {
    for (const scope of list(resource['scopeMetrics'])) {
      for (const metric of list(scope['metrics'])) {
        const data = (metric['sum'] ?? metric['gauge'] ?? metric['histogram']) as Wire
        const points = list(data['dataPoints']).map((point) => ({
          value: Number(point['asInt'] ?? point['asDouble'] ?? point['count']),
          attributes: attributesOf(point['attributes']),
        }))
        seen.metrics.set(String(metric['name']), points)
      }
    }
  }
}

function attributesOf(pairs: unknown): Record<string, Value> {
  return Object.fromEntries(
    list(pairs).map(({ key, value }) => {
      const [kind = '', content] = Object.entries(value as Wire)[0] ?? []
      return [String(key), (kind === 'intValue' ? Number(content) : content) as Value]
    }),
  )
}

function list(value: unknown): Wire[] {
  return (value ?? []) as Wire[]
}
