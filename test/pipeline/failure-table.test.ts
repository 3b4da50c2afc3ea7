import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { nextUtcMidnight } from '../../src/core/clock.js'
import { FAILURE_RULES } from '../../src/pipeline/failure-rules.js'
import type { ModelReply } from '../support/model-server.js'
import type { PhaseBench, PhaseEnd } from '../support/phase-bench.js'
import { MODEL, phaseBench } from '../support/phase-bench.js'
import * as says from '../support/refusals.js'

/**
 * What follows from one failure of each kind, with nothing waited for: `patience` is 0, so whatever closes ends the
 * command, and a paper that has to wait stays where it is.
 */
interface Row {
  name: string
  reply: ModelReply
  /** Answers to what is asked in its place, with the same paper in hand; left out: one request is all. */
  then?: ModelReply
  errorClass: string
  /** Of the ledger row; null where there was no HTTP answer. */
  status: number | null
  paper: 'back' | 'tried' | 'failed'
  /** The paper is not taken again before this much time has passed, or some time up to that; milliseconds. */
  waits?: number | [number, number]
  circuit?: {
    name: string
    probe: boolean
    /** From now on, milliseconds; or the moment itself. */
    for: number | { at: (now: number) => number }
  }
  exit?: number
  stopped?: 'budget' | 'circuit'
  /** Seconds; the profile's deadline. */
  timeout?: number
}

const GROUP = 'group:free'
const MODEL_CIRCUIT = `model:${MODEL}`
const ACCOUNT = 'account'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** The backoff of the bench: drawn from zero up to that. */
const JITTER: [number, number] = [0, HOUR]

/** A whole second some time from now, and not on the border of a minute. */
const SOON = Math.floor(Date.now() / 1000) * 1000 + 40_000
const LATER = SOON + 5 * HOUR

const PAUSED = (at: number) => ({ name: GROUP, probe: false, for: { at: () => at } })
const stops = { exit: 75, stopped: 'circuit' } as const
const minute = { errorClass: 'rate_limited_minute', status: 429, paper: 'back', ...stops } as const
const day = { errorClass: 'rate_limited_day', paper: 'back', exit: 75, stopped: 'budget' } as const
const upstream = { errorClass: 'rate_limited_upstream', status: 429, paper: 'back' } as const
const noCredit = { errorClass: 'payment_required', paper: 'back', ...stops } as const
const gone = {
  errorClass: 'model_gone',
  paper: 'back',
  circuit: { name: MODEL_CIRCUIT, probe: true, for: 24 * HOUR },
  exit: 78,
} as const
const server = { errorClass: 'server_error', paper: 'tried', waits: JITTER } as const
const timeout = { errorClass: 'timeout', paper: 'tried', waits: JITTER } as const
const broken = { errorClass: 'connection_failed', status: null, paper: 'tried', waits: JITTER } as const
const malformed = { errorClass: 'malformed_answer', status: 200, paper: 'tried', waits: JITTER } as const
const empty = { errorClass: 'empty_answer', status: 200, paper: 'tried', waits: JITTER } as const
const refused = { errorClass: 'moderated', paper: 'failed' } as const

