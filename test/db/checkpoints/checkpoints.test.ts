import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import { LeaseLostError } from '../../../src/db/leases/leases.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import type { TestDatabase } from '../../support/database.js'
import type { CallResult } from '../../../src/db/calls/settle.js'
import { markCallSent } from '../../../src/db/calls/sending.js'
import { settlement } from '../../../src/db/calls/settle.js'
import type { LedgerSettlement } from '../../../src/db/calls/settlement.js'
import { DbCheckpointBackend } from '../../../src/pipeline/paper/checkpoint-backend.js'
import { checkpointKey } from '../../../src/machines/backends/keys.js'
import type { CheckpointEvent, Snapshot } from '../../../src/machines/types.js'
import { addPapers, dump, mustClaim, NOON, openTestDatabase } from '../../support/database.js'
import { bookCall, callRequest, PLAIN } from '../../support/ledger.js'

const PAPER_TEXT = 'We evaluate on 14 datasets – see Table 2. '.repeat(1900)

const clock = { now: () => NOON }

const OK: CallResult = {
  outcome: 'ok',
  model: 'vendor/model',
  statusCode: 200,
  errorClass: null,
  counted: true,
  promptTokens: 100,
  completionTokens: 20,
  costUsd: 0,
  latencyMs: 1200.4,
  rateLimit: null,
}

function snapshot(executionId: string, step: number, changes: Partial<Snapshot> = {}): Snapshot {
  return {
    execution_id: executionId,
    machine_name: 'prep',
    spec_version: '4.2.1',
    current_state: `state_${step}`,
    context: { paper_text: PAPER_TEXT, done: step },
    step,
    created_at: isoTime(NOON + step),
    event: 'execute',
    total_api_calls: step,
    total_cost: 0,
    ...changes,
  }
}

function key(executionId: string, step: number, event: CheckpointEvent = 'execute'): string {
  return checkpointKey(executionId, step, event)
}

async function backendOfOne(): Promise<{
  database: TestDatabase
  lease: Lease
  backend: DbCheckpointBackend
}> {
  const database = await openTestDatabase()
  await addPapers(database.db, 1)
  const { lease } = await mustClaim(database.db)
  return { database, lease, backend: new DbCheckpointBackend(database.db, lease, clock) }
}

async function openCall({ db }: TestDatabase, lease: Lease): Promise<LedgerSettlement> {
  const callId = await bookCall(db, callRequest(lease, { model: 'asked/model', budget: 10 }))
  await markCallSent(db, { callId, sendAt: NOON, pace: null }, [], NOON)
  return settlement(db, callId, OK, PLAIN, NOON + 5)
}

describe('checkpoints in the DB', () => {
  it('are saved, loaded by key and as the latest, listed and deleted', async () => {
    const { backend, lease } = await backendOfOne()
    const id = lease.executionId
    expect(await backend.load(`${id}/latest`)).toBeNull()
    expect(await backend.load(key(id, 1))).toBeNull()
    expect(await backend.list(`${id}/`)).toEqual([])
    await backend.save(key(id, 1), snapshot(id, 1))
    await backend.save(key(id, 2, 'machine_end'), snapshot(id, 2, { event: 'machine_end', output: { n: 1 } }))
    expect(await backend.load(key(id, 1))).toEqual(snapshot(id, 1))
    expect(await backend.load(`${id}/latest`)).toEqual(
      snapshot(id, 2, { event: 'machine_end', output: { n: 1 } }),
    )
    expect(await backend.list(`${id}/`)).toEqual([key(id, 1), key(id, 2, 'machine_end')])
    await backend.delete(key(id, 1))
    expect(await backend.list(`${id}/`)).toEqual([key(id, 2, 'machine_end')])
    expect(await backend.load(`${id}/latest`)).toMatchObject({ step: 2 })
    await backend.delete(key(id, 2, 'machine_end'))
    expect(await backend.load(`${id}/latest`)).toBeNull()
    await backend.delete('never/there')
  })

  it('are replaced by a save under the same key', async () => {
    const { backend, lease } = await backendOfOne()
    const id = lease.executionId
    await backend.save(key(id, 1), snapshot(id, 1))
    await backend.save(key(id, 1), snapshot(id, 1, { machine_name: 'analyze', current_state: 'other' }))
    expect(await backend.load(key(id, 1))).toMatchObject({ machine_name: 'analyze', current_state: 'other' })
    expect(await backend.list(`${id}/`)).toEqual([key(id, 1)])
  })

  it('leave what stays when one between is deleted', async () => {
    const { backend, lease, database } = await backendOfOne()
    const id = lease.executionId
    for (const step of [1, 2, 3]) await backend.save(key(id, step), snapshot(id, step))
    await backend.delete(key(id, 2))
    await backend.save(key(id, 4), snapshot(id, 4))
    const again = new DbCheckpointBackend(database.db, lease, clock)
    for (const step of [1, 3, 4]) expect(await again.load(key(id, step))).toEqual(snapshot(id, step))
    expect(await again.list(`${id}/`)).toEqual([key(id, 1), key(id, 3), key(id, 4)])
  })

  it('hold the text of the paper once, however many there are', async () => {
    const { backend, lease, database } = await backendOfOne()
    const id = lease.executionId
    for (let step = 1; step <= 7; step += 1) await backend.save(key(id, step), snapshot(id, step))
    const { rows } = dump(database.path)
    expect(rows['blobs']).toHaveLength(1)
    const stored = rows['machine_transitions'] as { delta: string }[]
    expect(stored).toHaveLength(7)
    for (const { delta } of stored.slice(1)) expect(delta.length).toBeLessThan(150)
    expect(await backend.load(key(id, 7))).toEqual(snapshot(id, 7))
  })

  it('are listed by the exact prefix, whatever characters are in it', async () => {
    const { backend } = await backendOfOne()
    const prefixes = [
      'a_b/',
      'axb/',
      'a%b/',
      'a%%b/',
      'A_b/',
      'ä/',
      '😀/',
      '\u{10fffd}/',
      "o'hara/",
      'a\\b/',
      'a_b/c/',
    ]
    const ids = prefixes.map((prefix) => prefix.slice(0, -1))
    for (const id of ids) await backend.save(key(id, 1), snapshot(id, 1))
    for (const prefix of prefixes) {
      const expected = ids.map((id) => key(id, 1)).filter((one) => one.startsWith(prefix))
      expect(await backend.list(prefix), prefix).toEqual(expected.sort())
    }
    expect(await backend.list('')).toHaveLength(prefixes.length)
    expect(await backend.list('a')).toHaveLength(6)
  })

  it('tell one execution from another whose id begins alike', async () => {
    const { backend } = await backendOfOne()
    await backend.save('e1/step_000001_execute.json', snapshot('e1', 1))
    await backend.save('e10/step_000001_execute.json', snapshot('e10', 1))
    expect(await backend.list('e1/')).toEqual(['e1/step_000001_execute.json'])
    expect(await backend.load('e1/latest')).toMatchObject({ execution_id: 'e1' })
  })
})

