import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import { LeaseLostError } from '../../../src/db/leases/leases.js'
import { insertExecutions } from '../../../src/db/executions/executions.js'
import type { ExecutionEnd } from '../../../src/db/leases/finish.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import { claim } from '../../../src/db/executions/claims.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import { fence } from '../../../src/db/leases/leases.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import {
  addPapers,
  dump,
  executionOf,
  mustClaim,
  NOON,
  openTestDatabase,
  paper,
  prepClaim,
} from '../../support/database.js'
import { ENGINE } from '../../support/postgres.js'
import { callRequest } from '../../support/ledger.js'
import { saveSnapshot } from '../../support/save-snapshot.js'

const SECOND = 1000

async function finish(db: Db, lease: Lease, outcome: Partial<ExecutionEnd> = {}, now = NOON): Promise<void> {
  await db
    .transaction()
    .execute((trx) => finishExecution(trx, lease, { status: 'prepped', attempts: 'reset', ...outcome }, now))
}

async function claimedTitles(db: Db, now: number): Promise<string[]> {
  const titles: string[] = []
  for (let taken = await claim(db, prepClaim({ now })); taken; taken = await claim(db, prepClaim({ now }))) {
    titles.push(taken.execution.title)
  }
  return titles
}

describe('the order of claims', () => {
  it('is priority, then age', async () => {
    const { db } = await openTestDatabase()
    await insertExecutions(db, [paper(1, { title: 'low, old' })], NOON)
    await insertExecutions(db, [paper(2, { title: 'high, young', priority: 5 })], NOON + 3 * SECOND)
    await insertExecutions(db, [paper(3, { title: 'high, old', priority: 5 })], NOON + 2 * SECOND)
    await insertExecutions(db, [paper(4, { title: 'negative', priority: -1 })], NOON - 9 * SECOND)
    await insertExecutions(db, [paper(5, { title: 'low, young' })], NOON + SECOND)
    expect(await claimedTitles(db, NOON + 10 * SECOND)).toEqual([
      'high, old',
      'high, young',
      'low, old',
      'low, young',
      'negative',
    ])
  })

  it('is the order of seeding among equals', async () => {
    const { db } = await openTestDatabase()
    // More than one millisecond has places for; where each takes a round trip, fewer.
    const papers = ENGINE === 'sqlite' ? 5000 : 200
    await addPapers(db, papers)
    const titles = await claimedTitles(db, NOON)
    expect(titles).toEqual(Array.from({ length: papers }, (_, index) => `Paper ${index + 1}`))
  })

  it('passes over what must wait, until its time has come', async () => {
    const { db } = await openTestDatabase()
    await insertExecutions(
      db,
      [paper(1, { title: 'waits', priority: 9 }), paper(2, { title: 'ready' })],
      NOON,
    )
    const waits = await mustClaim(db)
    await finish(db, waits.lease, {
      status: 'pending',
      attempts: 'refund',
      not_before: isoTime(NOON + 60 * SECOND),
    })
    expect(await claimedTitles(db, NOON + 59 * SECOND)).toEqual(['ready'])
    expect(await claimedTitles(db, NOON + 60 * SECOND)).toEqual(['waits'])
  })

  it('begins with interrupted work, whatever its priority', async () => {
    const { db } = await openTestDatabase()
    await insertExecutions(db, [paper(1, { title: 'interrupted' })], NOON)
    await mustClaim(db, { ttl: 10, ownerId: 'died' })
    await insertExecutions(db, [paper(2, { title: 'urgent', priority: 100 })], NOON)
    expect((await mustClaim(db, { now: NOON + 10 * SECOND })).execution.title).toBe('urgent')
    const taken = await mustClaim(db, { now: NOON + 11 * SECOND })
    expect(taken).toMatchObject({
      interrupted: true,
      execution: { title: 'interrupted', status: 'prepping' },
    })
  })

  it('leaves alone what a live lease holds and what is in another phase', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    await mustClaim(db)
    expect(await claim(db, prepClaim({ now: NOON + 299 * SECOND }))).toBeNull()
    const analyze = prepClaim({
      phase: 'analyze',
      from: 'prepped',
      busy: 'analyzing',
      now: NOON + 999 * SECOND,
    })
    expect(await claim(db, analyze)).toBeNull()
  })

  it('can be one execution alone', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 3)
    const wanted = await executionOf(db, '2401.00002')
    const executionId = wanted?.execution_id
    expect((await mustClaim(db, { executionId })).execution.arxiv_id).toBe('2401.00002')
    expect(await claim(db, prepClaim({ executionId }))).toBeNull()
    const later = await mustClaim(db, { executionId, now: NOON + 301 * SECOND })
    expect(later).toMatchObject({ interrupted: true, lease: { fencingToken: 2 } })
  })
})

