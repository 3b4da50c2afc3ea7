import { expect, it } from 'vitest'
import { requireSoundRow } from '../../../src/db/executions/executions.js'
import { redoPapers, type Redo } from '../../../src/db/executions/redo.js'
import { readReport, storeReport } from '../../../src/db/executions/reports.js'
import { inTransaction } from '../../../src/db/engine/steps.js'
import { addPapers, executionOf, mustClaim, NOON, openTestDatabase } from '../../support/database.js'

it('puts a paper that is done back once for a version, and never one in hand', async () => {
  const { db } = await openTestDatabase()
  await addPapers(db, 2)
  const { execution } = await mustClaim(db)
  const arxivId = execution.arxiv_id
  const redo = (version: number, report: string | null = null): Redo => ({
    execution_id: execution.execution_id,
    version,
    metadata: { arxiv_id: arxivId, paper_id: 77, title: 'New\0 title', authors: 'N. Ew', abstract: 'New.' },
    report,
  })
  const before = await executionOf(db, arxivId)
  expect(await redoPapers(db, [redo(2)], NOON)).toEqual(new Set())
  expect(await executionOf(db, arxivId)).toEqual(before)

  const kept = await inTransaction(db, (trx) => storeReport(trx, '# The first report'))
  const finish = {
    status: 'done' as const,
    prep_output: '{}',
    expensive_output: '{}',
    report: kept,
    attempts: 3,
  }
  const done = (): unknown =>
    db.updateTable('executions').set(finish).where('arxiv_id', '=', arxivId).execute()
  await done()
  const both = await Promise.all([redoPapers(db, [redo(2)], NOON), redoPapers(db, [redo(2)], NOON)])
  expect(both.map(({ size }) => size).sort()).toEqual([0, 1])
  const again = await executionOf(db, arxivId)
  expect(again).toMatchObject({
    status: 'pending',
    paper_id: 77,
    title: 'New\uFFFD title',
    prep_output: null,
    expensive_output: null,
    attempts: 0,
    redone_version: 2,
    created_at: before?.created_at,
  })
  if (again === null) throw new Error('the paper is gone')
  await requireSoundRow(db, again)
  expect(await readReport(db, again)).toBe('# The first report')

  await done()
  expect(await redoPapers(db, [redo(2)], NOON)).toEqual(new Set())
  expect(await redoPapers(db, [redo(3, '# From its file')], NOON)).toEqual(new Set([execution.execution_id]))
  const third = await executionOf(db, arxivId)
  if (third === null) throw new Error('the paper is gone')
  expect(await readReport(db, third)).toBe('# From its file')
})
