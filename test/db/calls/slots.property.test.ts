import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openDatabase } from '../../../src/db/engine/open.js'
import { addPapers, mustClaim, NOON } from '../../support/database.js'
import { temporaryFolder } from '../../support/temp.js'
import type { Plan, Scenario } from './slot-simulation.js'
import { Simulation } from './slot-simulation.js'

const DAY = 86_400_000

const plan = (minuteMs: number): fc.Arbitrary<Plan> =>
  fc.record({
    think: fc.oneof(fc.constant(0), fc.nat({ max: Math.floor(2 * minuteMs) })),
    latency: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: Math.floor(5 * minuteMs) })),
    late: fc.double({ min: -1, max: 1, noNaN: true }),
    givenBack: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, fc.constant(true)),
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

it('keeps every limit, whatever several processes ask for and when; nobody is left waiting, or overtaken', async () => {
  const folder = temporaryFolder()
  let run = 0
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const path = join(folder, `run-${++run}.sqlite`)
      const databases = await Promise.all([openDatabase(path), openDatabase(path), openDatabase(path)])
      try {
        await addPapers(databases[0].db, 1)
        const { lease } = await mustClaim(databases[0].db, { ttl: 100 * 365 * DAY, now: NOON })
        const simulation = new Simulation(
          databases.map((database) => database.db),
          lease,
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
}, 180_000)

/** As a provider counts whose windows are those of the clock on the wall, by the moments at which requests come in. */
function expectFixedWindows({ started }: Simulation, { window: { minuteMs, perMinute } }: Scenario): void {
  const counts = new Map<number, number>()
  for (const { arrival } of started) {
    const window = Math.floor(arrival / minuteMs)
    counts.set(window, (counts.get(window) ?? 0) + 1)
  }
  for (const count of counts.values()) expect(count).toBeLessThanOrEqual(perMinute)
}
