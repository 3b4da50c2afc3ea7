import { expect, it } from 'vitest'
import { claim } from '../../src/db/claims.js'
import { insertExecutions } from '../../src/db/executions.js'
import { MinuteFullError, reserveCall } from '../../src/db/ledger.js'
import type { MinuteWindow } from '../../src/db/ledger.js'
import { openDatabase } from '../../src/db/open.js'
import { join } from 'node:path'
import { temporaryFolder } from '../support/temp.js'

const T0 = Date.parse('2026-03-01T12:00:30Z')

async function ledger() {
  const database = await openDatabase(join(temporaryFolder(), 'executions.sqlite'))
  const paper = { arxiv_id: '2601.00001', paper_id: 1, title: '', authors: '', abstract: '', priority: 0 }
  await insertExecutions(database.db, [paper], T0)
  const taken = await claim(database.db, {
    phase: 'prep',
    from: 'pending',
    busy: 'prepping',
    ownerId: 'me',
    ttl: 900,
    now: T0,
  })
  if (taken === null) throw new Error('nothing to claim')
  const send = (now: number, window: MinuteWindow | null) =>
    reserveCall(database.db, {
      executionId: taken.execution.execution_id,
      phase: 'prep',
      machine: 'prep',
      state: 'ask',
      role: 'cheap',
      model: 'm',
      attempt: 1,
      lease: taken.lease,
      budget: 0,
      window,
      now,
    })
  return { database, send }
}

it('lets no more than the limit through in any 60 seconds, and says when the next slot opens', async () => {
  const { database, send } = await ledger()
  const window = { group: 'free', perMinute: 3 }
  for (const second of [0, 10, 40]) await send(T0 + second * 1000, window)
  const refused = await send(T0 + 41_000, window).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(MinuteFullError)
  expect((refused as MinuteFullError).freeAt).toBe(T0 + 60_000)
  await expect(send(T0 + 59_999, window)).rejects.toBeInstanceOf(MinuteFullError)
  await send(T0 + 60_000, window)
  // The slot of second 10 opens at second 70, not before, although a new wall-clock minute has begun.
  await expect(send(T0 + 61_000, window)).rejects.toMatchObject({ freeAt: T0 + 70_000 })
  const rows = await database.db.selectFrom('llm_calls').select('call_id').execute()
  expect(rows).toHaveLength(4)
  await database.close()
})

it('counts each group by itself and leaves requests without a group alone', async () => {
  const { database, send } = await ledger()
  await send(T0, { group: 'free', perMinute: 1 })
  await send(T0, { group: 'other', perMinute: 1 })
  await send(T0, null)
  await send(T0, null)
  await expect(send(T0, { group: 'free', perMinute: 1 })).rejects.toBeInstanceOf(MinuteFullError)
  await database.close()
})

it('makes nobody wait longer than a minute after the clock went back', async () => {
  const { database, send } = await ledger()
  await send(T0, { group: 'free', perMinute: 1 })
  const hourBefore = T0 - 3_600_000
  await expect(send(hourBefore, { group: 'free', perMinute: 1 })).rejects.toMatchObject({
    freeAt: hourBefore + 60_000,
  })
  await database.close()
})
