import { join } from 'node:path'
import fc from '../../support/properties.js'
import { expect, it } from 'vitest'
import { processOwnerId } from '../../../src/core/processes/owner.js'
import { earliestSlot, guardOf } from '../../../src/db/calls/slots.js'
import { openDatabase } from '../../../src/db/engine/open.js'
import { addPapers, mustClaim, NOON } from '../../support/database.js'
import { temporaryFolder } from '../../support/temp.js'
import type { Plan, Scenario } from './slot-simulation.js'
import { Simulation } from './slot-simulation.js'

const DAY = 86_400_000
/** There is no such process. */
const ENDED = processOwnerId(2 ** 30)

const plan = (minuteMs: number): fc.Arbitrary<Plan> =>
  fc.record({
    think: fc.oneof(fc.constant(0), fc.nat({ max: Math.floor(2 * minuteMs) })),
    latency: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: Math.floor(5 * minuteMs) })),
    late: fc.double({ min: -1, max: 1, noNaN: true }),
    givenBack: fc.oneof(
      { weight: 7, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.constantFrom('cancelled' as const, 'left behind' as const) },
    ),
    learns: fc.option(
      fc.record({ perMinute: fc.integer({ min: 1, max: 5 }), windows: fc.integer({ min: 1, max: 4 }) }),
      { freq: 8 },
    ),
  })

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    perMinute: fc.integer({ min: 1, max: 10 }),
    minuteMs: fc.integer({ min: 600, max: 3000 }).map((thirds) => thirds / 3),
    spacing: fc.nat({ max: 100 }).map((percent) => percent / 100),
    concurrency: fc.option(fc.integer({ min: 1, max: 4 })),
    perDay: fc.option(fc.integer({ min: 1, max: 20 })),
    budget: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 })),
    /** Often just before midnight. */
    beforeMidnight: fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: DAY })),
  })
  .chain(({ minuteMs, perMinute, spacing, concurrency, perDay, budget, beforeMidnight }) =>
    fc.record({
      start: fc.constant(Date.UTC(2026, 2, 5) - beforeMidnight),
      window: fc.constant({
        group: 'free',
        perMinute,
        minuteMs,
        spacingMs: (spacing * minuteMs) / perMinute,
        perDay,
        concurrency,
      }),
      budget: fc.constant(budget),
      workers: fc.array(fc.array(plan(minuteMs), { minLength: 1, maxLength: 12 }), {
        minLength: 1,
        maxLength: 5,
      }),
    }),
  )

it('keeps every limit, whatever several processes ask for and when, give back or leave behind; nobody is left waiting', async () => {
  const folder = temporaryFolder()
  let run = 0
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const path = join(folder, `run-${++run}.sqlite`)
      const databases = await Promise.all([openDatabase(path), openDatabase(path), openDatabase(path)])
      try {
        const { db } = databases[0]
        await addPapers(db, 2)
        const forEver = { ttl: 100 * 365 * DAY, now: NOON }
        const alive = (await mustClaim(db, forEver)).lease
        const dead = (await mustClaim(db, { ...forEver, ownerId: ENDED })).lease
        const simulation = new Simulation(
          databases.map((database) => database.db),
          { alive, dead },
          given,
        )
        await simulation.run()
        expect(simulation.started).toHaveLength(given.workers.flat().length)
        expectFixedWindows(simulation, given)
      } finally {
        await Promise.all(databases.map((database) => database.close()))
      }
    }),
    { numRuns: 80 },
  )
})

/** As a provider counts whose windows are those of the clock on the wall, by the moments at which requests come in. */
function expectFixedWindows({ started }: Simulation, { window: { minuteMs, perMinute } }: Scenario): void {
  const counts = new Map<number, number>()
  for (const { arrival } of started) {
    const window = Math.floor(arrival / minuteMs)
    counts.set(window, (counts.get(window) ?? 0) + 1)
  }
  for (const count of counts.values()) expect(count).toBeLessThanOrEqual(perMinute)
}

it('fills the first hole there is, and no other', () => {
  const window = fc.record({
    perMinute: fc.integer({ min: 1, max: 6 }),
    minuteMs: fc.integer({ min: 40, max: 200 }),
    spacing: fc.nat({ max: 100 }).map((percent) => percent / 100),
  })
  const starts = fc.array(fc.nat({ max: 600 }), { maxLength: 15 })
  fc.assert(
    fc.property(window, starts, fc.nat({ max: 300 }), ({ perMinute, minuteMs, spacing }, given, now) => {
      const spacingMs = (spacing * minuteMs) / perMinute
      const limits = { perMinute, minuteMs, spacingMs }
      const others = given.sort((a, b) => a - b)
      let first = now
      while (!fits(first, others, limits)) first += 1
      expect(earliestSlot(others, limits, now)).toBe(first)
    }),
    { numRuns: 2000 },
  )
})

interface Limits {
  perMinute: number
  minuteMs: number
  spacingMs: number
}

/** Whether one more start keeps to the limits as far as it can help it. */
function fits(at: number, others: readonly number[], { perMinute, minuteMs, spacingMs }: Limits): boolean {
  const guard = guardOf(minuteMs)
  const phase = at % minuteMs
  if (phase < guard || phase > minuteMs - guard) return false
  if (others.some((other) => spacingMs - Math.abs(other - at) > 1e-9)) return false
  // Every window that it would lie in begins with it or with one before it.
  return [at, ...others.filter((other) => other <= at && at - other < minuteMs)].every((begin) => {
    const within = others.filter((other) => other >= begin && other < begin + minuteMs)
    return within.length + 1 <= perMinute
  })
}
