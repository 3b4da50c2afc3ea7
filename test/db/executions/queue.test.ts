import { expect, it } from 'vitest'
import type { QueueStatus } from '../../../src/core/queue.js'
import { QUEUE_STATUSES } from '../../../src/core/queue.js'
import { PHASES, READY_STATUSES } from '../../../src/core/phases.js'
import { claim } from '../../../src/db/executions/claims.js'
import { insertExecutions } from '../../../src/db/executions/executions.js'
import { readOutlook } from '../../../src/db/executions/outlook.js'
import { changeQueue, queueById, queueInOrder, withAnswers } from '../../../src/db/executions/queue.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import {
  addPapers,
  executionOf,
  mustClaim,
  NOON,
  openTestDatabase,
  paper,
  prepClaim,
} from '../../support/database.js'

const idOf = async (db: Db, arxivId: string): Promise<string> =>
  (await executionOf(db, arxivId))?.execution_id ?? ''
const arxiv = (number: number): string => `2401.${String(number).padStart(5, '0')}`

it('yields thousands of papers in the order of claims, each once, whatever the page size', async () => {
  const { db } = await openTestDatabase()
  for (let batch = 0; batch < 3; batch++) {
    const papers = Array.from({ length: 400 }, (_, n) => paper(batch * 400 + n + 1, { priority: n % 3 }))
    await insertExecutions(db, papers, NOON + batch)
  }
  const claimed: string[] = []
  for (const size of [7, 500, 5000]) {
    const listed: string[] = []
    for await (const page of queueInOrder(db, 'pending', size))
      listed.push(...page.map((row) => row.arxiv_id))
    expect(new Set(listed).size).toBe(1200)
    claimed.push(listed.slice(0, 5).join())
  }
  expect(new Set(claimed).size).toBe(1)
  const taken: string[] = []
  for (let n = 0; n < 5; n++) taken.push((await mustClaim(db)).execution.arxiv_id)
  expect(taken.join()).toBe(claimed[0])
})

it('a paper that is held is not claimed until it is released, and goes on where it stood', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 3)
  const ids = [await idOf(db, arxiv(1)), await idOf(db, arxiv(2))]
  await db.updateTable('executions').set({ status: 'prepped' }).where('arxiv_id', '=', arxiv(2)).execute()
  expect(await changeQueue(db, ids, { kind: 'hold' }, NOON)).toBe(2)
  expect(await changeQueue(db, ids, { kind: 'hold' }, NOON)).toBe(0)
  expect(await executionOf(db, arxiv(2))).toMatchObject({ status: 'held', release_to: 'prepped' })
  expect((await mustClaim(db)).execution.arxiv_id).toBe(arxiv(3))
  expect(await claim(db, prepClaim())).toBeNull()
  expect(await claim(db, prepClaim({ executionId: ids[0] }))).toBeNull()
  const { work } = await readOutlook(db, NOON)
  expect([work.prep.papers, work.analyze.papers]).toEqual([0, 0])
  expect(await changeQueue(db, ids, { kind: 'release' }, NOON)).toBe(2)
  expect(await executionOf(db, arxiv(2))).toMatchObject({ status: 'prepped', release_to: null })
  expect((await mustClaim(db)).execution.arxiv_id).toBe(arxiv(1))
})

it('the next claim obeys a new priority; a paper in work is left alone', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 3)
  const busy = await mustClaim(db)
  const last = await idOf(db, arxiv(3))
  expect(await changeQueue(db, [busy.lease.executionId, last], { kind: 'move', priority: 7 }, NOON)).toBe(1)
  expect((await mustClaim(db)).execution).toMatchObject({ arxiv_id: arxiv(3), priority: 7 })
  for (const kind of ['hold', 'drop', 'release'] as const)
    expect(await changeQueue(db, [busy.lease.executionId], { kind }, NOON)).toBe(0)
})

it('a paper that was dropped comes back as it was, also one that was held before', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 1)
  const id = await idOf(db, arxiv(1))
  await db.updateTable('executions').set({ status: 'analyzed', prep_output: '{}' }).execute()
  expect(await withAnswers(db, [id, 'other'])).toEqual(new Set([id]))
  await changeQueue(db, [id], { kind: 'hold' }, NOON)
  expect(await changeQueue(db, [id], { kind: 'drop' }, NOON)).toBe(1)
  expect(await insertExecutions(db, [paper(1)], NOON)).toBe(0)
  await changeQueue(db, [id], { kind: 'release' }, NOON)
  expect(await executionOf(db, arxiv(1))).toMatchObject({ status: 'analyzed', prep_output: '{}' })
})

it('shows each status by itself, and all of some by id', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, QUEUE_STATUSES.length + 1)
  for (const [n, status] of QUEUE_STATUSES.entries()) {
    const aside = !(READY_STATUSES as readonly QueueStatus[]).includes(status)
    await db
      .updateTable('executions')
      .set({ status, release_to: aside ? 'pending' : null })
      .where('arxiv_id', '=', arxiv(n + 1))
      .execute()
  }
  await db
    .updateTable('executions')
    .set({ status: PHASES.prep.busy })
    .where('arxiv_id', '=', arxiv(QUEUE_STATUSES.length + 1))
    .execute()
  for (const [n, status] of QUEUE_STATUSES.entries()) {
    const pages = []
    for await (const page of queueInOrder(db, status, 2)) pages.push(page)
    expect(pages).toMatchObject([[{ arxiv_id: arxiv(n + 1), status }]])
  }
  const all: string[] = []
  for await (const page of queueById(db, QUEUE_STATUSES, 2)) all.push(...page.map((row) => row.arxiv_id))
  expect(all.sort()).toEqual(QUEUE_STATUSES.map((_, n) => arxiv(n + 1)))
})

it.each([
  [9.7, 10],
  [1e20, 1e9],
  ['high' as unknown as number, 0],
])('a priority of %s, as a crawler may have it, is kept as %d', async (priority, kept) => {
  const { db } = await openTestDatabase()
  await insertExecutions(db, [paper(1, { priority })], NOON)
  const [row] = await db.selectFrom('executions').select('priority').execute()
  expect(Number(row?.priority)).toBe(kept)
})
