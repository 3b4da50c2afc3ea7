import { describe, expect, it } from 'vitest'
import { nextUtcMidnight } from '../../../src/core/clock.js'
import { createLogger } from '../../../src/core/logging.js'
import { closeCircuit } from '../../../src/db/calls/circuits.js'
import { until } from '../../support/cli.js'
import { openTestDatabase } from '../../support/database.js'
import type { ModelReply } from '../../support/model-server.js'
import type { PhaseBench, PhaseEnd } from '../../support/phase-bench.js'
import { MODEL } from '../../support/phase-bench.js'
import * as says from '../../support/refusals.js'
import { done, patientBench, rows, statuses } from './patient-bench.js'

const HOUR = 3_600_000

/** Moments (epoch milliseconds) at which the requests came. */
function arrivals(bench: PhaseBench): number[] {
  const moments: number[] = []
  bench.server.rule(() => void moments.push(Date.now()))
  return moments
}

describe('what passes soon', () => {
  it('a full minute: the same paper goes on when it is over, and nothing is sent before', async () => {
    const bench = await patientBench()
    const came = arrivals(bench)
    const reset = Math.ceil(Date.now() / 1000) * 1000 + 1000
    bench.server.rule(({ number }) => (number === 1 ? (came.push(0), says.minuteFull({ reset })) : undefined))
    expect(await bench.run()).toMatchObject({ exit: 0, result: { claimed: 1, succeeded: 1, released: 0 } })
    expect(bench.server.count).toBe(2)
    expect(came[1]).toBeGreaterThanOrEqual(reset)
    expect(statuses(bench)).toEqual([done])
    expect(rows(bench)).toMatchObject([
      { error_class: 'rate_limited_minute', attempt: 1 },
      { error_class: null, attempt: 2 },
    ])
    expect(bench.query('select name, state from circuits')).toEqual([{ name: 'group:free', state: 'closed' }])
  })

  it('a full minute: it stops all workers, and none of their papers loses a try', async () => {
    const bench = await patientBench({ papers: 8 })
    const reset = Math.ceil(Date.now() / 1000) * 1000 + 1000
    const paused = (): boolean => bench.query('select * from circuits').length > 0
    const came: number[] = []
    bench.server.rule(({ number }) => {
      if (number === 1) return says.minuteFull({ reset })
      came.push(Date.now())
      // Those that are under way already are answered when the others know.
      return paused() ? undefined : { until: until('the group pauses', paused) }
    })
    expect(await bench.run({ workers: 4 })).toMatchObject({ exit: 0, result: { succeeded: 8, failed: 0 } })
    expect(statuses(bench)).toEqual(Array(8).fill(done))
    expect(came.filter((moment) => moment < reset).length).toBeLessThan(4)
    expect(bench.server.count).toBe(9)
  })

  it('a lower limit than was known is kept until its time is over', async () => {
    const bench = await patientBench()
    const reset = Math.ceil(Date.now() / 1000) * 1000 + 1000
    bench.server.queue(says.minuteFull({ reset, limit: 8 }))
    await bench.run()
    expect(bench.query('select * from limit_states')).toMatchObject([
      { limit_group: 'free', per_minute: 8, per_minute_until: new Date(reset).toISOString() },
    ])
  })

  it('a model that is overrun: the paper comes back when it said, others go on meanwhile', async () => {
    const bench = await patientBench({ papers: 2 })
    bench.server.queue({ ...says.UPSTREAM, headers: { 'retry-after': '1' } })
    expect(await bench.run()).toMatchObject({ exit: 0, result: { claimed: 2, succeeded: 2, released: 0 } })
    expect(bench.server.count).toBe(3)
    expect(statuses(bench)).toEqual([done, done])
  })

  it.each([1, 3])('a paper that comes back is the same one under --limit (%i workers)', async (workers) => {
    const bench = await patientBench({ papers: 4 })
    bench.server.queue(says.refusal(500, 'oops'), says.refusal(500, 'oops'), says.UPSTREAM)
    expect(await bench.run({ limit: 2, workers })).toMatchObject({
      exit: 0,
      result: { claimed: 2, succeeded: 2, released: 0 },
    })
    expect(bench.server.count).toBe(5)
    expect(statuses(bench)).toEqual([
      done,
      done,
      ...Array<unknown>(2).fill({ status: 'prepped', attempts: 0 }),
    ])
  })

  it('a minute that never passes is no pause: too many refusals open the group until a probe succeeds', async () => {
    const bench = await patientBench({ papers: 2 })
    bench.server.rule(() => says.refusal(429, 'Rate limit exceeded'))
    const end = await bench.run()
    expect(end).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0 } })
    expect(bench.server.count).toBe(3)
    expect(bench.query('select * from circuits')).toMatchObject([
      { name: 'group:free', state: 'open', needs_probe: 1, openings: 1, error_class: 'rate_limited_minute' },
    ])
    expect(statuses(bench)).toEqual(Array(2).fill({ status: 'prepped', attempts: 0 }))
  })

  it('credit that requests under way hold is waited for', async () => {
    const bench = await patientBench({ papers: 2 })
    bench.server.queue({ ...says.IN_FLIGHT_BUDGET, headers: { 'retry-after': '1' } })
    expect(await bench.run()).toMatchObject({ exit: 0, result: { claimed: 2, succeeded: 2, failed: 0 } })
    expect(bench.server.count).toBe(3)
    expect(bench.query('select state from circuits')).toEqual([{ state: 'closed' }])
  })

  it('one model of many that is refused too often is closed, not the group', async () => {
    const bench = await patientBench({ papers: 2 })
    bench.server.rule(() => says.UPSTREAM)
    const end = await bench.run()
    expect(end).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0 } })
    expect(bench.server.count).toBe(3)
    expect(bench.query('select * from circuits')).toMatchObject([
      {
        name: `model:${MODEL}@${new URL(bench.server.url).host}`,
        state: 'open',
        needs_probe: 1,
        error_class: 'rate_limited_upstream',
      },
    ])
    expect(Date.parse(end.result?.retry_at ?? '')).toBeGreaterThanOrEqual(end.began + 30_000)
  })
})

