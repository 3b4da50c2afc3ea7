import { describe, expect, it } from 'vitest'
import type { BurstSituation } from '../../src/pipeline/burst.js'
import { decideBurst } from '../../src/pipeline/burst.js'
import { isInWindow, windowOpensAt } from '../../src/pipeline/limits/day-window.js'

const HOUR = 3_600_000
const TEN_AT_NIGHT = Date.UTC(2026, 2, 4, 22)

function decide(changes: Partial<BurstSituation> = {}) {
  return decideBurst({
    now: TEN_AT_NIGHT,
    windowMs: 2 * HOUR,
    used: 600,
    limit: 1000,
    reserve: 0,
    pending: 5000,
    requestsPerPrep: 1,
    ...changes,
  })
}

describe('the window before the end of the UTC day', () => {
  it.each([
    { at: TEN_AT_NIGHT - 1, inside: false },
    { at: TEN_AT_NIGHT, inside: true },
    { at: Date.UTC(2026, 2, 5) - 1, inside: true },
    { at: Date.UTC(2026, 2, 5), inside: false },
  ])('$at: $inside', ({ at, inside }) => {
    expect(isInWindow(at, 2 * HOUR)).toBe(inside)
    expect(decide({ now: at }).act).toBe(inside)
  })

  it('is always open where it is as long as the day, and never where it has no length', () => {
    for (const hour of [0, 7, 23]) {
      expect(isInWindow(Date.UTC(2026, 2, 4, hour), 24 * HOUR)).toBe(true)
      expect(isInWindow(Date.UTC(2026, 2, 4, hour), 0)).toBe(false)
    }
  })

  it('opens in the same day, whatever the local time is', () => {
    expect(windowOpensAt(Date.UTC(2026, 11, 31, 23, 30), HOUR)).toBe(Date.UTC(2026, 11, 31, 23))
  })
})

describe('what a burst may spend', () => {
  it('is what is left above the reserve', () => {
    expect(decide()).toMatchObject({ act: true, papers: 400, remaining: 400 })
    expect(decide({ reserve: 150 })).toMatchObject({ act: true, papers: 250, remaining: 400 })
    expect(decide({ reserve: 399 })).toMatchObject({ act: true, papers: 1 })
    expect(decide({ reserve: 400 })).toMatchObject({ act: false, papers: 0, remaining: 400 })
    expect(decide({ reserve: 5000 })).toMatchObject({ act: false, papers: 0 })
  })

  it('is nothing on a day that is spent, or overspent by an earlier tool', () => {
    for (const used of [1000, 1200]) expect(decide({ used })).toMatchObject({ act: false, remaining: 0 })
  })

  it('is no more than there are papers, or than the requests of a paper allow', () => {
    expect(decide({ pending: 7 })).toMatchObject({ act: true, papers: 7 })
    expect(decide({ pending: 0 })).toMatchObject({ act: false, papers: 0 })
    expect(decide({ requestsPerPrep: 3 })).toMatchObject({ papers: 133 })
    expect(decide({ used: 998, requestsPerPrep: 3 })).toMatchObject({ act: false })
  })

  it('is nothing where the day has no limit: nothing is lost at midnight', () => {
    expect(decide({ limit: null })).toMatchObject({ act: false, papers: 0, remaining: null })
  })

  it('is said with its reason', () => {
    expect(decide({ now: TEN_AT_NIGHT - HOUR }).reason).toContain('2026-03-04 22:00:00 UTC')
    expect(decide({ reserve: 20 }).reason).toBe(
      '400 of 1000 requests are left, 20 of them are kept: enough for 380 of 5000 pending papers',
    )
    expect(decide({ reserve: 400 }).reason).toBe(
      'nothing to spend: 400 of 1000 requests are left, 400 of them are kept',
    )
  })
})
