import { describe, expect, it } from 'vitest'
import { until } from '../../support/cli.js'
import type { ModelReply } from '../../support/model-server.js'
import { phaseBench } from '../../support/phase-bench.js'
import * as says from '../../support/refusals.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.now()

interface Row {
  name: string
  headers: Record<string, string>
  /** How long the group is left alone, milliseconds. */
  pause: number
}

const reset = (value: unknown): Record<string, string> => ({ 'x-ratelimit-reset': String(value) })
const after = (value: unknown): Record<string, string> => ({ 'retry-after': String(value) })

/** Times nobody can mean: then it is a minute. */
const TIMES: Row[] = [
  { name: 'Reset a moment ago', headers: reset(NOW - 5000), pause: MINUTE },
  { name: 'Reset an hour ago', headers: reset(NOW - HOUR), pause: MINUTE },
  { name: 'Reset of seconds', headers: reset(30), pause: MINUTE },
  { name: 'Reset in the year 2200', headers: reset(Date.UTC(2200, 0, 1)), pause: MINUTE },
  { name: 'Reset negative', headers: reset(-1), pause: MINUTE },
  { name: 'Reset NaN', headers: reset('NaN'), pause: MINUTE },
  { name: 'Reset infinite', headers: reset('Infinity'), pause: MINUTE },
  { name: 'Reset hexadecimal', headers: reset('0x7fffffffffffffff'), pause: MINUTE },
  { name: 'Retry-After negative', headers: after(-30), pause: MINUTE },
  { name: 'Retry-After of a year', headers: after(365 * 86_400), pause: MINUTE },
  { name: 'Retry-After as a date long ago', headers: after('Thu, 01 Jan 1970 00:00:00 GMT'), pause: MINUTE },
  { name: 'Retry-After as a date', headers: after(new Date(NOW + HOUR).toUTCString()), pause: HOUR },
  { name: 'Retry-After of nothing', headers: after(''), pause: MINUTE },
  { name: 'Retry-After zero', headers: after(0), pause: MINUTE },
  { name: 'Limit nonsense', headers: { 'x-ratelimit-limit': '-3', ...reset(NOW + HOUR) }, pause: HOUR },
  { name: 'Limit zero', headers: { 'x-ratelimit-limit': '0', ...reset(NOW + HOUR) }, pause: HOUR },
]

describe('times that nobody can mean', () => {
  it.each(TIMES)('$name', async ({ headers, pause }) => {
    const bench = await phaseBench()
    bench.server.rule(() => ({ ...says.refusal(429, 'Rate limit exceeded: free-models-per-min. '), headers }))
    const end = await bench.run()
    expect(end).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0 } })
    expect(bench.server.count).toBe(1)
    const [circuit] = bench.query<{ retry_at: string }>('select * from circuits')
    const at = Date.parse(circuit?.retry_at ?? '')
    // Dates and Retry-After are of whole seconds.
    expect(at).toBeGreaterThanOrEqual((pause === HOUR ? NOW : end.began) + pause - 1000)
    expect(at).toBeLessThanOrEqual(end.ended + pause + 1000)
    expect(bench.query('select * from limit_states')).toEqual([])
    expect(bench.query('select status, not_before from executions')).toEqual([
      { status: 'prepped', not_before: null },
    ])
  })

  it.each([
    ['a day that ended', { resets_at: '1999-01-01T00:00:00Z' }],
    ['no date', { resets_at: 'when you have paid' }],
    ['an object', { resets_at: { seconds: 3 } }],
  ])('a budget that resets at %s is left alone for an hour', async (_, metadata) => {
    const bench = await phaseBench()
    bench.server.rule(() => says.refusal(403, 'Key limit exceeded', metadata))
    const end = await bench.run()
    const [circuit] = bench.query<{ retry_at: string }>('select * from circuits')
    expect(Date.parse(circuit?.retry_at ?? '')).toBeGreaterThanOrEqual(end.began + HOUR)
    expect(Date.parse(circuit?.retry_at ?? '')).toBeLessThanOrEqual(end.ended + HOUR)
  })
})