const ROWS: Row[] = [
  // 429 of OpenRouter itself, for the account
  {
    name: 'minute, Reset in the headers',
    reply: says.minuteFull({ reset: SOON }),
    ...minute,
    circuit: PAUSED(SOON),
  },
  {
    name: 'minute, Reset in the body only',
    reply: says.minuteFull({ reset: SOON, where: 'body' }),
    ...minute,
    circuit: PAUSED(SOON),
  },
  {
    name: 'minute, Reset in seconds',
    reply: says.minuteFull({ reset: SOON / 1000 }),
    ...minute,
    circuit: PAUSED(SOON),
  },
  {
    name: 'minute, Retry-After',
    reply: {
      ...says.refusal(429, 'Rate limit exceeded: free-models-per-min. '),
      headers: { 'retry-after': '17' },
    },
    ...minute,
    circuit: { name: GROUP, probe: false, for: 17_000 },
  },
  {
    name: '429 that says nothing',
    reply: says.refusal(429, 'Rate limit exceeded'),
    ...minute,
    circuit: { name: GROUP, probe: false, for: MINUTE },
  },
  {
    name: '429 of the network in front (1015)',
    reply: { status: 429, body: 'error code: 1015' },
    ...minute,
    circuit: { name: GROUP, probe: false, for: MINUTE },
  },
  {
    name: '403 of the network in front, as HTML',
    reply: { status: 403, body: says.HTML },
    ...minute,
    status: 403,
    circuit: { name: GROUP, probe: false, for: MINUTE },
  },
  {
    name: 'minute, inside a 200',
    reply: { ...says.minuteFull({ reset: SOON, where: 'body' }), status: 200 },
    ...minute,
    status: 200,
    circuit: PAUSED(SOON),
  },
  { name: 'day', reply: says.dayFull({ reset: LATER }), ...day, status: 429, circuit: PAUSED(LATER) },
  {
    name: 'day, as an event under a 200',
    reply: says.asEvent(says.dayFull({ reset: LATER, where: 'body' })),
    ...day,
    status: 200,
    circuit: PAUSED(LATER),
  },
  {
    name: 'day, without a time',
    reply: says.refusal(429, 'Rate limit exceeded: free-models-per-day-high-balance. '),
    ...day,
    status: 429,
    circuit: { name: GROUP, probe: false, for: { at: nextUtcMidnight } },
  },
  // 429 of one model
  { name: 'upstream', reply: says.UPSTREAM, ...upstream, waits: JITTER },
  {
    name: 'upstream, Retry-After',
    reply: { ...says.UPSTREAM, headers: { 'retry-after': '30' } },
    ...upstream,
    waits: 30_000,
    circuit: { name: MODEL_CIRCUIT, probe: false, for: 30_000 },
  },
  {
    name: 'high demand (limit_rpm)',
    reply: says.highDemand(SOON),
    ...upstream,
    waits: SOON,
    circuit: { name: MODEL_CIRCUIT, probe: false, for: { at: () => SOON } },
  },
  {
    name: 'all providers at capacity',
    reply: says.AT_CAPACITY,
    ...upstream,
    waits: 40_000,
    circuit: { name: MODEL_CIRCUIT, probe: false, for: 40_000 },
  },
  // money
  {
    name: '402',
    reply: says.refusal(402, 'Insufficient credits. Add more using https://openrouter.ai/credits'),
    ...noCredit,
    status: 402,
    circuit: { name: ACCOUNT, probe: true, for: HOUR },
  },
  {
    name: '402, requests under way hold the credit',
    reply: says.IN_FLIGHT_BUDGET,
    ...noCredit,
    status: 402,
    circuit: { name: ACCOUNT, probe: false, for: 5000 },
  },
  {
    name: '403, limit of the key',
    reply: says.refusal(403, 'Key limit exceeded (total limit)'),
    ...noCredit,
    status: 403,
    circuit: { name: ACCOUNT, probe: true, for: HOUR },
  },
  {
    name: '403, budget with a reset',
    reply: says.refusal(403, 'Budget exceeded', {
      limit_source: 'openrouter_workspace_budget',
      resets_at: new Date(LATER).toISOString(),
    }),
    ...noCredit,
    status: 403,
    circuit: { name: ACCOUNT, probe: false, for: { at: () => LATER } },
  },
  // the key, the model
  {
    name: '401',
    reply: says.refusal(401, 'User not found.'),
    errorClass: 'key_rejected',
    status: 401,
    paper: 'back',
    exit: 78,
  },
  {
    name: '403 of the key',
    reply: says.refusal(403, 'You are not allowed to do that'),
    errorClass: 'key_rejected',
    status: 403,
    paper: 'back',
    exit: 78,
  },
  { name: '404', reply: says.refusal(404, `No endpoints found for ${MODEL}`), ...gone, status: 404 },
  { name: '503, not retryable', reply: says.NEVER_AGAIN, ...gone, status: 503 },
  // this paper
  { name: '403 moderation', reply: says.MODERATED, ...refused, status: 403 },
  { name: '403 guardrail', reply: says.GUARDRAIL, ...refused, status: 403 },
  { name: '451', reply: { status: 451, body: 'Unavailable For Legal Reasons' }, ...refused, status: 451 },
  {
    name: 'content_filter',
    reply: { finishReason: 'content_filter', content: '' },
    errorClass: 'filtered_answer',
    status: 200,
    paper: 'failed',
  },
  {
    name: 'too long, and again when it was shorter',
    reply: says.TOO_LONG,
    then: says.TOO_LONG,
    errorClass: 'context_overflow',
    status: 400,
    paper: 'failed',
  },
  {
    name: 'length, and again with more room',
    reply: { finishReason: 'length', content: 'The method works bec' },
    then: { finishReason: 'length', content: 'The method works because it is a' },
    errorClass: 'truncated_answer',
    status: 200,
    paper: 'failed',
  },
  {
    name: '400',
    reply: says.refusal(400, 'temperature: expected a number'),
    errorClass: 'bad_request',
    status: 400,
    paper: 'failed',
  },
  {
    name: '413',
    reply: { status: 413, body: 'Payload Too Large' },
    errorClass: 'bad_request',
    status: 413,
    paper: 'failed',
  },
  {
    name: '422',
    reply: says.refusal(422, 'unprocessable'),
    errorClass: 'bad_request',
    status: 422,
    paper: 'failed',
  },
  // what passes
  { name: '500', reply: says.refusal(500, 'Internal Server Error'), ...server, status: 500 },
  {
    name: '502',
    reply: says.refusal(502, 'Provider returned error', { raw: 'oops', provider_name: 'X' }),
    ...server,
    status: 502,
  },
  { name: '503', reply: says.refusal(503, 'overloaded'), ...server, status: 503 },
  {
    name: '503, Retry-After',
    reply: { ...says.refusal(503, 'overloaded'), headers: { 'retry-after': '20' } },
    ...server,
    status: 503,
    waits: 20_000,
    circuit: { name: MODEL_CIRCUIT, probe: false, for: 20_000 },
  },
  { name: '529', reply: says.refusal(529, 'overloaded'), ...server, status: 529 },
  { name: '500 as HTML', reply: { status: 500, body: says.HTML }, ...server, status: 500 },
  {
    name: 'error inside a 200',
    reply: { body: says.body(502, 'Provider returned error') },
    ...server,
    status: 200,
  },
  {
    name: 'error inside a 200, choices null',
    reply: { body: { choices: null, ...says.body(502, 'no') } },
    ...server,
    status: 200,
  },
  {
    name: 'error inside a 200, choices []',
    reply: { body: { choices: [], ...says.body(500, 'no') } },
    ...server,
    status: 200,
  },
  { name: 'error in the middle of an answer', reply: says.FAILED_MIDWAY, ...server, status: 200 },
  {
    name: '408',
    reply: says.refusal(408, 'Operation timed out. Please try again later.'),
    ...timeout,
    status: 408,
  },
  { name: '504', reply: says.refusal(504, 'timeout', { error_type: 'timeout' }), ...timeout, status: 504 },
  { name: '524', reply: { status: 524, body: says.HTML }, ...timeout, status: 524 },
  { name: 'no answer', reply: { hang: true }, ...timeout, status: null, timeout: 0.3 },
  { name: 'blanks for ever', reply: { padEveryMs: 20 }, ...timeout, status: null, timeout: 0.3 },
  { name: 'reset before the answer', reply: { reset: 'before' }, ...broken },
  { name: 'reset in the body', reply: { reset: 'mid-body' }, ...broken },
  { name: 'no JSON', reply: { body: '{"choices": [{"mess' }, ...malformed },
  { name: 'HTML under a 200', reply: { body: says.HTML }, ...malformed },
  { name: 'only blanks', reply: { body: '     \n   ' }, ...malformed },
  { name: 'choices null, no error', reply: { completion: { choices: null } }, ...malformed },
  { name: 'choices []', reply: { completion: { choices: [] } }, ...malformed },
  { name: 'a tool call', reply: { finishReason: 'tool_calls' }, ...malformed },
  { name: 'empty', reply: { content: '' }, ...empty },
  { name: 'blank', reply: { content: ' \n ' }, ...empty },
  { name: 'thoughts only', reply: says.THOUGHTS_ONLY, ...empty },
  { name: 'content null', reply: { content: null, finishReason: null }, ...empty },
]

