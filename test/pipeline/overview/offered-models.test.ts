import { expect, it } from 'vitest'
import { renderModels } from '../../../src/cli/render/models.js'
import { resolveSettings } from '../../../src/core/settings/resolve-settings.js'
import { modelSuccess } from '../../../src/db/usage/model-success.js'
import type { ListedModel } from '../../../src/llm/model-list.js'
import { offeredModels } from '../../../src/pipeline/overview/offered-models.js'
import { openTestDatabase } from '../../support/database.js'
import { temporaryFolder } from '../../support/temp.js'

const CHEAP = 'nvidia/nemotron-3-super-120b-a12b:free'
const EXPENSIVE = 'nvidia/nemotron-3-ultra-550b-a55b:free'

const free = (id: string, contextLength: number | null = 131_072): ListedModel => ({
  id,
  isFree: true,
  contextLength,
})
const paid = (id: string): ListedModel => ({ id, isFree: false, contextLength: 1_000_000 })

async function offered(list: ListedModel[], success: Record<string, [requests: number, ok: number]> = {}) {
  const { settings } = await resolveSettings({}, {}, temporaryFolder())
  const counts = Object.entries(success).map(([model, [requests, ok]]) => [model, { requests, ok }] as const)
  return offeredModels(settings, list, new Map(counts))
}

it('lists what costs nothing, best first, with profiles and shared limits, and proposes nothing where all is well', async () => {
  const list = [
    free('a/never:free', 200_000),
    free(CHEAP),
    paid('b/paid'),
    free(EXPENSIVE),
    free('c/bad:free'),
  ]
  const report = await offered(list, { [CHEAP]: [20, 19], [EXPENSIVE]: [10, 6], 'c/bad:free': [40, 1] })
  expect(report.models.map(({ model, success_rate: rate }) => [model, rate])).toEqual([
    [CHEAP, 0.95],
    [EXPENSIVE, 0.6],
    ['a/never:free', null],
    ['c/bad:free', 0.025],
  ])
  expect(report.models[0]).toMatchObject({ profiles: ['cheap'], requests: 20, context_length: 131_072 })
  expect(report.limits).toEqual({ group: 'openrouter-free', requests_per_minute: 20, requests_per_day: 1000 })
  expect(report.proposals).toEqual([])
})

it('proposes other models, one for each profile, where one is gone, fails, or takes too little', async () => {
  const others = [free('a/small:free', 8000), free('b/good:free'), free('c/new:free', 262_144)]
  const report = await offered([free(CHEAP), ...others], { [CHEAP]: [30, 3], 'b/good:free': [10, 10] })
  expect(report.proposals).toEqual([
    {
      profile: 'cheap',
      model: CHEAP,
      why: 'fails',
      instead: { name: 'b/good:free', context_length: 131_072 },
    },
    {
      profile: 'expensive',
      model: EXPENSIVE,
      why: 'gone',
      instead: { name: 'c/new:free', context_length: 262_144 },
    },
  ])
  // What another profile asks is not proposed while there is something else.
  const best = await offered([free(CHEAP), free('c/new:free', 64_000)], { [CHEAP]: [30, 30] })
  expect(best.proposals).toMatchObject([{ profile: 'expensive', instead: { name: 'c/new:free' } }])
  const short = await offered([free(CHEAP, 4096), free(EXPENSIVE)])
  expect(short.proposals).toEqual([
    { profile: 'cheap', model: CHEAP, why: 'context', instead: { name: EXPENSIVE, context_length: 131_072 } },
  ])
  expect(renderModels(short)).toContain(`    cheap:\n      name: ${EXPENSIVE}`)
})

it('an endpoint that names no prices has all of its models listed', async () => {
  const report = await offered([{ id: 'qwen3:32b', isFree: false, contextLength: null }])
  expect(report).toMatchObject({
    free_only: false,
    models: [{ model: 'qwen3:32b', requests: 0, success_rate: null }],
  })
  expect(report.proposals.map(({ instead }) => instead)).toEqual([null, null])
})

it('counts what came to an end in the last days, by the name that was asked', async () => {
  const { db } = await openTestDatabase()
  const call = (id: string, day: string, outcome: 'ok' | 'error' | 'in_flight', asked: string | null) => ({
    call_id: id,
    execution_id: null,
    phase: 'prep' as const,
    role: 'cheap' as const,
    model: 'm',
    asked_model: asked,
    attempt: 1,
    usage_date: day,
    started_at: `${day}T10:00:00.000Z`,
    outcome,
    counted: 1,
  })
  await db
    .insertInto('llm_calls')
    .values([
      call('1', '2026-03-04', 'ok', 'asked'),
      call('2', '2026-03-03', 'error', 'asked'),
      call('3', '2026-03-04', 'in_flight', 'asked'),
      call('4', '2026-02-01', 'ok', 'asked'),
      call('5', '2026-03-04', 'ok', null),
    ])
    .execute()
  const counts = await modelSuccess(db, 2, Date.parse('2026-03-04T12:00:00Z'))
  expect([...counts].sort()).toEqual([
    ['asked', { requests: 2, ok: 1 }],
    ['m', { requests: 1, ok: 1 }],
  ])
})
