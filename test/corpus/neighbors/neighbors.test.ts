import BetterSqlite3 from 'better-sqlite3'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { matchAny } from '../../../src/corpus/full-text.js'
import { keywordsOf } from '../../../src/corpus/neighbors/keywords.js'
import { findNeighbors } from '../../../src/corpus/neighbors/neighbors.js'
import { openCorpus } from '../../../src/corpus/open.js'
import { corpusFolder, corpusOf, makeCrawlerCorpus, type CrawledPaper } from '../../support/corpus.js'

const query = (title: string, abstract = '', arxiv_id: string | null = null) => ({
  title,
  abstract,
  arxiv_id,
})

const RETRIEVAL: CrawledPaper[] = [
  {
    arxiv_id: '2501.00001',
    title: 'Dense retrieval with contrastive encoders',
    abstract: 'retrieval encoders',
  },
  {
    arxiv_id: '2501.00002',
    title: 'Contrastive retrieval',
    abstract: 'contrastive retrieval',
    fmr_score: 0.6,
    citations: { openalex: 12, semantic_scholar: 15 },
    h_index: [3, 40, null],
    published_at: '2025-01-05T00:00:00Z',
  },
  { arxiv_id: '2501.00003', version: 1, title: 'Contrastive retrieval, old', citations: { openalex: 99 } },
  {
    arxiv_id: '2501.00003',
    version: 2,
    title: 'Encoders for\n  retrieval of tables',
    citations: { openalex: 5 },
  },
  ...Array.from({ length: 20 }, (_, n) => ({
    arxiv_id: `2502.${10_000 + n}`,
    title: 'Protein folding',
    abstract: 'molecules',
  })),
]

it('finds the nearest newest versions without the paper itself, each once', () => {
  const corpus = corpusOf(RETRIEVAL)
  const found = findNeighbors(corpus, query('Contrastive retrieval', 'encoders', '2501.00001'))
  expect(found.neighbors.map((one) => one.arxiv_id)).toEqual(['2501.00002', '2501.00003'])
  const [nearest, next] = found.neighbors
  expect(nearest).toMatchObject({
    fmr_score: 0.6,
    cited_by_count: 15,
    max_h_index: 40,
    published_at: '2025-01-05T00:00:00Z',
  })
  expect(next).toMatchObject({
    title: 'Encoders for retrieval of tables',
    fmr_score: null,
    cited_by_count: 5,
    max_h_index: null,
  })
  expect(nearest?.bm25).toBeLessThan(next?.bm25 ?? 0)
  expect(found.signals).toEqual({
    status: 'ok',
    neighbors_considered: 2,
    neighbors_used: 2,
    query_terms: ['contrastive', 'retrieval', 'encoders'],
    avg_fmr_score: 0.6,
    avg_cited_by_count: 10,
    max_h_index: 40,
    neighbor_query: '"contrastive" OR "retrieval" OR "encoders"',
    avg_neighbor_fmr: 0.6,
    max_neighbor_fmr: 0.6,
    avg_neighbor_citations: 10,
    max_neighbor_citations: 15,
    max_neighbor_author_h_index: 40,
    neighbor_titles: ['Contrastive retrieval', 'Encoders for retrieval of tables'],
    summary:
      '2 papers near it (nearest first, mean score 0.60, at most 15 citations, highest h-index 40): Contrastive retrieval; Encoders for retrieval of tables',
  })
  expect(nearest).toMatchObject({ paper_id: 2, abstract: 'contrastive retrieval' })
  expect(found).not.toHaveProperty('note')
})

it('considers 25 and uses 8, past old versions of the same papers', () => {
  const papers = Array.from({ length: 40 }, (_, n) =>
    [1, 2, 3, 4, 5, 6].map((version) => ({
      arxiv_id: `2501.${10_000 + n}`,
      version,
      title: 'Sparse attention kernels',
    })),
  )
  const corpus = corpusOf(papers.flat())
  const found = findNeighbors(corpus, query('Sparse attention', '', '2501.10003'))
  expect(found.signals).toMatchObject({ neighbors_considered: 25, neighbors_used: 8 })
  expect(new Set(found.neighbors.map((one) => one.arxiv_id)).size).toBe(8)
  const some = findNeighbors(corpus, query('Sparse attention'), { considered: 3, used: 2 })
  expect(some.signals).toMatchObject({ neighbors_considered: 3, neighbors_used: 2 })
})

