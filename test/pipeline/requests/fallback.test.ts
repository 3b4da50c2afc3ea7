import { expect, it } from 'vitest'
import { nextUtcMidnight } from '../../../src/core/clock.js'
import type { ModelReply } from '../../support/model-server.js'
import type { PhaseBench } from '../../support/phase-bench.js'
import { MODEL } from '../../support/phase-bench.js'
import * as says from '../../support/refusals.js'
import { patientBench, rows, statuses } from '../failures/patient-bench.js'

const SECOND = 'vendor/second'
const third = { provider: 'openai', name: 'vendor/third', max_tokens: 1000, context_length: 16_000 }
const profiles = {
  expensive: { fallback: ['other'] },
  other: { ...third, name: SECOND },
  unlisted: third,
}
const firstSays = (bench: PhaseBench, reply: ModelReply): void =>
  bench.server.rule(({ body }) => (body.model === MODEL ? reply : undefined))

it.each([
  ['451', { status: 451, body: 'Unavailable For Legal Reasons' }, 'moderated'],
  ['403 moderation', says.MODERATED, 'moderated'],
  ['content_filter', { finishReason: 'content_filter' }, 'filtered_answer'],
  ['upstream 429', says.UPSTREAM, 'rate_limited_upstream'],
  ['day 429', says.dayFull({ reset: nextUtcMidnight(Date.now()) }), 'rate_limited_day'],
  ['404', says.refusal(404, 'No endpoints found'), 'model_gone'],
  ['500', says.refusal(500, 'oops'), 'server_error'],
  ['a refusal that nobody knows', says.UNHEARD_OF, 'bad_request'],
] as [string, ModelReply, string][])(
  'after %s the next of the list is asked',
  async (_, reply, errorClass) => {
    // Free models share a group; the second costs something.
    const groups = [
      { name: 'free', host: '127.0.0.1', models: '*:free', requests_per_minute: 1000, minute: 0.3 },
    ]
    const bench = await patientBench({ profiles, limits: { groups } })
    firstSays(bench, reply)
    expect(await bench.run()).toMatchObject({
      exit: 0,
      result: { succeeded: 1, requests: { expensive: 2 } },
    })
    expect(bench.asked()).toEqual([MODEL, SECOND])
    expect(rows(bench)).toMatchObject([
      { asked_model: MODEL, error_class: errorClass },
      { asked_model: SECOND, error_class: null, model: SECOND },
    ])
    const [{ expensive_output: output }] = bench.query<{ expensive_output: string }>(
      'select expensive_output from executions',
    ) as [{ expensive_output: string }]
    expect(JSON.parse(output)).toMatchObject({ models: { why_hypotheses: SECOND } })
  },
)

it.each([
  ['401', says.refusal(401, 'User not found.'), 78],
  ['402', says.refusal(402, 'Insufficient credits'), 75],
] as [string, ModelReply, number][])('after %s nobody else is asked', async (_, reply, exit) => {
  const bench = await patientBench({ profiles })
  firstSays(bench, reply)
  expect(await bench.run()).toMatchObject({ exit })
  expect(bench.asked()).toEqual([MODEL])
})

it('a day that is spent is spent for all models of the group: the next is not asked', async () => {
  const bench = await patientBench({ profiles, papers: 2 })
  bench.server.rule(() => says.dayFull({ reset: nextUtcMidnight(Date.now()) }))
  expect(await bench.run()).toMatchObject({ exit: 75, result: { stopped: 'budget', failed: 0 } })
  expect(bench.asked()).toEqual([MODEL])
  expect(await bench.run()).toMatchObject({ exit: 75, result: { stopped: 'budget', claimed: 0 } })
  expect(bench.server.count).toBe(1)
})

it('a full minute is waited for, not passed on', async () => {
  const bench = await patientBench({ profiles })
  bench.server.queue(says.minuteFull({ reset: Math.ceil(Date.now() / 1000) * 1000 + 1000 }))
  expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
  expect(bench.asked()).toEqual([MODEL, MODEL])
})

it('none that is not listed is ever asked: without a list the paper fails', async () => {
  const bench = await patientBench({ profiles: { other: profiles.other, unlisted: third } })
  bench.server.rule(() => says.MODERATED)
  expect(await bench.run()).toMatchObject({ exit: 0, result: { failed: 1 } })
  expect(bench.asked()).toEqual([MODEL])
  expect(bench.query('select status, error_class from executions')).toEqual([
    { status: 'failed', error_class: 'moderated' },
  ])
})

it('where all refuse, the paper fails with what the last one said', async () => {
  const bench = await patientBench({ profiles })
  bench.server.rule(({ body }) =>
    body.model === MODEL ? says.MODERATED : { finishReason: 'content_filter' },
  )
  expect(await bench.run()).toMatchObject({ exit: 0, result: { failed: 1 } })
  expect(bench.asked()).toEqual([MODEL, SECOND])
  expect(bench.query('select error_class from executions')).toEqual([{ error_class: 'filtered_answer' }])
})

it('a model whose circuit is open is passed over, and does not end the command', async () => {
  const bench = await patientBench({ profiles, papers: 3 })
  firstSays(bench, says.refusal(404, 'No endpoints found'))
  expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 3, stopped: null } })
  expect(bench.asked()).toEqual([MODEL, SECOND, SECOND, SECOND])
})

it('where all models are gone the command ends, and says so', async () => {
  const bench = await patientBench({ profiles, papers: 2 })
  bench.server.rule(() => says.refusal(404, 'No endpoints found'))
  expect(await bench.run()).toMatchObject({ exit: 78, error: { code: 'model_gone' } })
  expect(bench.asked()).toEqual([MODEL, SECOND])
  expect(await bench.run()).toMatchObject({ exit: 78, error: { code: 'model_gone' } })
  expect(bench.server.count).toBe(2)
  expect(statuses(bench)).toEqual(Array(2).fill({ status: 'prepped', attempts: 0 }))
})