describe('what does not pass', () => {
  it.each([
    ['a server error', says.refusal(500, 'oops'), 'server_error'],
    ['an empty answer', { content: '' }, 'empty_answer'],
    ['a broken answer', { body: '{"choices": [' }, 'malformed_answer'],
    ['a broken connection', { reset: 'mid-body' }, 'connection_failed'],
    ['a refusal that nobody knows', says.UNHEARD_OF, 'bad_request'],
  ] as [string, ModelReply, string][])(
    '%s fails its paper when its tries are used',
    async (_, reply, name) => {
      const bench = await patientBench({
        limits: { circuits: { outage_failures: 100, outage_silence: 86_400 } },
        env: { RPA_MAX_ATTEMPTS: '3' },
      })
      bench.server.rule(() => reply)
      expect(await bench.run()).toMatchObject({ exit: 0, result: { claimed: 1, failed: 1, released: 0 } })
      // The first try began the paper, and got further than none: it does not count.
      expect(bench.server.count).toBe(4)
      expect(bench.query('select status, attempts, error_class from executions')).toEqual([
        { status: 'failed', attempts: 3, error_class: name },
      ])
    },
  )

  it('a model that is away keeps its papers: after some failures in a row nobody asks it', async () => {
    const bench = await patientBench({ papers: 20 })
    bench.server.rule(() => says.refusal(503, 'overloaded'))
    const end = await bench.run()
    expect(end).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0 } })
    expect(bench.server.count).toBe(5)
    expect(bench.query('select * from circuits')).toMatchObject([
      {
        name: `model:${MODEL}@${new URL(bench.server.url).host}`,
        state: 'open',
        needs_probe: 1,
        openings: 1,
        error_class: 'server_error',
      },
    ])
    expect(bench.query("select count(*) as n from executions where status = 'prepped'")).toEqual([{ n: 20 }])

    expect(await bench.run()).toMatchObject({ exit: 75, result: { claimed: 0, stopped: 'circuit' } })
    expect(bench.server.count).toBe(5)

    // Half a minute later one request finds out that it is still away, and that for twice as long.
    const [opened] = bench.query<{ retry_at: string }>('select retry_at from circuits')
    expect(await bench.run({ laterMs: 31_000 })).toMatchObject({ exit: 75, result: { stopped: 'circuit' } })
    expect(bench.server.count).toBe(6)
    const [again] = bench.query<{ retry_at: string; openings: number }>('select * from circuits')
    expect(again).toMatchObject({ state: 'open', openings: 2 })
    expect(Date.parse(again!.retry_at) - Date.parse(opened!.retry_at)).toBeGreaterThanOrEqual(60_000)

    bench.server.rule(() => ({}))
    expect(await bench.run({ laterMs: 100_000, workers: 4 })).toMatchObject({
      exit: 0,
      result: { succeeded: 20, stopped: null },
    })
    expect(bench.server.count).toBe(26)
    expect(bench.query('select state, openings from circuits')).toEqual([{ state: 'closed', openings: 0 }])
  })

  it('papers that fail for themselves say nothing against the model', async () => {
    const bench = await patientBench({ papers: 4 })
    bench.server.rule(({ number }) => {
      if (number % 2 !== 0) return says.refusal(500, 'oops')
      return number === 8 ? {} : says.MODERATED
    })
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1, failed: 3 } })
    expect(bench.query('select * from circuits')).toEqual([])
  })
})

