import { expect, it } from 'vitest'
import { seed, type SeedOptions } from '../../src/pipeline/seed.js'
import { corpusOf } from '../support/corpus.js'
import { openTestDatabase } from '../support/database.js'

const OPTIONS: SeedOptions = { limit: 10, filter: { all: true }, priority: null, dryRun: true }

it('leaves out papers without a PDF that nobody named', async () => {
  const { db, clock } = await openTestDatabase()
  const corpus = corpusOf(
    ['2501.00001', '2501.00002', '2501.00003'].map((arxiv_id) => ({ arxiv_id, title: arxiv_id })),
  )
  const services = { db, clock, corpus, isLacking: (id: string) => id !== '2501.00002' }
  const chosen = await seed(services, OPTIONS)
  expect(chosen.papers?.map(({ arxiv_id }) => arxiv_id)).toEqual(['2501.00002'])
  expect(chosen).toMatchObject({ seeded: 1, skipped: 2, left_out: { papers: 2 } })
  const named = await seed(services, { ...OPTIONS, filter: { ids: ['2501.00001'] } })
  expect(named).toMatchObject({ seeded: 1 })
  expect(named.left_out).toBeUndefined()
})
