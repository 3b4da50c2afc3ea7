import { join } from 'node:path'
import fc from '../support/properties.js'
import { expect, it } from 'vitest'
import { claim } from '../../src/db/executions/claims.js'
import { openDatabase } from '../../src/db/engine/open.js'
import { prepClaim } from '../support/database.js'
import { temporaryFolder } from '../support/temp.js'
import { begin, checkWriters, reapAll, step, take, TTL, writersOf } from './lease-model.js'

it('of all leases ever given, at most one an execution may write; a stale one changes no row', async () => {
  const folder = temporaryFolder()
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const path = join(folder, `run-${++run}.sqlite`)
      // Two connections, as two processes have them.
      const databases = [await openDatabase(path), await openDatabase(path)]
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
    { numRuns: 150 },
  )
})

it('of claims at the same moment on several connections, one gets an execution', async () => {
  const folder = temporaryFolder()
  let run = 0
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
        const path = join(folder, `run-${++run}.sqlite`)
        const databases = await Promise.all([0, 1, 2, 3].map(() => openDatabase(path)))
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
    { numRuns: 60 },
  )
})
