import type { KyselyPlugin } from 'kysely'
import { expect, it } from 'vitest'
import { referencesIn, storeJson } from '../../../src/db/checkpoints/blobs.js'
import { textOf } from '../../../src/db/checkpoints/packed-texts.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { prune } from '../../../src/db/maintenance/prune.js'
import { addPapers, mustClaim, NOON, openTestDatabase } from '../../support/database.js'
import { longText } from '../../support/long-text.js'
import { saveSnapshot } from '../../support/save-snapshot.js'
import { temporaryFolder } from '../../support/temp.js'

const RULE = { keep: 'purge_all', endedBefore: NOON, now: NOON, dryRun: false } as const
const MORE_THAN_A_PRUNE_READS = 100

/** Returns the database with something done after its n-th query outside of transactions, before the result is seen. */
function after(db: Db, n: number, act: () => Promise<void>): Db {
  let queries = 0
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      queries += 1
      if (queries === n) await act()
      return result
    },
  }
  return db.withPlugin(plugin)
}

/** One text that nothing refers to, and one that a paper's output holds. */
async function twoConnections(): Promise<[Db, Db]> {
  const { db, path } = await openTestDatabase(`${temporaryFolder()}/executions.sqlite`)
  const { db: other } = await openTestDatabase(path)
  await addPapers(db, 1)
  const { lease } = await mustClaim(db)
  await db.transaction().execute(async (trx) => {
    const prep = await storeJson(trx, longText(1))
    await finishExecution(trx, lease, { status: 'done', prep_output: prep, attempts: 'keep' }, NOON)
    await storeJson(trx, longText(2))
  })
  return [db, other]
}

async function refer(db: Db): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('executions')
      .set({ expensive_output: await storeJson(trx, longText(2)) })
      .execute()
  })
}

/** The DB's own text: `loadJson` remembers what it has read. */
async function textIn(db: Db, stored: string | null): Promise<string> {
  const [hash = ''] = referencesIn(stored ?? '')
  return textOf(await db.selectFrom('blobs').selectAll().where('hash', '=', hash).executeTakeFirstOrThrow())
}

async function expectReadable(db: Db): Promise<void> {
  const row = await db.selectFrom('executions').selectAll().executeTakeFirstOrThrow()
  expect(await textIn(db, row.prep_output)).toBe(longText(1))
  expect(await textIn(db, row.expensive_output)).toBe(longText(2))
}

it('a text that is needed again is there, at whichever moment of a prune it is needed', async () => {
  for (let n = 1; ; n += 1) {
    expect(n).toBeLessThan(MORE_THAN_A_PRUNE_READS)
    const [db, other] = await twoConnections()
    let referred = false
    const watched = after(db, n, async () => {
      await refer(other)
      referred = true
    })
    const { blobs } = await prune(watched, RULE)
    if (!referred) {
      expect(blobs).toBe(1)
      expect(n).toBeGreaterThan(6)
      return
    }
    await expectReadable(db)
  }
})

it('and at whichever moments two prunes meet', async () => {
  for (let n = 1; ; n += 1) {
    expect(n).toBeLessThan(MORE_THAN_A_PRUNE_READS)
    let met = false
    for (let m = 1; ; m += 1) {
      expect(m).toBeLessThan(MORE_THAN_A_PRUNE_READS)
      const [db, other] = await twoConnections()
      const { promise: firstEnded, resolve: endFirst } = gate()
      let second = Promise.resolve<unknown>(undefined)
      let held = false
      met = false
      const first = after(db, n, async () => {
        met = true
        await refer(other)
        // The second one stops at its m-th query until the first has ended.
        await new Promise<void>((resolve) => {
          const paused = after(other, m, async () => {
            held = true
            resolve()
            await firstEnded
          })
          second = prune(paused, RULE).finally(resolve)
        })
      })
      await prune(first, RULE)
      endFirst()
      await second
      if (!met) break
      await expectReadable(db)
      if (!held) break
    }
    if (!met) return
  }
})

it('a paper that is put back to work keeps its checkpoints, if they were there at that moment', async () => {
  for (let n = 1; ; n += 1) {
    expect(n).toBeLessThan(MORE_THAN_A_PRUNE_READS)
    const { db, path } = await openTestDatabase()
    const { db: other } = await openTestDatabase(path)
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    const id = lease.executionId
    const document = {
      execution_id: id,
      machine_name: 'prep',
      event: 'execute',
      current_state: 's',
      created_at: '',
    }
    await saveSnapshot(db, lease, document, NOON)
    await db
      .transaction()
      .execute((trx) => finishExecution(trx, lease, { status: 'failed', attempts: 'keep' }, NOON))
    const count = async (): Promise<number> =>
      (await other.selectFrom('machine_transitions').select('transition_id').execute()).length
    let there: number | null = null
    const watched = after(db, n, async () => {
      await other.updateTable('executions').set({ status: 'pending' }).execute()
      await mustClaim(other)
      there = await count()
    })
    await prune(watched, RULE)
    if (there === null) return
    expect(await count()).toBe(there)
    if (n === 1) expect(there).toBe(1)
  }
})

function gate(): { promise: Promise<void>; resolve: () => void } {
  let open: () => void = () => undefined
  const promise = new Promise<void>((resolve) => (open = resolve))
  return { promise, resolve: () => open() }
}