it('ranks as a full search does although it ranks fewer rows', () => {
  const topics = [
    'kernel',
    'manifold',
    'lattice',
    'plasma',
    'galaxy',
    'protein',
    'syntax',
    'robot',
    'auction',
    'fluid',
  ]
  let state = 42
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
  const words = (): string[] => [
    ...(random(10) < 7 ? ['language'] : []),
    ...(random(10) < 5 ? ['model'] : []),
    ...Array.from({ length: 6 }, () => topics[random(topics.length)] ?? ''),
    ...Array.from({ length: 3 }, () => `rare${random(400)}`),
  ]
  const papers = Array.from({ length: 6_000 }, (_, n) => ({
    arxiv_id: `2501.${10_000 + n}`,
    title: words().join(' '),
  }))
  const corpus = corpusOf(papers, { enriched: false })
  for (const paper of papers.slice(0, 20)) {
    const full = corpus
      .statement(
        `SELECT p.arxiv_id, bm25(papers_fts) AS bm25 FROM papers_fts JOIN papers p ON p.id = papers_fts.rowid
         WHERE papers_fts MATCH ? AND p.arxiv_id <> ? ORDER BY bm25, p.arxiv_id LIMIT 8`,
      )
      .all(matchAny(keywordsOf(paper.title, '')), paper.arxiv_id) as { arxiv_id: string; bm25: number }[]
    const found = findNeighbors(corpus, query(paper.title, '', paper.arxiv_id)).neighbors
    expect(found.map(({ arxiv_id, bm25 }) => ({ arxiv_id, bm25 }))).toEqual(full)
  }
})

it.each([
  'AND OR NOT',
  'NEAR(language model, 5) AND NOT transformers OR (attention',
  'Prefix* search^caret "unbalanced quote and title:colon {abstract title}: column filter',
  '-minus +plus ^first star* "phrase query" ((nested) parens',
  'abstract: title: rowid: rank: papers_fts: matching',
  "Robert'); DROP TABLE papers;--",
  'In-Context State-of-the-Art Self-Re-Ranking',
  'null \\0 %00 ${HOME} \u0000 end',
  'word '.repeat(5_000),
])('takes %.60j for plain words', (title) => {
  const corpus = corpusOf([...RETRIEVAL, { arxiv_id: '2501.00009', title: title.replaceAll('\0', '') }])
  const found = findNeighbors(corpus, query(title, title))
  if (found.signals.query_terms.length > 0) expect(found.neighbors[0]?.arxiv_id).toBe('2501.00009')
})

it('finds hyphenated words as they stand', () => {
  const corpus = corpusOf([
    { arxiv_id: '2501.00001', title: 'Few-shot learners' },
    { arxiv_id: '2501.00002', title: 'A shot of few' },
  ])
  expect(findNeighbors(corpus, query('few-shot')).neighbors.map((one) => one.arxiv_id)).toEqual([
    '2501.00001',
  ])
})

it('works for titles in other scripts', () => {
  const corpus = corpusOf([
    { arxiv_id: '2501.00001', title: 'Обучение с подкреплением' },
    { arxiv_id: '2501.00002', title: '大型语言模型 评估' },
    { arxiv_id: '2501.00003', title: 'Schrödinger operators' },
  ])
  const first = (title: string): string | undefined =>
    findNeighbors(corpus, query(title)).neighbors[0]?.arxiv_id
  expect(first('Глубокое ОБУЧЕНИЕ')).toBe('2501.00001')
  expect(first('大型语言模型')).toBe('2501.00002')
  expect(first('SCHRODINGER')).toBe('2501.00003')
})

