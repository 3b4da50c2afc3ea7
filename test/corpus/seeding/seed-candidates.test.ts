import { expect, it } from 'vitest'
import type { Corpus } from '../../../src/corpus/open.js'
import { findPaper } from '../../../src/corpus/papers.js'
import { seedPages } from '../../../src/corpus/seeding/seed-candidates.js'
import type { SeedFilter } from '../../../src/corpus/seeding/seed-filter.js'
import { corpusOf, type CrawledPaper } from '../../support/corpus.js'

function idsOf(corpus: Corpus, filter: SeedFilter = {}): string[] {
  return [...seedPages(corpus, filter)].flatMap((page) => page.candidates().map((paper) => paper.arxiv_id))
}

const numbered = (n: number): string => `2501.${String(n).padStart(5, '0')}`

it('takes pending rows of newest versions, best priority first, then the longest waiting', () => {
  const corpus = corpusOf([
    { arxiv_id: '2501.00001', queue: { enqueued_at: '2025-01-03T00:00:00+00:00' } },
    { arxiv_id: '2501.00002', queue: { enqueued_at: '2025-01-02T00:00:00+00:00' } },
    { arxiv_id: '2501.00003', queue: { priority: 5, enqueued_at: '2025-01-09T00:00:00+00:00' } },
    { arxiv_id: '2501.00004', queue: { status: 'done' } },
    { arxiv_id: '2501.00005', version: 9, queue: { enqueued_at: '2025-01-01T00:00:00+00:00' } },
    {
      arxiv_id: '2501.00005',
      version: 10,
      title: 'Tenth',
      queue: { enqueued_at: '2025-01-04T00:00:00+00:00' },
    },
    { arxiv_id: '2501.00006', queue: null },
    { arxiv_id: '2501.00007', queue: { enqueued_at: '2025-01-02T00:00:00+00:00' } },
    { arxiv_id: '2501.00008', queue: { priority: -1 } },
  ])
  expect(idsOf(corpus)).toEqual([3, 2, 7, 1, 5, 8].map(numbered))
  const [page] = [...seedPages(corpus)]
  const tenth = page?.candidates((id) => id === '2501.00005')
  expect(tenth).toMatchObject([
    { version: 10, title: 'Tenth', priority: 0, authors: 'Ada Example; Ben Muster' },
  ])
})

it('goes on page by page, each paper once, in one order whatever the page size', () => {
  const papers = Array.from({ length: 2_300 }, (_, n): CrawledPaper => ({
    arxiv_id: numbered(n + 1),
    queue: { priority: n % 3, enqueued_at: `2025-01-0${(n % 4) + 1}T00:00:00+00:00` },
  }))
  const corpus = corpusOf(papers, { fullText: false })
  const expected = papers
    .map((paper, at) => ({ at, id: paper.arxiv_id, key: [2 - (at % 3), at % 4] as const }))
    .sort((a, b) => a.key[0] - b.key[0] || a.key[1] - b.key[1] || a.at - b.at)
    .map(({ id }) => id)
  const pages = [...seedPages(corpus)]
  expect(pages.map((page) => page.places.length)).toEqual([500, 500, 500, 500, 300])
  expect(pages.flatMap((page) => page.places.map((place) => place.arxiv_id))).toEqual(expected)
  expect(idsOf(corpus, { batchSize: 7 })).toEqual(expected)
})

it('takes all papers when asked to, and where there is no queue', () => {
  const papers: CrawledPaper[] = [
    { arxiv_id: '2501.00002', queue: { status: 'done', priority: 7 } },
    { arxiv_id: '2501.00001', version: 1, queue: null },
    { arxiv_id: '2501.00001', version: 2, queue: null },
  ]
  const corpus = corpusOf(papers)
  expect(idsOf(corpus)).toEqual([])
  const all = [...seedPages(corpus, { all: true })].flatMap((page) => page.candidates())
  expect(all.map((paper) => [paper.arxiv_id, paper.version, paper.priority])).toEqual([
    ['2501.00002', 1, 7],
    ['2501.00001', 2, 0],
  ])
  expect(idsOf(corpusOf(papers, { queue: false }))).toEqual(['2501.00002', '2501.00001'])
})

it('filters by any category, in each form crawlers write them', () => {
  const corpus = corpusOf([
    { arxiv_id: '2501.00001', categories: 'math.CO cs.CG' },
    { arxiv_id: '2501.00002', categories: '["cs.CL", "stat.ML"]' },
    { arxiv_id: '2501.00003', categories: '["csx.CL"' },
    { arxiv_id: '2501.00004', categories: '[]' },
    { arxiv_id: '2501.00005', categories: 'cs.CLX' },
  ])
  expect(idsOf(corpus, { categories: ['cs.CL'] })).toEqual([numbered(2)])
  expect(idsOf(corpus, { categories: ['cs.*'] })).toEqual([1, 2, 5].map(numbered))
  expect(idsOf(corpus, { categories: ['stat.ml', 'math.CO'] })).toEqual([1, 2].map(numbered))
  expect([...seedPages(corpus, { categories: ['cs.CL'] })][0]?.candidates()[0]?.categories).toBe(
    'cs.CL stat.ML',
  )
})

