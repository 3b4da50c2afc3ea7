import fc from '../support/properties.js'
import { expect } from 'vitest'
import { isoTime } from '../../src/core/clock.js'
import { processOwnerId } from '../../src/core/processes/owner.js'
import { LeaseLostError } from '../../src/db/leases/leases.js'
import type { Lease } from '../../src/db/leases/leases.js'
import { claim } from '../../src/db/executions/claims.js'
import { finishExecution } from '../../src/db/leases/finish.js'
import { fence } from '../../src/db/leases/leases.js'
import type { TestDatabase } from '../support/database.js'
import type { Db } from '../../src/db/engine/prepared.js'
import { reap } from '../../src/pipeline/reap.js'
import { addPapers, dump, NOON, prepClaim } from '../support/database.js'
import { bookCall, callRequest } from '../support/ledger.js'
import { saveSnapshot } from '../support/save-snapshot.js'

/** Seconds. */
export const TTL = 10
/** The last one is this process, which is seen running. */
const OWNERS = ['dead-1', 'dead-2', 'dead-3', processOwnerId()]
const ALIVE = OWNERS.length - 1

export type Step =
  | { do: 'claim'; owner: number; execution: number | null }
  | { do: 'renew' | 'checkpoint' | 'reserve' | 'finish' | 'release' | 'fail'; lease: number }
  | { do: 'reap' | 'retry' }
  | { do: 'wait'; seconds: number }

const lease = fc.nat({ max: 30 })
/** Anything that an owner, the clock or `reap` may do next. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      owner: fc.nat({ max: ALIVE }),
      execution: fc.option(fc.nat({ max: 2 })),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('renew', 'checkpoint', 'reserve'), lease }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('finish', 'release', 'fail'), lease }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('reap', 'retry') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      seconds: fc.integer({ min: -TTL, max: 2 * TTL }),
    }),
  },
)

/** Leases ever given, and what the rules say of each execution. */
export interface Model {
  now: number
  given: Lease[]
  executions: Map<string, { holder: Lease | null; until: number; token: number; open: boolean }>
}

/** Adds three papers, of which nobody has claimed any. */
export async function begin(db: Db): Promise<Model> {
  await addPapers(db, 3)
  const rows = await db.selectFrom('executions').select('execution_id').orderBy('paper_id').execute()
  const fresh = (): { holder: Lease | null; until: number; token: number; open: boolean } => ({
    holder: null,
    until: 0,
    token: 0,
    open: true,
  })
  return { now: NOON, given: [], executions: new Map(rows.map((row) => [row.execution_id, fresh()])) }
}

/** Takes one step in the DB and in the model, and holds the one against the other. */
export async function take(one: Step, { db, path }: TestDatabase, model: Model): Promise<void> {
  switch (one.do) {
    case 'wait':
      model.now += one.seconds * 1000
      return
    case 'claim':
      return claimNext(db, model, OWNERS[one.owner] ?? '', one.execution)
    case 'reap':
      await reapAll(db, model.now)
      for (const state of model.executions.values()) if (isExpired(state, model.now)) state.holder = null
      return
    case 'retry':
      await db
        .updateTable('executions')
        .set({ status: 'pending' })
        .where('status', 'in', ['failed', 'prepped'])
        .execute()
      for (const state of model.executions.values()) state.open = true
      return
    default:
      return write(one.do, model.given[one.lease % Math.max(1, model.given.length)], db, path, model)
  }
}

async function claimNext(db: Db, model: Model, ownerId: string, execution: number | null): Promise<void> {
  const ids = [...model.executions.keys()]
  const executionId = execution === null ? undefined : ids[execution]
  const free = ids.filter((id) => {
    const state = model.executions.get(id)!
    return state.open && (state.holder === null || isExpired(state, model.now))
  })
  const taken = await claim(db, prepClaim({ ownerId, ttl: TTL, now: model.now, executionId }))
  const expected = executionId === undefined ? free.length > 0 : free.includes(executionId)
  expect(taken !== null, 'a claim is given exactly where something is free').toBe(expected)
  if (taken === null) return
  const state = model.executions.get(taken.lease.executionId)!
  expect(free).toContain(taken.lease.executionId)
  expect(taken.lease.fencingToken).toBe(state.token + 1)
  model.given.push(taken.lease)
  Object.assign(state, { holder: taken.lease, token: taken.lease.fencingToken, until: untilFrom(model.now) })
}