describe('the next command', () => {
  it('sends nothing on a day that is spent, and goes on after its reset', async () => {
    const bench = await patientBench({ papers: 2 })
    const reset = nextUtcMidnight(Date.now())
    bench.server.rule(() => says.dayFull({ reset }))
    const retry_at = new Date(reset).toISOString()
    const papers = Array(2).fill({ status: 'prepped', attempts: 0 })
    expect(await bench.run({ workers: 2 })).toMatchObject({
      exit: 75,
      result: { stopped: 'budget', retry_at },
    })
    expect(statuses(bench)).toEqual(papers)
    const sent = bench.server.count
    const again = await bench.run()
    expect(again).toMatchObject({ exit: 75, result: { claimed: 0, stopped: 'budget', retry_at } })
    expect(bench.server.count).toBe(sent)
    expect(statuses(bench)).toEqual(papers)
    bench.server.rule(() => ({}))
    const tomorrow = await bench.run({ laterMs: reset - Date.now() + 1000 })
    expect(tomorrow).toMatchObject({ exit: 0, result: { stopped: null } })
    expect(statuses(bench)).toEqual([done, done])
  })

  it('sends nothing without credit, until somebody closes the circuit', async () => {
    const bench = await patientBench({ papers: 2 })
    bench.server.queue(says.refusal(402, 'Insufficient credits'))
    const first = await bench.run()
    expect(first).toMatchObject({ exit: 75, result: { claimed: 1, stopped: 'circuit' } })
    expect(await bench.run()).toMatchObject({
      exit: 75,
      result: { claimed: 0, stopped: 'circuit', retry_at: first.result?.retry_at },
    })
    expect(bench.server.count).toBe(1)
    const { db } = await openTestDatabase(bench.path)
    const name = `account:${new URL(bench.server.url).host}`
    expect(await closeCircuit(db, name)).toBe(true)
    expect(await closeCircuit(db, name)).toBe(false)
    expect(await closeCircuit(db, 'account:nobody')).toBe(false)
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 2 } })
    expect(bench.server.count).toBe(3)
  })

  it('without credit, an hour later, one request finds out', async () => {
    const bench = await patientBench({ papers: 3 })
    bench.server.rule(() => says.refusal(402, 'Insufficient credits'))
    await bench.run()
    expect(await bench.run({ laterMs: HOUR + 1000, workers: 3 })).toMatchObject({ exit: 75 })
    expect(bench.server.count).toBe(2)
    expect(statuses(bench)).toEqual(Array(3).fill({ status: 'prepped', attempts: 0 }))
  })

  it('ends with 78 and sends nothing while the model is gone, for a day', async () => {
    const bench = await patientBench({ papers: 2 })
    bench.server.queue(says.refusal(404, 'This model is unavailable for free.'))
    for (let command = 1; command <= 2; command += 1) {
      const end = await bench.run()
      expect(end).toMatchObject({ exit: 78, error: { code: 'model_gone' } })
      expect(end.error?.message).toContain('This model is unavailable for free')
      expect(end.error?.hint).toContain('profiles.yml')
    }
    expect(bench.server.count).toBe(1)
    expect(statuses(bench)).toEqual(Array(2).fill({ status: 'prepped', attempts: 0 }))
    expect(await bench.run({ laterMs: 25 * HOUR })).toMatchObject({ exit: 0, result: { succeeded: 2 } })
  })
})