it('compares publication dates as days, whatever their form', () => {
  const corpus = corpusOf([
    { arxiv_id: '2501.00001', published_at: '2025-01-31T23:59:59Z' },
    { arxiv_id: '2501.00002', published_at: '2025-01-31T23:59:59.123456+00:00' },
    { arxiv_id: '2501.00003', published_at: '2025-02-01' },
    { arxiv_id: '2501.00004', published_at: '2025-02-01T01:00:00+02:00' },
    { arxiv_id: '2501.00005', published_at: '2025-02-01 00:00:00' },
    { arxiv_id: '2501.00006', published_at: null },
    { arxiv_id: '2501.00007', published_at: 'last week' },
  ])
  expect(idsOf(corpus, { since: '2025-02-01' })).toEqual([3, 5].map(numbered))
  expect(idsOf(corpus, { until: '2025-01-31' })).toEqual([1, 2, 4].map(numbered))
  expect(idsOf(corpus, { since: '2025-01-31', until: '2025-02-01' })).toHaveLength(5)
})

it('finds words and phrases, and takes search operators for plain text', () => {
  const corpus = corpusOf([
    { arxiv_id: '2501.00001', title: 'Chain-of-thought prompting', abstract: 'for graphs' },
    { arxiv_id: '2501.00002', title: 'Thought chain', abstract: 'of graphs OR trees' },
    { arxiv_id: '2501.00003', title: 'Nothing', abstract: 'to see' },
  ])
  expect(idsOf(corpus, { query: 'graphs' })).toEqual([1, 2].map(numbered))
  expect(idsOf(corpus, { query: '"chain of thought" graphs' })).toEqual([numbered(1)])
  expect(idsOf(corpus, { query: 'graphs OR nothing' })).toEqual([])
  expect(idsOf(corpus, { query: 'graphs OR trees', all: true })).toEqual([numbered(2)])
  for (const query of ['title:nothing"', 'graph*', 'NEAR(a b', '^nothing -see', "nothing' --", '{nothing}']) {
    expect(() => idsOf(corpus, { query })).not.toThrow()
  }
  expect(idsOf(corpus, { query: '^nothing (see)' })).toEqual([numbered(3)])
  expect(() => idsOf(corpus, { query: '?? "' })).toThrow(
    expect.objectContaining({ code: 'bad_query', exitCode: 2 }),
  )
})

it('takes wanted ids in their order whatever the queue says, and reports unknown ones', () => {
  const corpus = corpusOf([
    { arxiv_id: '2501.00001', queue: { status: 'done' } },
    { arxiv_id: 'hep-th/9901001', queue: null },
    { arxiv_id: '2501.00003' },
  ])
  const pages = [
    ...seedPages(corpus, { ids: ['hep-th/9901001v2', '2501.00099', '2501.00001', 'hep-th/9901001', 'x'] }),
  ]
  expect(pages.flatMap((page) => page.candidates().map((paper) => paper.arxiv_id))).toEqual([
    'hep-th/9901001',
    '2501.00001',
  ])
  expect(pages.flatMap((page) => page.unknown)).toEqual(['2501.00099', 'x'])
  expect([...seedPages(corpus, { ids: ['2501.00099'] })].flatMap((page) => page.unknown)).toEqual([
    '2501.00099',
  ])
})

it('passes over rows without a valid id and disabled papers, and names them', () => {
  const corpus = corpusOf([
    { arxiv_id: '9901001' },
    { arxiv_id: '../../etc/passwd' },
    { arxiv_id: '2501.00001', disable_summary: 1 },
    { arxiv_id: '2501.00002' },
    { arxiv_id: '2501.00003', disable_summary: 1, categories: 'math.CO' },
  ])
  const [page] = [...seedPages(corpus, { categories: ['cs.CL'] })]
  expect(page).toMatchObject({ invalid: ['9901001', '../../etc/passwd'], disabled: ['2501.00001'] })
  expect(page?.places.map((place) => place.arxiv_id)).toEqual(['2501.00002'])
})

it('reads the ids of a crawler that writes them in its own way, and finds its papers again', () => {
  const corpus = corpusOf([
    { arxiv_id: 'arXiv:2501.00001' },
    { arxiv_id: '2501.00002v3', version: 3 },
    { arxiv_id: 'math.GT/0309136' },
    { arxiv_id: 'http://arxiv.org/abs/2501.00004v1' },
    { arxiv_id: 'internal-17' },
  ])
  const ids = [numbered(1), numbered(2), 'math/0309136', numbered(4)]
  expect(idsOf(corpus)).toEqual(ids)
  expect([...seedPages(corpus)][0]?.invalid).toEqual(['internal-17'])
  expect(idsOf(corpus, { ids: ['math.GT/0309136', 'https://arxiv.org/pdf/2501.00002'] })).toEqual([
    ids[2],
    ids[1],
  ])
  expect(ids.map((id, at) => findPaper(corpus, id, at + 1)?.arxiv_id)).toEqual(ids)
  expect(findPaper(corpus, numbered(4))).toBeNull()
  expect(findPaper(corpus, numbered(3), 1)).toBeNull()
})