async function write(
  what: 'renew' | 'checkpoint' | 'reserve' | 'finish' | 'release' | 'fail',
  own: Lease | undefined,
  db: Db,
  path: string,
  model: Model,
): Promise<void> {
  if (own === undefined) return
  const state = model.executions.get(own.executionId)!
  const writes = (): Promise<unknown> => {
    if (what === 'renew') return fence(db, own, model.now)
    if (what === 'checkpoint') return checkpoint(db, own, model.now)
    if (what === 'reserve') return reserve(db, own, model.now)
    return finish(db, own, what, model.now)
  }
  if (state.holder !== own) {
    const before = dump(path)
    await expect(writes()).rejects.toBeInstanceOf(LeaseLostError)
    expect(dump(path)).toEqual(before)
    return
  }
  await writes()
  if (what === 'finish' || what === 'release' || what === 'fail') {
    Object.assign(state, { holder: null, open: what === 'release' })
    return
  }
  // Renewed when a tenth of its life is gone, and never shortened by a clock that went back.
  const renewed = untilFrom(model.now)
  if (renewed - state.until > TTL / 10) state.until = renewed
}

function checkpoint(db: Db, own: Lease, now: number): Promise<void> {
  const document = {
    execution_id: own.executionId,
    machine_name: 'prep',
    event: 'execute',
    current_state: 'fetch',
    created_at: isoTime(now),
  }
  return saveSnapshot(db, own, { ...document, owner: own.ownerId }, now)
}

function reserve(db: Db, own: Lease, now: number): Promise<string> {
  return bookCall(db, callRequest(own, { now }))
}

function finish(db: Db, own: Lease, what: 'finish' | 'release' | 'fail', now: number): Promise<void> {
  const status = ({ finish: 'prepped', release: 'pending', fail: 'failed' } as const)[what]
  return db
    .transaction()
    .execute((trx) =>
      finishExecution(
        trx,
        own,
        { status, error: what, attempts: what === 'release' ? 'refund' : 'keep' },
        now,
      ),
    )
}

export function reapAll(db: Db, now: number): Promise<unknown> {
  return reap(db, { phases: [], olderThanMs: null, orphans: false, dryRun: false, now })
}

function untilFrom(now: number): number {
  return Math.floor(now / 1000) + TTL
}

/** A lease is live up to the last second, and longer while its owner is seen running. */
function isExpired({ holder, until }: { holder: Lease | null; until: number }, now: number): boolean {
  return holder !== null && until < Math.floor(now / 1000) && holder.ownerId !== OWNERS[ALIVE]
}

/** The DB lets exactly those write whom the model lets. */
export async function checkWriters(db: Db, model: Model): Promise<void> {
  for (const [id, { holder }] of model.executions) {
    expect(await writersOf(db, model, id)).toEqual(holder === null ? [] : [holder])
  }
}

/** Returns the leases of an execution with which one could write now. Nothing is changed by asking. */
export async function writersOf(db: Db, model: Model, executionId: string): Promise<Lease[]> {
  const writers: Lease[] = []
  for (const one of model.given.filter((given) => given.executionId === executionId)) {
    const undo = new Error('undo')
    const error: unknown = await db
      .transaction()
      .execute(async (trx) => {
        await fence(trx, one, model.now)
        throw undo
      })
      .catch((thrown: unknown) => thrown)
    if (error === undo) writers.push(one)
    else expect(error).toBeInstanceOf(LeaseLostError)
  }
  return writers
}