describe('what was noted under a clock that was ahead', () => {
  it.each([
    ['a model that is away', says.refusal(500, 'boom')],
    ['a model that is gone', says.refusal(404, 'This model is unavailable for free.')],
    ['no credit', says.refusal(402, 'Insufficient credits')],
    ['a minute', says.refusal(429, 'Rate limit exceeded')],
    ['a day', says.refusal(429, 'Rate limit exceeded: free-models-per-day. ')],
    ['an overrun provider', { ...says.UPSTREAM, headers: { 'retry-after': '3000' } }],
  ])('holds nothing up once the clock is right: %s', async (_, reply) => {
    for (const aheadMs of [400 * 24 * HOUR, 3 * HOUR]) {
      const bench = await patientBench({ papers: 6 })
      let isRight = false
      bench.server.rule(() => (isRight ? undefined : reply))
      await bench.run({ laterMs: aheadMs })
      isRight = true
      expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 6 } })
    }
  })

  it('one failure is not the last of a row that has not begun yet', async () => {
    const bench = await patientBench({ papers: 6 })
    let failing = 6
    bench.server.rule(() => (failing-- > 0 ? says.refusal(500, 'boom') : undefined))
    await bench.run({ laterMs: 400 * 24 * HOUR })
    bench.change("update circuits set state = 'closed'")
    failing = 1
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 6 } })
    expect(bench.query("select name from circuits where state <> 'closed'")).toEqual([])
  })
})

describe('a request in another form', () => {
  const LONG_PAPER = ['Abstract', '1 Introduction', '2 Method', '3 Conclusion', 'A Proofs']
    .map((title) => `## ${title}\n\n${'A model was asked, and its answer was kept. '.repeat(80)}`)
    .join('\n\n')

  it('with a shorter paper, where the model says that it is too long', async () => {
    const bench = await patientBench({ text: LONG_PAPER })
    bench.server.queue(says.TOO_LONG)
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
    const [first, second, ...more] = bench.server.calls
    expect(more).toEqual([])
    expect(second!.prompt.length).toBeLessThan(first!.prompt.length * 0.8)
    expect(rows(bench)).toMatchObject([
      { error_class: 'context_overflow', attempt: 1 },
      { error_class: null, attempt: 2 },
    ])
    const [{ expensive_output: output }] = bench.query<{ expensive_output: string }>(
      'select expensive_output from executions',
    ) as [{ expensive_output: string }]
    const { text_cut } = JSON.parse(output) as { text_cut: { why_hypotheses: string[] } }
    expect(text_cut.why_hypotheses).toContain('A Proofs')
  })

  const CONTEXT = 8192
  /** What a server says whose context is shorter than the profile knows, of a prompt of so many tokens. */
  const dresses: [string, letters: number, (prompt: number) => ModelReply, more: number][] = [
    [
      'with its numbers',
      70_000,
      (prompt) =>
        says.refusal(
          400,
          `This model's maximum context length is ${CONTEXT} tokens. However, you requested ${prompt + 1000} tokens (${prompt} in the messages, 1000 in the completion).`,
        ),
      1,
    ],
    [
      'by its limit alone',
      70_000,
      () =>
        says.refusal(
          400,
          `This model's maximum context length is ${CONTEXT} tokens. However, you requested 1000 output tokens and your prompt contains at least 7193 input tokens.`,
        ),
      1,
    ],
    ['without a number', 70_000, () => says.refusal(500, 'Context size has been exceeded.'), 2],
    [
      'by an answer that breaks off',
      26_000,
      (prompt) => ({
        content: 'The method wor',
        finishReason: 'length',
        completion: { usage: { prompt_tokens: prompt, completion_tokens: CONTEXT - prompt } },
      }),
      1,
    ],
  ]
  it.each(dresses)(
    'is found out once for all papers, where a server tells its context %s',
    async (_, letters, reply, more) => {
      const text = LONG_PAPER.replace(/(?:A model was asked, and its answer was kept. )+/g, (part) =>
        part.slice(0, 44).repeat(letters / 44 / 5),
      )
      const profiles = { expensive: { context_length: 64_000 } }
      const bench = await patientBench({ text, papers: 5, profiles })
      bench.server.rule(({ body }) => {
        const tokens = Math.ceil(body.messages.map(({ content }) => content).join('').length / 4.2)
        return tokens + 1000 > CONTEXT ? reply(tokens) : undefined
      })
      const lines: string[] = []
      const log = createLogger('warn', (_level, line) => void lines.push(line))
      expect(await bench.run({ log })).toMatchObject({ exit: 0, result: { succeeded: 5 } })
      expect(bench.server.calls).toHaveLength(5 + more)
      expect(
        lines.filter((line) => /takes (?:about )?\d+ tokens in all, fewer than/.test(line)),
      ).toHaveLength(1)
      expect(bench.server.calls.slice(-4).map(({ prompt }) => prompt.length > 20_000)).toEqual(
        Array(4).fill(true),
      )
    },
  )

  it('with more room for the answer, where it was cut', async () => {
    const bench = await patientBench()
    bench.server.queue({ finishReason: 'length', content: 'The method wor' })
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
    expect(bench.server.calls.map(({ body }) => body.max_tokens)).toEqual([1000, 2000])
    expect(JSON.stringify(bench.query('select * from executions'))).not.toContain('The method wor')
  })
})

