import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { telemetry, useTelemetry } from '../../src/core/telemetry.js'
import { askedTelemetry } from '../../src/telemetry/asked.js'
import { startTelemetry } from '../../src/telemetry/otel.js'
import type { SeenSpan } from '../support/otlp-collector.js'
import { otlpCollector } from '../support/otlp-collector.js'
import { KEY, MODEL, phaseBench } from '../support/phase-bench.js'

afterEach(() => {
  useTelemetry(null)
  vi.unstubAllEnvs()
})

const BOTH = { traces: { otlp: null, console: false }, metrics: { otlp: null, console: false } }

function start(env: Record<string, string>) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const { telemetry: asked } = askedTelemetry(env, false)
  const warnings: string[] = []
  const written: string[] = []
  const running = startTelemetry('analyze', asked ?? BOTH, {
    version: '1.2.3',
    env,
    warn: (message) => warnings.push(message),
    write: (line) => written.push(line),
  })
  useTelemetry(running.telemetry)
  return { running, warnings, written }
}

describe.each(['http/protobuf', 'http/json'])('over %s', (protocol) => {
  it('a collector gets the way of a paper down to its requests, and what it came to', async () => {
    const collector = await otlpCollector()
    const bench = await phaseBench({ papers: 2 })
    bench.server.queue({ status: 502 })
    const { running, warnings } = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=papers',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=cron',
    })
    const endWatch = telemetry().watch('rpa.budget.remaining', async () => 41)
    const { result } = await bench.run()
    await endWatch()
    expect(result).toMatchObject({ succeeded: 1, released: 1 })
    expect(await running.stop({ 'rpa.exit_code': 0 }, 20_000)).toBe(true)

    expect(warnings).toEqual([])
    expect(collector.resource).toMatchObject({
      'service.name': 'rpa',
      'service.version': '1.2.3',
      'deployment.environment': 'cron',
    })
    expect(collector.headers[0]).toMatchObject({ 'x-tenant': 'papers' })
    const chats = collector.spans.filter(({ name }) => name === `chat ${MODEL}`)
    expect(chats.map((chat) => ancestors(collector.spans, chat))).toEqual(
      Array(2).fill(['state analyze/ask', 'paper analyze', 'phase analyze', 'rpa analyze']),
    )
    expect(chats[0]).toMatchObject({
      status: 2,
      attributes: {
        'http.response.status_code': 502,
        'error.type': 'server_error',
        'rpa.outcome': 'error',
      },
    })
    expect(chats[1]?.attributes).toMatchObject({
      'gen_ai.request.model': MODEL,
      'server.address': '127.0.0.1',
      'http.response.status_code': 200,
      'gen_ai.usage.output_tokens': expect.any(Number) as number,
    })
    const papers = collector.spans.filter(({ name }) => name === 'paper analyze')
    expect(papers.map(({ attributes }) => attributes['rpa.execution_id']).sort()).toEqual(
      result?.executions.map(({ execution_id: id }) => id).sort(),
    )
    expect(new Set(collector.spans.map(({ trace }) => trace)).size).toBe(1)

    const sums = (name: string): number[] => collector.metrics.get(name)?.map(({ value }) => value) ?? []
    expect(sums('rpa.requests')).toEqual([1, 1])
    expect(sums('rpa.papers')).toEqual([1, 1])
    expect(sums('rpa.request.duration')).toEqual([1, 1])
    expect(sums('rpa.paper.duration')).toEqual([1, 1])
    expect(sums('rpa.budget.remaining')).toEqual([41])
    const [{ input, output } = {}] = bench.query<{ input?: number; output?: number }>(
      'select sum(prompt_tokens) as input, sum(completion_tokens) as output from llm_calls',
    )
    expect(sums('rpa.tokens')).toEqual([input, output])

    // Nothing that was asked, answered or sent to prove who asks.
    const text = collector.text()
    expect(text).not.toContain(KEY)
    for (const { prompt } of bench.server.calls) expect(text).not.toContain(prompt.slice(0, 60))
  })
})

