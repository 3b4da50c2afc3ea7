import { describe, expect, it } from 'vitest'
import type { PaperCost, PaperCosts } from '../../../src/db/usage/requests-per-paper.js'
import type { Status } from '../../../src/db/engine/schema.js'
import type { PipelineName } from '../../../src/core/phases.js'
import { STATUSES } from '../../../src/core/phases.js'
import type { Capacity, Forecast } from '../../../src/pipeline/overview/forecast.js'
import { forecast } from '../../../src/pipeline/overview/forecast.js'
import { NOON } from '../../support/database.js'

function ask(
  counts: Partial<Record<Status, number>>,
  capacity: Capacity,
  cost: PaperCost | null = null,
): Forecast {
  return mixed({ full: counts }, capacity, { all: cost, byPipeline: cost === null ? {} : { full: cost } })
}

function mixed(
  counts: Partial<Record<PipelineName, Partial<Record<Status, number>>>>,
  capacity: Capacity,
  costs: PaperCosts = { all: null, byPipeline: {} },
): Forecast {
  const none = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>
  const all = { full: { ...none, ...counts.full }, lean: { ...none, ...counts.lean } }
  return forecast(all, costs, capacity, NOON)
}

describe('what the requests that are left mean', () => {
  it('is planned with five requests a paper before the first is finished', () => {
    expect(ask({ pending: 412 }, { left: 190, perDay: 1000 })).toEqual({
      papers_today: 38,
      queue: { pending: 412, prepped: 0, analyzed: 0 },
      requests_needed: 2060,
      days_until_empty: 3,
      empty_on: '2026-03-06',
      basis: 'planned',
      requests_per_phase: { prep: 1, analyze: 3, wrap: 1 },
      pipelines: {
        full: { papers: 412, requests_per_phase: { prep: 1, analyze: 3, wrap: 1 } },
        lean: { papers: 0, requests_per_phase: { prep: 0, analyze: 1, wrap: 0 } },
      },
    })
  })

  it('is of the mix of pipelines that papers go through', () => {
    const counts = { full: { pending: 10 }, lean: { pending: 20, analyzed: 5 } }
    expect(mixed(counts, { left: 52, perDay: 50 })).toMatchObject({
      papers_today: 17,
      queue: { pending: 30, prepped: 0, analyzed: 5 },
      requests_needed: 70,
      days_until_empty: 2,
      requests_per_phase: { prep: 0.29, analyze: 1.57, wrap: 0.29 },
      pipelines: { full: { papers: 10 }, lean: { papers: 25 } },
    })
    const lean = { requests: 1.1, byPhase: { analyze: 1, wrap: 0.1 }, papers: 9 }
    const costs = { all: lean, byPipeline: { lean } }
    expect(mixed({ lean: { pending: 20 } }, { left: 11, perDay: 50 }, costs)).toMatchObject({
      papers_today: 10,
      requests_needed: 22,
      basis: 'measured',
    })
    expect(mixed(counts, { left: 11, perDay: 50 }, costs).basis).toBe('planned')
  })

  it('is measured where papers were finished, and planned for a phase of which nothing is known', () => {
    const cost = { requests: 5.5, byPhase: { analyze: 4.5, wrap: 2 }, papers: 2 }
    expect(ask({ pending: 2, prepped: 4 }, { left: 20, perDay: 50 }, cost)).toMatchObject({
      papers_today: 3,
      requests_needed: 41,
      basis: 'measured',
      requests_per_phase: { prep: 1, analyze: 4.5, wrap: 2 },
    })
  })

  it('takes papers first that are almost finished', () => {
    const counts = { pending: 10, prepped: 10, analyzed: 10 }
    expect(ask(counts, { left: 9, perDay: 50 }).papers_today).toBe(9)
    expect(ask(counts, { left: 13, perDay: 50 }).papers_today).toBe(10)
    expect(ask(counts, { left: 14, perDay: 50 }).papers_today).toBe(11)
    expect(ask(counts, { left: 55, perDay: 50 }).papers_today).toBe(21)
  })

  it('counts papers in work, but none that failed or are done', () => {
    const counts = { prepping: 1, analyzing: 2, wrapping: 3, done: 100, failed: 7 }
    expect(ask(counts, { left: 50, perDay: 50 })).toMatchObject({
      queue: { pending: 1, prepped: 2, analyzed: 3 },
      requests_needed: 16,
      papers_today: 6,
      days_until_empty: 1,
      empty_on: '2026-03-04',
    })
  })

  it.each<[Partial<Record<Status, number>>, Capacity, Partial<Forecast>]>([
    [{}, { left: 10, perDay: 50 }, { papers_today: 0, days_until_empty: 0, empty_on: '2026-03-04' }],
    [{ pending: 10 }, { left: 50, perDay: 50 }, { papers_today: 10, days_until_empty: 1 }],
    [{ pending: 11 }, { left: 50, perDay: 50 }, { papers_today: 10, days_until_empty: 2 }],
    [
      { pending: 10 },
      { left: 0, perDay: 50 },
      { papers_today: 0, days_until_empty: 2, empty_on: '2026-03-05' },
    ],
    [
      { pending: 10 },
      { left: null, perDay: null },
      { papers_today: null, days_until_empty: null, empty_on: null },
    ],
  ])('%j with %j left', (counts, capacity, expected) => {
    expect(ask(counts, capacity)).toMatchObject(expected)
  })
})