describe('answers made to harm', () => {
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`

  it.each([
    ['a body of 50 MB', { body: ' '.repeat(50 * 1024 * 1024) }, 'malformed_answer'],
    ['an error text of 5 MB', says.refusal(500, 'x'.repeat(5 * 1024 * 1024)), 'server_error'],
    ['a page of 5 MB of tags', { status: 500, body: '<'.repeat(5 * 1024 * 1024) }, 'server_error'],
    ['a header of 100 kB', { headers: { 'x-long': 'x'.repeat(100_000) } }, 'connection_failed'],
    ['very deep JSON', { body: deep }, 'malformed_answer'],
    ['a list', { body: [] }, 'malformed_answer'],
    ['null', { body: 'null' }, 'malformed_answer'],
    [
      'content that is no text',
      { completion: { choices: [{ message: { content: 7 } }] } },
      'malformed_answer',
    ],
    ['an error that is no object', { status: 500, body: { error: 7 } }, 'server_error'],
    ['an error that is a list', { status: 500, body: { error: [{ code: 1 }] } }, 'server_error'],
    ['a refusal, as text', { content: "I'm sorry, but I can't assist with that request." }, 'moderated'],
    [
      'a limit, as text',
      { content: 'You have reached your daily message limit. Please upgrade, or try again tomorrow.' },
      'rate_limited_upstream',
    ],
    ['an error, as text', { content: '{"error":{"message":"Internal error","code":500}}' }, 'server_error'],
    ['a greeting', { content: 'Hello! How can I help you today?' }, 'malformed_answer'],
    ['800 signs', { content: '!'.repeat(800) }, 'malformed_answer'],
    ['a prototype', { body: '{"__proto__":{"choices":[]},"constructor":1}' }, 'malformed_answer'],
  ] as [string, ModelReply, string][])('%s', async (_, reply, errorClass) => {
    const bench = await phaseBench()
    bench.server.rule(() => reply)
    const end = await bench.run()
    expect(end).toMatchObject({ exit: 0, result: { executions: [{ error_class: errorClass }] } })
    expect(end.result?.executions[0]?.error?.length).toBeLessThan(900)
    expect(bench.query('select error_class, counted from llm_calls')).toEqual([
      { error_class: errorClass, counted: 1 },
    ])
    const [{ n }] = bench.query<{ n: number }>('select max(length(error)) as n from executions') as [
      { n: number },
    ]
    expect(n).toBeLessThan(900)
  })

  it('what comes byte by byte ends at the deadline', async () => {
    const bench = await phaseBench({ profiles: { expensive: { timeout: 0.3 } } })
    bench.server.rule(() => ({ padEveryMs: 5, body: '{' }))
    expect(await bench.run()).toMatchObject({ result: { executions: [{ error_class: 'timeout' }] } })
    await until('the connection is gone', async () => (await bench.server.connections()) === 0)
  })
})

describe('a clock that is set while requests wait for their slots', () => {
  it.each([-HOUR, HOUR])('by %d ms: nobody waits for it, and nobody is sent twice', async (step) => {
    const groups = [{ name: 'free', host: '127.0.0.1', requests_per_minute: 2, minute: 0.4 }]
    const bench = await phaseBench({ papers: 6, limits: { groups, patience: 5 } })
    let set = 0
    bench.server.rule(({ number }) => {
      if (number === 3) set = step
      return undefined
    })
    const end = await bench.run({ workers: 4, laterMs: () => set })
    expect(end).toMatchObject({ exit: 0, result: { succeeded: 6, failed: 0, stopped: null } })
    expect(bench.server.count).toBe(6)
    expect(bench.query("select count(*) as n from llm_calls where outcome = 'ok'")).toEqual([{ n: 6 }])
  })
})

describe('a limits.yml that cannot be meant', () => {
  const group = { name: 'free', host: '127.0.0.1', requests_per_minute: 20 }
  it.each([
    ['no requests', { groups: [{ ...group, requests_per_minute: 0 }] }, 'groups.0.requests_per_minute'],
    [
      'negative requests',
      { groups: [{ ...group, requests_per_minute: -5 }] },
      'groups.0.requests_per_minute',
    ],
    ['text', { groups: [{ ...group, requests_per_minute: 'many' }] }, 'groups.0.requests_per_minute'],
    ['half a request', { groups: [{ ...group, requests_per_minute: 0.5 }] }, 'groups.0.requests_per_minute'],
    ['an empty minute', { groups: [{ ...group, minute: 0 }] }, 'groups.0.minute'],
    ['negative spacing', { groups: [{ ...group, spacing: -1 }] }, 'groups.0.spacing'],
    ['no concurrency', { groups: [{ ...group, concurrency: 0 }] }, 'groups.0.concurrency'],
    ['no day', { groups: [{ ...group, requests_per_day: -1 }] }, 'groups.0.requests_per_day'],
    ['a key that is none', { groups: [{ ...group, rpm: 20 }] }, 'groups.0'],
    ['two of one name', { groups: [group, group] }, 'groups'],
    ['a share of two', { circuits: { density_share: 2 } }, 'circuits.density_share'],
    ['endless patience', { patience: 1e9 }, 'patience'],
    ['a backoff of text', { backoff: { server: { first: 'soon' } } }, 'backoff.server.first'],
  ])('%s: it says which file and key', async (_, limits, key) => {
    const bench = await phaseBench({ limits })
    const end = await bench.run()
    expect(end).toMatchObject({ exit: 78, error: { code: 'limits_invalid' } })
    expect(end.error?.message).toContain(`limits.yml: ${key}: `)
    expect(bench.server.count).toBe(0)
    expect(bench.query('select status, attempts from executions')).toEqual([
      { status: 'prepped', attempts: 0 },
    ])
  })
})

it('a reason to finish that nobody knows fails no answer that is whole, and takes no half of one', async () => {
  const whole = await phaseBench()
  whole.server.rule(() => ({ finishReason: 'seen_by_nobody' }))
  expect(await whole.run()).toMatchObject({ exit: 0, result: { succeeded: 1, requests: { expensive: 1 } } })
  const half = await phaseBench()
  half.server.rule(() => ({
    finishReason: 'seen_by_nobody',
    content:
      '## Why This Works (Mechanism)\n\nIt holds by locality.\n\n## Foundational Learning\n\n- Blocks of the',
  }))
  expect(await half.run()).toMatchObject({
    result: { succeeded: 0, executions: [{ error_class: 'server_error' }] },
  })
  expect(half.query('select status from executions')).toEqual([{ status: 'prepped' }])
})

it('an answer in JSON is stored as the Markdown in it, for one request', async () => {
  const bench = await phaseBench()
  const sections = { 'Why This Works (Mechanism)': 'Locality holds.', 'Foundational Learning': ['Blocks.'] }
  bench.server.rule(() => ({ content: `\`\`\`json\n${JSON.stringify({ sections })}\n\`\`\`` }))
  expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1, requests: { expensive: 1 } } })
  const [row] = bench.query<{ expensive_output: string }>('select expensive_output from executions')
  expect(row?.expensive_output).toContain(
    '## Why This Works (Mechanism)\\n\\nLocality holds.\\n\\n## Foundational Learning\\n\\n- Blocks.',
  )
})