function ancestors(spans: readonly SeenSpan[], { parent }: SeenSpan): string[] {
  const above = spans.find(({ id }) => id === parent)
  return above === undefined ? [] : [above.name, ...ancestors(spans, above)]
}

it('a collector that is away is one warning, and no reason to wait for long', async () => {
  const { running, warnings } = start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  await telemetry().span('paper prep', {}, async () => undefined)
  expect(await running.stop({}, 1)).toBe(false)
  expect(warnings).toEqual(['http://127.0.0.1:9/: connect ECONNREFUSED 127.0.0.1:9'])
})

describe('what the variables ask for', () => {
  const NONE = { otlp: null, console: false }
  const over = (protocol: string, address: string) => ({ otlp: { protocol, address }, console: false })
  const OTLP = over('protobuf', 'http://c:4318/')
  const HERE = 'http://localhost:4318/'
  it.each([
    [{}, null],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }, null],
    [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, { traces: OTLP, metrics: OTLP }],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c:4318' }, { traces: NONE, metrics: OTLP }],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { traces: over('protobuf', HERE), metrics: NONE }],
    [
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
      { traces: over('json', HERE), metrics: NONE },
    ],
    [{ OTEL_METRICS_EXPORTER: 'console', OTEL_TRACES_EXPORTER: 'console' }, null],
  ])('%j', (env, expected) => {
    expect(askedTelemetry(env, false).telemetry).toEqual(expected)
  })

  it('the console is asked by the flag alone', () => {
    const CONSOLE = { otlp: null, console: true }
    expect(askedTelemetry({}, true).telemetry).toEqual({ traces: CONSOLE, metrics: CONSOLE })
    expect(askedTelemetry({ OTEL_TRACES_EXPORTER: 'none' }, true).telemetry).toEqual({
      traces: NONE,
      metrics: CONSOLE,
    })
  })

  it('says what it cannot do', () => {
    const notes = (env: Record<string, string>): string[] =>
      askedTelemetry(env, false).notes.map(({ level, message }) => `${level}: ${message}`)
    expect(notes({ OTEL_TRACES_EXPORTER: 'zipkin' })).toEqual([
      'warn: OTEL_TRACES_EXPORTER=zipkin is not known: otlp, console or none',
    ])
    expect(notes({ OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual([
      expect.stringMatching(/^warn: OTLP over grpc is not spoken, metrics stay here: .*4318$/),
    ])
    expect(notes({ OTEL_METRICS_EXPORTER: 'console' })).toEqual([
      'debug: OTEL_METRICS_EXPORTER=console prints nothing without --otel-console',
    ])
  })
})

describe('what is wrong with a collector is told in one line, without a secret', () => {
  const SECRETS = /sekret|hunter2/

  it.each([
    ['nonsense', 'nonsense'],
    ['user:hunter2@host:4318?key=sekret', 'host:4318'],
    ['ftp://host', 'ftp://host'],
    ['http://host:99999', 'http://host:99999'],
  ])('an endpoint that is no URL (%s): nothing is sent, to this machine neither', (endpoint, shown) => {
    const { telemetry: wanted, notes } = askedTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, false)
    expect(wanted).toBeNull()
    expect(notes).toHaveLength(1)
    expect(notes[0]?.message).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT is no http or https URL ("${shown}")`)
    expect(notes[0]?.message).not.toMatch(SECRETS)
  })

  it('a refusal: with the address and the status', async () => {
    const server = createServer((_, response) => response.writeHead(401).end('the key sekret is wrong'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { running, warnings } = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:hunter2@127.0.0.1:${port}/otlp?token=sekret`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer sekret',
    })
    expect(await running.stop({}, 20_000)).toBe(true)
    expect(warnings).toEqual([`http://127.0.0.1:${port}/otlp: HTTP 401 Unauthorized`])
  })
})
