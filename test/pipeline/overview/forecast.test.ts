import { describe, expect, it } from 'vitest'
import type { PaperCost } from '../../../src/db/calls/requests-per-paper.js'
import type { Status } from '../../../src/db/engine/schema.js'
import { STATUSES } from '../../../src/core/phases.js'
import type { Capacity, Forecast } from '../../../src/pipeline/overview/forecast.js'
import { forecast } from '../../../src/pipeline/overview/forecast.js'
import { NOON } from '../../support/database.js'

function ask(
  counts: Partial<Record<Status, number>>,
  capacity: Capacity,
  cost: PaperCost | null = null,
): Forecast {
  const none = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>
  return forecast({ ...none, ...counts }, cost, capacity, NOON)
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
    })
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
