import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MODEL_ERROR_CLASSES } from '../../../src/llm/errors.js'
import type { PhaseBench, PhaseEnd } from '../../support/phase-bench.js'
import { MODEL, phaseBench } from '../../support/phase-bench.js'
import type { ModelReply } from '../../support/model-server.js'
import {
  affords,
  answerTooLong,
  BODY_LIMIT,
  refusal,
  TOO_LONG,
  TOO_MANY_TOKENS,
} from '../../support/refusals.js'
import type { Row } from './failure-rows.js'
import { ACCOUNT, MODEL_CIRCUIT, ROWS } from './failure-rows.js'

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

describe('credit for a shorter answer', () => {
  const dear = { expensive: { max_tokens: 6000, extra_body: { reasoning: { max_tokens: 4000 } } } }
  const bodies = ({ server }: PhaseBench) =>
    server.calls.map(({ body }) => [
      body.max_tokens,
      (body['reasoning'] as Record<string, unknown>)['max_tokens'],
    ])

  it('is used: the same request once more, with what can be afforded', async () => {
    const bench = await phaseBench({ profiles: dear })
    bench.server.queue(affords(2666))
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
    expect(bodies(bench)).toEqual([
      [6000, 4000],
      [2666, 1333],
    ])
    expect(bench.query('select error_class, outcome from llm_calls order by started_at')).toEqual([
      { error_class: 'credit_short', outcome: 'error' },
      { error_class: null, outcome: 'ok' },
    ])
    expect(bench.query('select * from circuits')).toEqual([])
  })

  it.each([
    ['but not twice', [affords(2666), affords(2500)], 2],
    ['but not for an answer too short to be one', [affords(300)], 1],
  ] as [string, ModelReply[], number][])('%s', async (_, replies, requests) => {
    const bench = await phaseBench({ profiles: dear })
    bench.server.queue(...replies)
    expect(await bench.run()).toMatchObject({
      exit: 75,
      result: { stopped: 'circuit', failed: 0, released: 1 },
    })
    expect(bench.server.count).toBe(requests)
    expect(bench.query('select name, error_class from circuits')).toEqual([
      { name: `account:${new URL(bench.server.url).host}`, error_class: 'payment_required' },
    ])
  })
})

describe('what is too long because of the profile, or of a proxy', () => {
  const profiles = { expensive: { max_tokens: 12_000, context_length: 32_000 } }

  it('is asked with a shorter answer, and the paper cut to what that leaves', async () => {
    const bench = await phaseBench({ text: LONG_PAPER, profiles })
    bench.server.queue(answerTooLong(8192, 12_000))
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
    const [first, second] = bench.server.calls
    expect([first?.body.max_tokens, second?.body.max_tokens]).toEqual([12_000, 3276])
    expect(second!.prompt.length).toBeLessThan(first!.prompt.length * 0.8)
  })

  it('is nothing that a paper fails for: profile and member are named', async () => {
    const bench = await phaseBench({ papers: 3, text: LONG_PAPER, profiles })
    bench.server.queue(answerTooLong(8192, 12_000), TOO_LONG)
    const end = await bench.run({ workers: 1 })
    expect(end).toMatchObject({ exit: 78, error: { code: 'max_tokens_too_large' } })
    expect(end.error?.hint).toMatch(/max_tokens of the profile "expensive".* 12000.*context_length to 8192/)
    expect(bench.server.count).toBe(2)
    expect(bench.query("select count(*) as n from executions where status = 'prepped'")).toEqual([{ n: 3 }])
  })

  it('goes through the proxy once it is shorter', async () => {
    const bench = await phaseBench({ text: LONG_PAPER })
    bench.server.queue(BODY_LIMIT)
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
    expect(bench.server.count).toBe(2)
  })

  it('names the limit of the proxy where even a paper that was cut is too large', async () => {
    const bench = await phaseBench({ papers: 3, text: LONG_PAPER })
    bench.server.queue(BODY_LIMIT, BODY_LIMIT)
    const end = await bench.run({ workers: 1 })
    expect(end).toMatchObject({ exit: 78, error: { code: 'body_too_large' } })
    expect(end.error?.hint).toContain('client_max_body_size')
    expect(bench.query("select count(*) as n from executions where status = 'prepped'")).toEqual([{ n: 3 }])
  })
})

describe('tokens of a minute', () => {
  it('are kept to: the paper is cut, and the answer shorter', async () => {
    const bench = await phaseBench({ text: LONG_PAPER, profiles: { expensive: { max_tokens: 8000 } } })
    bench.server.queue(TOO_MANY_TOKENS)
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
    const [first, second] = bench.server.calls
    expect([first?.body.max_tokens, second?.body.max_tokens]).toEqual([8000, 2400])
    expect(second!.prompt.length).toBeLessThan(first!.prompt.length * 0.7)
  })

  it('end by themselves: the same request is sent again then', async () => {
    const bench = await phaseBench({ limits: { patience: 10 } })
    bench.server.queue(
      refusal(
        429,
        'Rate limit reached for model `x` on tokens per minute (TPM): Limit 6000, Used 5000, Requested 1250. Please try again in 120ms.',
      ),
    )
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
    expect(bench.server.count).toBe(2)
    expect(bench.server.calls[0]?.prompt).toBe(bench.server.calls[1]?.prompt)
  })
})

it('has a row for each class', () => {
  const classes = new Set([...ROWS.map(({ errorClass }) => errorClass), 'unreachable', 'credit_short'])
  expect([...classes].sort()).toEqual([...MODEL_ERROR_CLASSES].sort())
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
  else if (!Array.isArray(row.waits)) expectMoment(end.result?.retry_at, row.circuit?.for ?? 0, end)
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
  if (row.stopped !== undefined) expect(end.result?.retry_at).toBe(paper?.not_before)
  const until = Date.parse(paper?.not_before ?? '')
  expect(until).toBeGreaterThanOrEqual(end.began + waits[0])
  expect(until).toBeLessThanOrEqual(end.ended + waits[1])
}

function expectCircuits(bench: PhaseBench, { circuit, errorClass }: Row, end: PhaseEnd): void {
  const open = bench.query<{ name: string; retry_at: string }>('select * from circuits')
  if (circuit === undefined) return expect(open).toEqual([])
  const { host } = new URL(bench.server.url)
  const names: Record<string, string> = {
    [ACCOUNT]: `account:${host}`,
    [MODEL_CIRCUIT]: `${MODEL_CIRCUIT}@${host}`,
  }
  const name = names[circuit.name] ?? circuit.name
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
    bench.server.queue(refusal(401, 'not yet'))
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
