import { expect, it } from 'vitest'
import { areAllOwn, insertPdfPaper, readSource } from '../../../src/db/executions/pdf-papers.js'
import { addPapers, NOON, openTestDatabase } from '../../support/database.js'

const PAPER = {
  arxiv_id: 'local:0123456789abcdef',
  title: 'A paper of our own',
  authors: 'Ada Lovelace',
  abstract: 'We count.',
  priority: 0,
}
const SOURCE = { paper_text: 'We count sheep. '.repeat(500), reference_count: 3, paper: { pages: 2 } }

it('keeps what was read of a PDF beside its paper, once', async () => {
  const { db } = await openTestDatabase()
  expect(await areAllOwn(db, 'pending')).toBe(false)
  expect(await insertPdfPaper(db, PAPER, SOURCE, NOON)).toBe(true)
  expect(await insertPdfPaper(db, { ...PAPER, title: 'Another' }, {}, NOON + 1)).toBe(false)
  const row = await db.selectFrom('executions').selectAll().executeTakeFirstOrThrow()
  expect(row).toMatchObject({ ...PAPER, status: 'pending' })
  expect(await readSource(db, row)).toEqual(SOURCE)
  expect(row.source_text?.length).toBeLessThan(1000)
  expect(await areAllOwn(db, 'pending')).toBe(true)
  // Its papers are all at work or done.
  expect(await areAllOwn(db, 'prepped')).toBe(true)

  await addPapers(db, 1)
  expect(await areAllOwn(db, 'pending')).toBe(false)
  expect(await areAllOwn(db, 'prepped')).toBe(false)
  expect(await readSource(db, { execution_id: 'other', source_text: null })).toEqual({})
})