it.each(ROWS)('$name: $errorClass', async (row) => {
  const bench = await begun(row.timeout)
  bench.server.queue(row.reply, ...(row.then === undefined ? [] : [row.then]))
  const end = await bench.run()
  const requests = row.then === undefined ? 1 : 2

  expectEnd(end, row)
  expect(bench.server.count).toBe(requests)
  const call = {
    outcome: row.errorClass.startsWith('rate_limited') ? 'rate_limited' : 'error',
    error_class: row.errorClass,
    status_code: row.status,
    counted: 1,
    asked_model: MODEL,
    limit_group: 'free',
  }
  expect(bench.query('select * from llm_calls')).toMatchObject(Array(requests).fill(call))
  expect(bench.query('select total_calls, expensive_calls from daily_usage')).toEqual([
    { total_calls: requests, expensive_calls: requests },
  ])
  expectPaper(bench, row, end)
  expectCircuits(bench, row, end)
})

it('an endpoint that cannot be reached: the request does not count', async () => {
  const bench = await begun()
  await bench.server.close()
  const end = await bench.run()
  expect(end).toMatchObject({ exit: 69, error: { code: 'unreachable' } })
  expect(bench.query('select * from llm_calls')).toMatchObject([
    { outcome: 'error', error_class: 'unreachable', status_code: null, counted: 0 },
  ])
  expect(bench.query('select total_calls as n from daily_usage')).toEqual([{ n: 0 }])
  expect(bench.query('select status, attempts, not_before from executions')).toEqual([
    { status: 'prepped', attempts: 1, not_before: null },
  ])
  expect(bench.query('select * from circuits')).toEqual([])
})

