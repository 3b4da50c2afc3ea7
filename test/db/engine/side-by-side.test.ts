import { describe, expect, it } from 'vitest'
import { referencesIn, storeJson } from '../../../src/db/checkpoints/blobs.js'
import { textOf } from '../../../src/db/checkpoints/packed-texts.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { claim } from '../../../src/db/executions/claims.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import { fence, LeaseLostError } from '../../../src/db/leases/leases.js'
import { prune } from '../../../src/db/maintenance/prune.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import {
  addPapers,
  mustClaim,
  newDatabase,
  NOON,
  openTestDatabase,
  prepClaim,
} from '../../support/database.js'
import { callRequest, callWindow } from '../../support/ledger.js'
import { longText } from '../../support/long-text.js'
import { HAS_SERVER, onServer } from '../../support/postgres.js'

const RULE = { keep: 'purge_all', endedBefore: NOON, now: NOON, dryRun: false } as const

/** Two connections, as two processes have them. */
async function two(given?: string): Promise<[Db, Db]> {
  const path = given ?? (await newDatabase('postgres'))
  return [(await openTestDatabase(path)).db, (await openTestDatabase(path)).db]
}

/** Waits until somebody waits for a lock. */
async function somebodyWaits(path: string): Promise<void> {
  const name = new URL(path).pathname.slice(1)
  const waiting = `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = '${name}'`
  await expect.poll(() => onServer(waiting), { timeout: 30_000 }).not.toEqual([])
}

describe.runIf(HAS_SERVER)('transactions that run side by side', () => {
  it('keep a text to which one of them is about to refer', async () => {
    const path = await newDatabase('postgres')
    const [db, other] = await two(path)
    await addPapers(db, 1)
    await storeJson(db, longText(1))
    let pruned: Promise<unknown> = Promise.resolve()
    await db.transaction().execute(async (trx) => {
      // Not condemned yet, and not committed when the references are read.
      const stored = await storeJson(trx, longText(1))
      await trx.updateTable('executions').set({ prep_output: stored }).execute()
      pruned = prune(other, RULE)
      await somebodyWaits(path)
    })
    await pruned
    const { prep_output: stored } = await db.selectFrom('executions').selectAll().executeTakeFirstOrThrow()
    const [hash = ''] = referencesIn(stored ?? '')
    const blob = await db.selectFrom('blobs').selectAll().where('hash', '=', hash).executeTakeFirstOrThrow()
    expect(textOf(blob)).toBe(longText(1))
  })

  it('of two that find the same lease run out, one takes the paper', async () => {
    const [db, other] = await two()
    await addPapers(db, 1)
    await mustClaim(db, { ownerId: 'dead' })
    const later = prepClaim({ now: NOON + 1_000_000 })
    const claims = await Promise.all([db, other].map((one, n) => claim(one, { ...later, ownerId: `${n}` })))
    expect(claims.filter((one) => one !== null)).toHaveLength(1)
  })

  it('let nobody take a paper over while its holder writes, and nobody write afterwards', async () => {
    const [db, other] = await two()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db, { ownerId: 'slow' })
    const later = NOON + 1_000_000
    await db.transaction().execute(async (trx) => {
      await fence(trx, lease, NOON)
      expect(await claim(other, prepClaim({ now: later }))).toBeNull()
    })
    expect(await claim(other, prepClaim({ now: later }))).toMatchObject({ lease: { fencingToken: 2 } })
    const end = db
      .transaction()
      .execute((trx) => finishExecution(trx, lease, { status: 'done', attempts: 'keep' }, NOON))
    await expect(end).rejects.toBeInstanceOf(LeaseLostError)
  })

  it.each([0, 5])('book no more than the minute and the day have, with a budget of %d', async (budget) => {
    const databases = await two()
    await addPapers(databases[0], 12)
    const leases = []
    for (let n = 0; n < 12; n += 1) leases.push((await mustClaim(databases[0])).lease)
    const window = callWindow(3, { perDay: 5 })
    const booked = await Promise.allSettled(
      leases.map((lease, n) => reserveCall(databases[n % 2]!, callRequest(lease, { budget, window }))),
    )
    const moments = booked.flatMap((one) =>
      one.status === 'fulfilled' && one.value.kind === 'booked' ? [one.value.sendAt] : [],
    )
    expect(moments).toHaveLength(5)
    const sorted = moments.sort((a, b) => a - b)
    expect(sorted.every((at, n) => n < 3 || at - (sorted[n - 3] ?? 0) >= window.minuteMs)).toBe(true)
  })
})