describe('while a model is away', () => {
  const circuits = { outage_failures: 1, cooldown: 30, longest_cooldown: 30 }

  async function probe(bench: PhaseBench, times: number): Promise<PhaseEnd[]> {
    const ends: PhaseEnd[] = []
    for (let laterMs = 0; ends.length < times; laterMs += 30_005) {
      ends.push(await bench.run({ workers: 1, laterMs }))
      // Not a moment before the cooldown is over.
      expect(await bench.run({ workers: 1, laterMs })).toMatchObject({ result: { claimed: 0 } })
    }
    return ends
  }

  it('no paper loses a try, and any paper may be the next probe', async () => {
    const bench = await patientBench({ papers: 8, limits: { circuits } })
    bench.server.rule(() => says.refusal(503, 'overloaded'))
    const ends = await probe(bench, 12)
    expect(ends.map(({ exit }) => exit)).toEqual(Array(12).fill(75))
    expect(bench.server.count).toBe(12)
    const probed = bench.query('select distinct execution_id from llm_calls')
    expect(probed.length).toBeGreaterThan(1)
    const tries = bench.query<{ attempts: number }>('select attempts from executions where attempts > 1')
    expect(tries).toEqual([])
    expect(bench.query("select 1 from executions where status = 'failed'")).toEqual([])
  })

  it('one paper alone loses no try for two days; it is given up after those, in case it makes the model fail', async () => {
    const bench = await patientBench({ limits: { circuits }, env: { RPA_MAX_ATTEMPTS: '3' } })
    bench.server.rule(() => says.refusal(503, 'overloaded'))
    const DAY_MS = 86_400_000
    for (const laterMs of [0, DAY_MS / 2, DAY_MS, 2 * DAY_MS - 60_000]) {
      await bench.run({ workers: 1, laterMs })
      expect(statuses(bench)).toEqual([{ status: 'prepped', attempts: 0 }])
    }
    for (const hours of [49, 50, 51]) await bench.run({ workers: 1, laterMs: hours * 3_600_000 })
    expect(statuses(bench)).toEqual([{ status: 'failed', attempts: 3 }])
  })

  it('one paper alone goes on when the model is back, however long it was away', async () => {
    const bench = await patientBench({ limits: { circuits }, env: { RPA_MAX_ATTEMPTS: '3' } })
    bench.server.queue(says.refusal(503, 'overloaded'), says.refusal(503, 'overloaded'))
    await bench.run({ workers: 1 })
    await bench.run({ workers: 1, laterMs: 90_000_000 })
    expect(await bench.run({ workers: 1, laterMs: 180_000_000 })).toMatchObject({ result: { succeeded: 1 } })
  })
})