it('has a row for each class', () => {
  const classes = new Set([...ROWS.map(({ errorClass }) => errorClass), 'unreachable'])
  expect([...classes].sort()).toEqual(Object.keys(FAILURE_RULES).sort())
})

function expectEnd(end: PhaseEnd, row: Row): void {
  expect(end.exit, end.error?.message).toBe(row.exit ?? 0)
  if (row.exit === 78) {
    expect(end.error).toMatchObject({ code: row.errorClass })
    expect(end.error?.hint).toBeTruthy()
    return
  }
  expect(end.result).toMatchObject({
    claimed: 1,
    succeeded: 0,
    failed: row.paper === 'failed' ? 1 : 0,
    released: row.paper === 'failed' ? 0 : 1,
    stopped: row.stopped ?? null,
    executions: [{ error_class: row.errorClass }],
  })
  const listed = end.result?.executions[0]
  expect(listed?.error).toMatch(/^[^\n]{20,900}$/)
  if (row.stopped === undefined) expect(end.result?.retry_at).toBeUndefined()
  else expectMoment(end.result?.retry_at, row.circuit?.for ?? 0, end)
}

/** Try 2 of the paper: a try that counts leaves 2, one that does not leaves 1. */
function expectPaper(bench: PhaseBench, row: Row, end: PhaseEnd): void {
  const [paper] = bench.query<{ not_before: string | null }>('select * from executions')
  expect(paper).toMatchObject({
    status: row.paper === 'failed' ? 'failed' : 'prepped',
    attempts: row.paper === 'back' ? 1 : 2,
    error_class: row.errorClass,
  })
  const { waits } = row
  if (waits === undefined) return expect(paper?.not_before).toBeNull()
  if (typeof waits === 'number') {
    return expectMoment(paper?.not_before, waits > 1e11 ? { at: () => waits } : waits, end)
  }
  const until = Date.parse(paper?.not_before ?? '')
  expect(until).toBeGreaterThanOrEqual(end.began + waits[0])
  expect(until).toBeLessThanOrEqual(end.ended + waits[1])
}

function expectCircuits(bench: PhaseBench, { circuit, errorClass }: Row, end: PhaseEnd): void {
  const open = bench.query<{ name: string; retry_at: string }>('select * from circuits')
  if (circuit === undefined) return expect(open).toEqual([])
  const name = circuit.name === ACCOUNT ? `account:${new URL(bench.server.url).host}` : circuit.name
  expect(open).toMatchObject([
    { name, state: 'open', needs_probe: circuit.probe ? 1 : 0, error_class: errorClass },
  ])
  expectMoment(open[0]?.retry_at, circuit.for, end)
}

/** At a moment, or so long after the failure, which happened while the command ran; Retry-After is of whole seconds. */
function expectMoment(
  iso: string | null | undefined,
  when: number | { at: (now: number) => number },
  { began, ended }: PhaseEnd,
): void {
  const at = Date.parse(iso ?? '')
  const [from, to] =
    typeof when === 'number' ? [began + when, ended + when] : [when.at(began), when.at(ended)]
  expect(at, iso ?? 'no time').toBeGreaterThanOrEqual(from)
  expect(at, iso ?? 'no time').toBeLessThanOrEqual(to)
}

/** Sections of a paper that has something to leave out. */
const LONG_PAPER = ['Abstract', '1 Introduction', '2 Method', '3 Results', '4 Conclusion', 'A Appendix']
  .map((title) => `## ${title}\n\n${'A model was asked, and its answer was kept. '.repeat(60)}`)
  .join('\n\n')

let database: Buffer | undefined

/** A bench whose one paper was begun before, without any progress since: a try that fails counts. */
async function begun(timeout?: number): Promise<PhaseBench> {
  if (database === undefined) {
    const bench = await phaseBench({ text: LONG_PAPER })
    bench.server.queue(says.refusal(401, 'not yet'))
    await bench.run()
    bench.change(
      'delete from llm_calls; delete from daily_usage; update executions set attempts = 1, error_class = null',
    )
    bench.query('pragma wal_checkpoint(truncate)')
    database = readFileSync(bench.path)
  }
  const profiles = timeout === undefined ? {} : { expensive: { timeout } }
  return phaseBench({ papers: 0, profiles, prepare: (path) => writeFileSync(path, database ?? '') })
}