describe('a claim', () => {
  it('changes status, attempts and lease together', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    const { execution, lease } = await mustClaim(db, { ownerId: 'host:1:2', ttl: 60 })
    expect(execution).toMatchObject({
      status: 'prepping',
      attempts: 1,
      title: 'Paper 1',
    })
    expect(dump(path).rows['executions']).toMatchObject([
      { status: 'prepping', attempts: 1, updated_at: isoTime(NOON), interrupted_at: null },
    ])
    expect(lease).toEqual({
      executionId: execution.execution_id,
      ownerId: 'host:1:2',
      fencingToken: 1,
      ttl: 60,
    })
    expect(dump(path).rows['execution_leases']).toEqual([
      {
        execution_id: execution.execution_id,
        owner_id: 'host:1:2',
        phase: 'prep',
        lease_until: NOON / 1000 + 60,
        fencing_token: 1,
        acquired_at: isoTime(NOON),
        updated_at: isoTime(NOON),
        own_work: 0,
        deaths: 0,
      },
    ])
  })

  it('raises the fencing token every time, also after release and in another phase', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const first = await mustClaim(db)
    await finish(db, first.lease, { status: 'pending', attempts: 'refund' })
    const second = await mustClaim(db)
    await finish(db, second.lease)
    const third = await mustClaim(db, { phase: 'analyze', from: 'prepped', busy: 'analyzing' })
    const fourth = await mustClaim(db, {
      phase: 'analyze',
      from: 'prepped',
      busy: 'analyzing',
      now: NOON + 301 * SECOND,
    })
    expect([first, second, third, fourth].map(({ lease }) => lease.fencingToken)).toEqual([1, 2, 3, 4])
  })

  it('counts attempts: kept on failure, given back on release, forgotten on success', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const attempts = async (): Promise<number | undefined> => (await executionOf(db, '2401.00001'))?.attempts
    await finish(db, (await mustClaim(db)).lease, { status: 'pending', attempts: 'keep' })
    expect(await attempts()).toBe(1)
    await finish(db, (await mustClaim(db)).lease, { status: 'pending', attempts: 'refund' })
    expect(await attempts()).toBe(1)
    await finish(db, (await mustClaim(db)).lease)
    expect(await attempts()).toBe(0)
  })
})

describe('the fence', () => {
  it('renews the lease of its holder', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    await fence(db, lease, NOON + 250 * SECOND)
    expect(await claim(db, prepClaim({ now: NOON + 550 * SECOND }))).toBeNull()
    expect(dump(path).rows['execution_leases']).toMatchObject([
      { lease_until: NOON / 1000 + 550, fencing_token: 1 },
    ])
  })

  it('writes nothing while the renewal is not due, and never shortens a lease', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    const before = dump(path)
    await fence(db, lease, NOON + 30 * SECOND)
    await fence(db, lease, NOON - 3600 * SECOND)
    expect(dump(path)).toEqual(before)
    await fence(db, lease, NOON + 31 * SECOND)
    expect(dump(path).rows['execution_leases']).toMatchObject([{ lease_until: NOON / 1000 + 331 }])
  })

  it('lets a holder go on whose lease ran out but was not taken', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db, { ttl: 1 })
    await fence(db, lease, NOON + 900 * SECOND)
    await finish(db, lease, {}, NOON + 901 * SECOND)
    expect((await executionOf(db, '2401.00001'))?.status).toBe('prepped')
  })

  const writes: Record<string, (db: Db, lease: Lease) => Promise<unknown>> = {
    renewal: (db, lease) => fence(db, lease, NOON),
    checkpoint: (db, lease) =>
      saveSnapshot(
        db,
        lease,
        {
          execution_id: lease.executionId,
          machine_name: 'prep',
          event: 'execute',
          current_state: 'extract',
          created_at: isoTime(NOON),
        },
        NOON,
      ),
    finish: (db, lease) => finish(db, lease),
    reservation: (db, lease) => reserveCall(db, callRequest(lease)),
  }

  it.each(Object.keys(writes))('refuses a stale holder: %s', async (name) => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    const stale = await mustClaim(db, { ttl: 1, ownerId: 'slow' })
    await mustClaim(db, { ownerId: 'quick', now: NOON + 60 * SECOND })
    const before = dump(path)
    await expect(writes[name]?.(db, stale.lease)).rejects.toBeInstanceOf(LeaseLostError)
    expect(dump(path)).toEqual(before)
  })

  it.each(Object.keys(writes))('refuses after release: %s', async (name) => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    await finish(db, lease)
    const before = dump(path)
    await expect(writes[name]?.(db, lease)).rejects.toBeInstanceOf(LeaseLostError)
    expect(dump(path)).toEqual(before)
  })

  it('tells the same owner apart that claimed twice', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const first = await mustClaim(db, { ttl: 1 })
    const second = await mustClaim(db, { now: NOON + 60 * SECOND })
    expect(second.lease.ownerId).toBe(first.lease.ownerId)
    await expect(fence(db, first.lease, NOON)).rejects.toMatchObject({ code: 'lease_lost', retryable: false })
    await fence(db, second.lease, NOON)
  })
})