it.each([
  ['', ''],
  ['??? 42 — 7 !', '1 2 3. 4?'],
  ['The And For With', 'this from into'],
])('has no neighbours for the wordless %j, and says why', (title, abstract) => {
  const found = findNeighbors(corpusOf(RETRIEVAL), query(title, abstract))
  expect(found.neighbors).toEqual([])
  expect(found.signals).toMatchObject({
    neighbors_considered: 0,
    query_terms: [],
    avg_fmr_score: null,
    max_h_index: null,
  })
  expect(found.note).toContain('no searchable word')
})

it('says so when nothing matches', () => {
  expect(findNeighbors(corpusOf(RETRIEVAL), query('Zymurgy')).note).toContain('No other paper')
})

it('goes without an index, and without scores, citations and authors', () => {
  const without = findNeighbors(corpusOf(RETRIEVAL, { fullText: false }), query('Contrastive retrieval'))
  expect(without).toMatchObject({
    neighbors: [],
    signals: { neighbors_considered: 0, query_terms: ['contrastive', 'retrieval'] },
  })
  expect(without.note).toContain('papers_fts')
  const bare = findNeighbors(corpusOf(RETRIEVAL, { enriched: false }), query('Contrastive retrieval'))
  expect(bare.neighbors[0]).toMatchObject({
    arxiv_id: '2501.00002',
    fmr_score: null,
    cited_by_count: null,
    max_h_index: null,
  })
})

it('goes on without neighbours when the index is damaged', () => {
  const path = makeCrawlerCorpus(join(corpusFolder(), 'arxiv.sqlite'), RETRIEVAL)
  const db = new BetterSqlite3(path)
  db.unsafeMode(true)
  db.pragma('writable_schema = ON')
  db.exec("UPDATE papers_fts_data SET block = x'ffffffffffffffff' WHERE id > 10")
  db.close()
  const corpus = openCorpus(path)
  onTestFinished(() => corpus.close())
  const found = findNeighbors(corpus, query('Contrastive retrieval'))
  expect(found.neighbors).toEqual([])
  expect(found.note).toContain('damaged')
})

it('takes the most frequent words of title and abstract, at most twelve', () => {
  const abstract =
    'alpha alpha beta gamma delta epsilon zeta eta theta iota kappa lambda omicron sigma upsilon'
  expect(keywordsOf('The Sigma of Things: sigma, fluid-flow', abstract)).toEqual([
    'sigma',
    'things',
    'fluid-flow',
    'alpha',
    'beta',
    'gamma',
    'delta',
    'epsilon',
    'zeta',
    'eta',
    'theta',
    'iota',
  ])
})

it('finds nothing near a text that shares a word or two by chance, in a corpus large enough to tell', () => {
  const words = (n: number): string => `field${n % 40} object${n % 90} measure${n % 70} relation${n % 55}`
  const papers = Array.from({ length: 1_500 }, (_, n) => ({
    arxiv_id: `2501.${10_000 + n}`,
    title: words(n),
    abstract: n % 50 === 0 ? 'oven' : 'lattice',
  }))
  const corpus = corpusOf(papers, { enriched: false })
  const far = findNeighbors(
    corpus,
    query('Sourdough bread', 'flour water salt dough oven crust butter cheese'),
  )
  expect(far).toMatchObject({ neighbors: [], signals: { status: 'nothing_near', neighbors_used: 0 } })
  expect(far.note).toMatch(/shares enough of what is rare/)
  const near = findNeighbors(corpus, query(words(7), 'lattice', '2501.10007'))
  expect(near).toMatchObject({ signals: { status: 'ok', neighbors_used: 8 } })
})

it('leaves out the paper of the corpus that a PDF of one’s own is', () => {
  const own = findNeighbors(
    corpusOf(RETRIEVAL),
    query('Contrastive Retrieval', 'encoders', 'local:0123456789abcdef'),
  )
  expect(own.neighbors.map((one) => one.arxiv_id)).toEqual(['2501.00001', '2501.00003'])
})
