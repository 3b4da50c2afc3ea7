import { expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import type { Status } from '../../../src/db/engine/schema.js'
import { forPhases, STATUSES } from '../../../src/core/phases.js'
import { readOutlook, readOutlookOf } from '../../../src/db/executions/outlook.js'
import { addPapers, mustClaim, NOON, openTestDatabase } from '../../support/database.js'

it('sees what is ready, interrupted, waiting and in work', async () => {
  const { db } = await openTestDatabase()
  const nothing = { papers: 0, ready: false, interrupted: false, readyAt: null, interruptedAt: null }
  const work = forPhases(() => nothing)
  expect(await readOutlook(db, NOON)).toEqual({ work, busy: [] })

  await addPapers(db, 4)
  const { lease, execution } = await mustClaim(db)
  const set = async (id: string, values: { status: Status; not_before?: number; interrupted?: boolean }) =>
    db
      .updateTable('executions')
      .set({
        status: values.status,
        not_before: values.not_before === undefined ? null : isoTime(values.not_before),
        interrupted_at: values.interrupted === true ? isoTime(NOON - 1) : null,
      })
      .where('arxiv_id', '=', id)
      .execute()
  await set('2401.00002', { status: 'prepped', not_before: NOON + 2000, interrupted: true })
  await set('2401.00003', { status: 'prepped', not_before: NOON + 1000 })
  await set('2401.00004', { status: 'analyzed', not_before: NOON, interrupted: true })
  expect(await readOutlook(db, NOON)).toEqual({
    work: {
      ...work,
      analyze: {
        papers: 2,
        ready: false,
        interrupted: false,
        readyAt: NOON + 1000,
        interruptedAt: NOON + 2000,
      },
      wrap: { papers: 1, ready: true, interrupted: true, readyAt: null, interruptedAt: null },
    },
    busy: [
      {
        execution_id: execution.execution_id,
        status: 'prepping',
        owner_id: lease.ownerId,
        lease_until: NOON / 1000 + 300,
      },
    ],
  })
})

it('is the same for all papers and for the list of them', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 60)
  const rows = await db.selectFrom('executions').select('execution_id').orderBy('arxiv_id').execute()
  for (const [index, { execution_id }] of rows.entries()) {
    await db
      .updateTable('executions')
      .set({
        status: STATUSES[index % STATUSES.length] ?? 'done',
        not_before: index % 3 === 0 ? null : isoTime(NOON + (index - 30) * 1000),
        interrupted_at: index % 4 === 0 ? isoTime(NOON) : null,
      })
      .where('execution_id', '=', execution_id)
      .execute()
  }
  const ids = rows.map(({ execution_id }) => execution_id)
  for (const now of [NOON - 60_000, NOON, NOON + 10_000, NOON + 60_000]) {
    expect(await readOutlookOf(db, ids, now)).toEqual(await readOutlook(db, now))
  }
})