describe('the settlement of a request', () => {
  it('is committed with the checkpoint that holds its answer', async () => {
    const { backend, lease, database } = await backendOfOne()
    const settle = await openCall(database, lease)
    expect(dump(database.path).rows['llm_calls']).toMatchObject([
      { outcome: 'in_flight', model: 'asked/model' },
    ])
    await backend.save(key(lease.executionId, 1), snapshot(lease.executionId, 1), settle)
    expect(dump(database.path).rows['llm_calls']).toMatchObject([
      {
        outcome: 'ok',
        model: 'vendor/model',
        prompt_tokens: 100,
        latency_ms: 1200,
        finished_at: isoTime(NOON + 5),
      },
    ])
  })

  it('is rolled back with it when the lease was lost', async () => {
    const { backend, lease, database } = await backendOfOne()
    const settle = await openCall(database, lease)
    await mustClaim(database.db, { ownerId: 'other', now: NOON + 400_000 })
    const before = dump(database.path)
    const saving = backend.save(key(lease.executionId, 1), snapshot(lease.executionId, 1), settle)
    await expect(saving).rejects.toBeInstanceOf(LeaseLostError)
    expect(dump(database.path)).toEqual(before)
    // Whoever took the execution over has closed the row; a late answer does not open it again.
    expect(before.rows['llm_calls']).toMatchObject([
      { outcome: 'aborted', error_class: 'owner_died', counted: 1 },
    ])
  })

  it('takes the checkpoint back with it when it fails', async () => {
    const { backend, lease, database } = await backendOfOne()
    const before = dump(database.path)
    const failing: LedgerSettlement = {
      commit: async () => Promise.reject(new Error('cannot settle')),
      steps: () => {
        throw new Error('cannot settle')
      },
    }
    const saving = backend.save(key(lease.executionId, 1), snapshot(lease.executionId, 1), failing)
    await expect(saving).rejects.toThrow('cannot settle')
    expect(dump(database.path)).toEqual(before)
  })
})

describe('workers of one process', () => {
  it('save at the same time without getting in each other’s way', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 8)
    const claims = await Promise.all(Array.from({ length: 8 }, () => mustClaim(db)))
    expect(new Set(claims.map(({ lease }) => lease.executionId)).size).toBe(8)
    await Promise.all(
      claims.map(async ({ lease }) => {
        const backend = new DbCheckpointBackend(db, lease, clock)
        for (let step = 1; step <= 10; step += 1) {
          await backend.save(key(lease.executionId, step), snapshot(lease.executionId, step))
          // A transaction of the ordinary kind in between must not be mixed up with them.
          await db.transaction().execute(async (trx) => {
            await trx
              .updateTable('executions')
              .set({ error: `step ${step}` })
              .where('execution_id', '=', lease.executionId)
              .execute()
          })
        }
      }),
    )
    expect(dump(path).rows['machine_transitions']).toHaveLength(80)
    expect(dump(path).rows['machine_runs']).toHaveLength(8)
    expect(new Set((dump(path).rows['executions'] as { error: string }[]).map(({ error }) => error))).toEqual(
      new Set(['step 10']),
    )
  })
})
