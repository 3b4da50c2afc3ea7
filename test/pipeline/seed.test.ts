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

it('lets others have their turn between its pages', async () => {
  const { db, clock } = await openTestDatabase()
  const ids = [1, 2, 3, 4, 5, 6].map((n) => `2501.0000${n}`)
  const corpus = corpusOf(ids.map((arxiv_id) => ({ arxiv_id, title: arxiv_id })))
  const turns: number[] = []
  let isOver = false
  const takeTurn = (): void => {
    turns.push(seeded)
    if (!isOver) setImmediate(takeTurn)
  }
  let seeded = 0
  const onSeeded = (page: readonly string[]): void => void (seeded += page.length)
  setImmediate(takeTurn)
  await seed(
    { db, clock, corpus, onSeeded },
    { ...OPTIONS, dryRun: false, filter: { all: true, batchSize: 2 } },
  )
  isOver = true
  expect(seeded).toBe(6)
  expect(turns).toEqual(expect.arrayContaining([2, 4]))
})
