import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { otlpCollector } from '../support/otlp-collector.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
let workspace: Workspace

beforeAll(async () => {
  models = await startModels()
  workspace = await makeWorkspace()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await workspace.seed('0000.00001', '0000.00004')
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

const CONSOLE = { OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'console' }
const DUMP = /resourceMetrics|resourceSpans|scopeMetrics|dataPoints|dataPointType|traceId|gen_ai/

it('a log with --debug holds no dump of metrics, whatever exporter is named', async () => {
  const end = await workspace.rpa(['prep', '--id', '0000.00001', '--debug', '--json'], {
    ...CONSOLE,
    OTEL_METRIC_EXPORT_INTERVAL: '50',
  })
  expect(end.json()).toMatchObject({ succeeded: 1 })
  expect(end.stderr).toContain('prints nothing without --otel-console')
  expect(end.stderr).not.toMatch(DUMP)
  expect(end.stdout).not.toMatch(DUMP)
})

it('--otel-console prints them as lines of JSON on stderr', async () => {
  const end = await workspace.rpa(['analyze', '--otel-console', '--json', '--quiet'], CONSOLE)
  expect(end.json()).toMatchObject({ succeeded: 1 })
  const documents = end.stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(documents.flatMap((document) => Object.keys(document)).sort()).toEqual(
    expect.arrayContaining(['resourceMetrics', 'resourceSpans']),
  )
  expect(end.stderr).not.toContain(KEY)
})

it('what there is goes out when a signal ends the command', async () => {
  const collector = await otlpCollector()
  let answer: () => void = () => undefined
  const stopping = new Promise<void>((resolve) => (answer = resolve))
  models.script(() => ({ until: stopping }))
  const running = workspace.start(['prep', '--id', '0000.00004'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    RPA_DRAIN_TIMEOUT: '10',
  })
  const asked = models.requests.length
  await models.until(() => models.requests.length > asked)
  running.kill('SIGTERM')
  await running.says('stopping')
  answer()
  expect((await running.ended).code).toBe(143)
  models.script()
  const command = collector.spans.find(({ name }) => name === 'rpa prep')
  expect(command?.attributes).toMatchObject({ 'rpa.exit_code': 143 })
  expect(collector.spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['phase prep', 'paper prep', 'state prep/write_key_outcome']),
  )
  expect(collector.metrics.get('rpa.budget.remaining')).toHaveLength(1)
})

it('a collector that is away changes neither the work nor the result', async () => {
  const end = await workspace.rpa(['wrap', '--json'], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  expect(end).toMatchObject({ code: 0 })
  expect(end.json()).toMatchObject({ succeeded: 1 })
  const line = /telemetry is not delivered: http:\/\/127\.0\.0\.1:9\/: connect ECONNREFUSED 127\.0\.0\.1:9\n/g
  expect(end.stderr.match(line)).toHaveLength(1)
})
