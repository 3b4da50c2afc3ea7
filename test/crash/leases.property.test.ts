import fc from '../support/properties.js'
import { expect, it } from 'vitest'
import { claim } from '../../src/db/executions/claims.js'
import { openDatabase } from '../../src/db/engine/open.js'
import type { TestDatabase } from '../support/database.js'
import { newDatabase, prepClaim } from '../support/database.js'
import { ENGINE } from '../support/postgres.js'
import { begin, checkWriters, reapAll, step, take, TTL, writersOf } from './lease-model.js'

/** Making a DB on a server takes longer than a run. */
const RUNS = ENGINE === 'sqlite' ? 1 : 0.2

async function openAgain(path: string): Promise<TestDatabase> {
  return { ...(await openDatabase(path)), path }
}

it('of all leases ever given, at most one an execution may write; a stale one changes no row', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const path = await newDatabase()
      // Two connections, as two processes have them.
      const databases = [await openAgain(path), await openAgain(path)]
      try {
        const model = await begin(databases[0]!.db)
        for (const [index, one] of steps.entries()) {
          await take(one, databases[index % 2]!, model)
          await checkWriters(databases[0]!.db, model)
        }
      } finally {
        await Promise.all(databases.map((database) => database.close()))
      }
    }),
    { numRuns: RUNS * 150 },
  )
})

it('of claims at the same moment on several connections, one gets an execution', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          claimers: fc.integer({ min: 2, max: 4 }),
          reaping: fc.boolean(),
          seconds: fc.nat({ max: 2 * TTL }),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      async (rounds) => {
        const path = await newDatabase()
        const databases = await Promise.all([0, 1, 2, 3].map(() => openAgain(path)))
        try {
          const model = await begin(databases[0]!.db)
          for (const { claimers, reaping, seconds } of rounds) {
            model.now += seconds * 1000
            const taken = await Promise.all([
              ...databases
                .slice(0, claimers)
                .map(({ db }, n) => claim(db, prepClaim({ ownerId: `dead-${n}`, ttl: TTL, now: model.now }))),
              ...(reaping ? [reapAll(databases[3]!.db, model.now).then(() => null)] : []),
            ])
            const leases = taken.flatMap((one) => (one === null ? [] : [one.lease]))
            const seen = leases.map(({ executionId, fencingToken }) => `${executionId} ${fencingToken}`)
            expect(new Set(seen).size).toBe(seen.length)
            for (const one of leases) {
              const earlier = model.given.filter(({ executionId }) => executionId === one.executionId)
              for (const { fencingToken } of earlier) expect(one.fencingToken).toBeGreaterThan(fencingToken)
            }
            model.given.push(...leases)
            for (const id of model.executions.keys()) {
              expect((await writersOf(databases[0]!.db, model, id)).length).toBeLessThanOrEqual(1)
            }
          }
        } finally {
          await Promise.all(databases.map((database) => database.close()))
        }
      },
    ),
    { numRuns: RUNS * 60 },
  )
})
