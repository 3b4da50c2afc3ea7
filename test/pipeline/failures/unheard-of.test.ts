import { describe, expect, it } from 'vitest'
import * as says from '../../support/refusals.js'
import { done, patientBench, statuses } from './patient-bench.js'

const back = { status: 'prepped', attempts: 0 }

describe('a refusal in words that nobody knows', () => {
  it('met by all papers puts them back, with no try lost, and no probe fails one', async () => {
    const bench = await patientBench({ papers: 8 })
    bench.server.rule(() => says.UNHEARD_OF)
    const end = await bench.run({ workers: 3 })
    expect(end).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0 } })
    expect(end.result?.reason).toContain('not to our liking')
    const sent = bench.server.count
    expect(sent).toBeLessThan(8)

    let laterMs = 0
    for (let probe = 1; probe <= 6; probe += 1) {
      laterMs += 610_000
      expect(await bench.run({ laterMs })).toMatchObject({ exit: 75, result: { failed: 0 } })
      expect(bench.server.count).toBe(sent + probe)
    }
    expect(bench.query("select count(*) as n from executions where status = 'prepped'")).toEqual([{ n: 8 }])
    bench.server.rule(() => ({}))
    expect(await bench.run({ laterMs: laterMs + 610_000 })).toMatchObject({
      exit: 0,
      result: { succeeded: 8 },
    })
  })

  it('met by a paper that is alone is not held against it: the circuit opens before its tries are used', async () => {
    const bench = await patientBench({ env: { RPA_MAX_ATTEMPTS: '8' } })
    bench.server.rule(() => says.UNHEARD_OF)
    expect(await bench.run()).toMatchObject({ exit: 75, result: { stopped: 'circuit', failed: 0 } })
    expect(bench.server.count).toBe(5)
    expect(bench.query('select status from executions')).toEqual([{ status: 'prepped' }])
  })

  it('met by one paper fails that one as soon as another was answered between two of its requests', async () => {
    const server = { first: 0.2, longest: 0.4 }
    const bench = await patientBench({ papers: 4, limits: { backoff: { server } } })
    let refused = ''
    bench.server.rule(({ prompt }) => {
      refused ||= prompt
      return prompt === refused ? says.UNHEARD_OF : undefined
    })
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 3, failed: 1 } })
    const calls = bench.query('select outcome from llm_calls order by started_at, attempt')
    // By chance it may be asked again before anybody else is.
    expect(calls.map((call) => (call['outcome'] === 'ok' ? 'o' : 'r')).join('')).toMatch(/^r+o+ro*$/)
    expect(bench.query("select error_class from executions where status = 'failed'")).toEqual([
      { error_class: 'bad_request' },
    ])
    expect(bench.query('select * from circuits')).toEqual([])
  })

  it('that has passed when the paper comes back was nothing', async () => {
    const bench = await patientBench({ papers: 2 })
    bench.server.queue(says.UNHEARD_OF)
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 2, failed: 0 } })
    expect(statuses(bench)).toEqual([done, done])
  })

  it('is asked of the next profile, where the paper has one', async () => {
    const other = { provider: 'openai', name: 'vendor/second', role: 'expensive', max_tokens: 1000 }
    const bench = await patientBench({
      profiles: { expensive: { fallback: ['other'] }, other: { ...other, context_length: 16_000 } },
    })
    bench.server.queue(says.UNHEARD_OF)
    expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
    expect(bench.asked()).toEqual(['vendor/first:free', 'vendor/second'])
  })
})

it('what the account is refused for ends the command with the first paper', async () => {
  const bench = await patientBench({ papers: 4 })
  bench.server.rule(() => says.RESTRICTED)
  const end = await bench.run()
  expect(end).toMatchObject({ exit: 78, error: { code: 'account_refused' } })
  expect(end.error?.message).toContain('Organization has been restricted')
  expect(bench.server.count).toBe(1)
  expect(statuses(bench)).toEqual(Array(4).fill(back))
})
