import { expect, it } from 'vitest'
import { withName } from '../../../src/corpus/seeding/author-names.js'
import { nearestOf } from '../../../src/corpus/seeding/nearest-filter.js'
import type { Corpus } from '../../../src/corpus/open.js'
import { parseRelevance } from '../../../src/corpus/seeding/relevance.js'
import { seedPages } from '../../../src/corpus/seeding/seed-candidates.js'
import type { SeedFilter } from '../../../src/corpus/seeding/seed-filter.js'
import { withoutTex } from '../../../src/text/tex-accents.js'
import { corpusOf, type CrawledPaper } from '../../support/corpus.js'

function idsOf(corpus: Corpus, filter: SeedFilter): string[] {
  return [...seedPages(corpus, filter)].flatMap((page) => page.places.map((place) => place.arxiv_id))
}

const numbered = (n: number): string => `2501.${String(n).padStart(5, '0')}`
const LISTS = parseRelevance(
  {
    title_weight: 2,
    lists: [
      { name: 'agents', weight: 3, words: ['agent*', 'tool use'] },
      { name: 'medicine', weight: -1.5, words: ['clinical'] },
    ],
  },
  'relevance.yml',
)

it.each([true, false])(
  'leaves out papers that hold an excluded word or phrase (full text: %s)',
  (fullText) => {
    const corpus = corpusOf(
      [
        { arxiv_id: numbered(1), title: 'Graphs', abstract: 'A survey of trees' },
        { arxiv_id: numbered(2), title: 'Graphs', abstract: 'of tool use' },
        { arxiv_id: numbered(3), title: 'Graphs', abstract: 'of use, as a tool' },
      ],
      { fullText },
    )
    expect(idsOf(corpus, { exclude: ['survey'] })).toEqual([2, 3].map(numbered))
    expect(idsOf(corpus, { exclude: ['survey', '"tool use"'] })).toEqual([numbered(3)])
    expect(idsOf(corpus, { exclude: ['"tool use" OR survey'], query: 'graphs' })).toEqual([numbered(3)])
    expect(() => idsOf(corpus, { exclude: ['*'] })).toThrow(expect.objectContaining({ code: 'bad_query' }))
  },
)

it('finds an author in any form of the name, and nobody else', () => {
  const authors = 'Yann LeCun; Zoë A. Müller; Jian Wang'
  expect(withName('lecun')(authors)).toBe('Yann LeCun')
  expect(withName('LeCun, Y.')(authors)).toBe('Yann LeCun')
  expect(withName('Zoe Muller')(authors)).toBe('Zoë A. Müller')
  expect(withName('Yann Wang')(authors)).toBeNull()
  expect(withName('Wan')(authors)).toBeNull()
  expect(withName('Ben Muster')('Ada Example, Ben Muster and Cleo Beispiel')).toBe('Ben Muster')
  expect(withName('Yoshua Bengio')('Y. Bengio and I. Goodfellow')).toBe('Y. Bengio')
  expect(() => withName('--')).toThrow(expect.objectContaining({ code: 'bad_author', exitCode: 2 }))
})

it.each<[wanted: string, authors: string, found: string | null]>([
  ['Li', 'L. Zhang, Wei Li', 'Wei Li'],
  ['Wei Li', 'Wei L. Zhang and Wei Li', 'Wei Li'],
  ['Jane James', 'J. Smith, Jane Doe, James Doe', null],
  ['L. Li', 'Wei Li', null],
  ['Jean-Pierre Serre', 'J.-P. Serre', 'J.-P. Serre'],
  ['Ada Doe', 'A. Doe Jr.', 'A. Doe Jr.'],
  ['Stanford', 'Ada Example (Stanford and Bern), Ben Muster', null],
  ['Muster', 'A. Example (1 and 2), B. Muster (2) ((1) MIT, (2) Univ. of Bern)', 'B. Muster'],
  ['Muster', 'A. Example (1), B. Muster (2); (1 - Bern; 2 - Basel)', 'B. Muster'],
  ['Muster', 'The ATLAS Collaboration: B. Muster, C. Beispiel', 'B. Muster'],
  ['Jane Doe', 'Doe, Jane; Muster, Ben', 'Doe, Jane'],
  ['Muster', '["Ada Example", "Ben Muster"]', 'Ben Muster'],
])('--author %j means of %j: %j', (wanted, authors, found) => {
  expect(withName(wanted)(authors)).toBe(found)
})

it.each<[tex: string, printed: string, typed: string]>([
  [String.raw`M\"uller`, 'Müller', 'Muller'],
  [String.raw`M{\"{u}}ller`, 'Müller', 'Müller'],
  [String.raw`Andr\'e`, 'André', 'André'],
  [String.raw`Vardarl{\i}`, 'Vardarlı', 'Vardarli'],
  [String.raw`Garc\'{\i}a`, 'García', 'Garcia'],
  [String.raw`Garc\'\i a`, 'García', 'García'],
  [String.raw`Kara{\c c}ayl{\i}`, 'Karaçaylı', 'Karacayli'],
  [String.raw`Ir\v{s}i\v{c}`, 'Iršič', 'Irsic'],
  [String.raw`Csörg\H{o}`, 'Csörgő', 'Csorgo'],
  [String.raw`Mei{\ss}ner`, 'Meißner', 'Meissner'],
  [String.raw`Bj\o rnstad`, 'Bjørnstad', 'Bjornstad'],
  [String.raw`Pucha{\l}a`, 'Puchała', 'Puchala'],
])('%s is printed %s, and found by %s and by either of them', (tex, printed, typed) => {
  const authors = `A.~Example, ${tex} and C. Beispiel`
  expect(withoutTex(authors)).toBe(`A. Example, ${printed} and C. Beispiel`)
  for (const wanted of [tex, printed, typed, printed.normalize('NFD')]) {
    expect(withName(wanted)(authors)).toBe(printed)
    expect(withName(wanted)(`A. Example, ${printed}`)).toBe(printed)
    expect(withName(wanted)(`A. Example, ${typed}`)).toBe(typed)
  }
})

const RANKED: CrawledPaper[] = [
  { arxiv_id: numbered(1), fmr_score: 0.4, citations: { a: 9, b: 2 }, published_at: '2025-01-03' },
  { arxiv_id: numbered(2), fmr_score: 0.8, published_at: '2025-01-01T23:00:00-03:00' },
  { arxiv_id: numbered(3), citations: { a: 30 }, published_at: null, queue: { priority: 5 } },
  { arxiv_id: numbered(4), fmr_score: 0.6, citations: { a: 0 }, published_at: '2025-01-02T01:00:00Z' },
]

it('orders by priority, score, citations or date; papers of which nothing is known come last', () => {
  const corpus = corpusOf(RANKED)
  const order = (by: SeedFilter['order']): string =>
    idsOf(corpus, by === undefined ? {} : { order: by })
      .map((id) => id.at(-1))
      .join('')
  expect(order(undefined)).toBe('3124')
  expect(order('score')).toBe('2413')
  expect(order('citations')).toBe('3142')
  expect(order('date')).toBe('1243')
  expect(idsOf(corpus, { order: 'score', all: true, minScore: 0.6 })).toEqual([2, 4].map(numbered))
})

it('says so where there is nothing to order by; papers that are named stand in their own order', () => {
  const corpus = corpusOf([{ arxiv_id: numbered(1) }, { arxiv_id: numbered(2) }])
  for (const order of ['citations', 'score'] as const) {
    expect(() => idsOf(corpus, { order })).toThrow(
      expect.objectContaining({ code: 'nothing_to_order_by', exitCode: 2 }),
    )
    expect(idsOf(corpus, { order, ids: [numbered(2)] })).toEqual([numbered(2)])
  }
})

it('orders thousands of papers by another key, each once', () => {
  const papers = Array.from({ length: 12_000 }, (_, n): CrawledPaper => ({
    arxiv_id: numbered(n + 1),
    fmr_score: (n * 7919) % 1000,
  }))
  const corpus = corpusOf(papers, { fullText: false })
  const ids = idsOf(corpus, { order: 'score' })
  const expected = papers
    .map(({ arxiv_id, fmr_score = 0 }, at) => ({ arxiv_id, fmr_score, at }))
    .sort((a, b) => b.fmr_score - a.fmr_score || a.at - b.at)
    .map(({ arxiv_id }) => arxiv_id)
  expect(ids).toEqual(expected)
})

it('weighs papers by lists of keywords, and says why', () => {
  const corpus = corpusOf([
    { arxiv_id: numbered(1), title: 'Trees', abstract: 'no more' },
    { arxiv_id: numbered(2), title: 'Clinical trials', abstract: 'with Tool-Use' },
    { arxiv_id: numbered(3), title: 'Agents at work', abstract: 'clinically' },
    { arxiv_id: numbered(4), title: 'Reagents', abstract: 'in clinical use' },
  ])
  const pages = [...seedPages(corpus, { order: 'relevance', relevance: LISTS })]
  const places = pages.flatMap((page) => page.places)
  expect(places.map((place) => [place.arxiv_id, place.relevance, place.reasons])).toEqual([
    [numbered(3), 6, ['agents +6 (title: agents)']],
    [numbered(1), 0, []],
    [numbered(2), 0, ['agents +3 (abstract: tool-use)', 'medicine −3 (title: clinical)']],
    [numbered(4), -1.5, ['medicine −1.5 (abstract: clinical)']],
  ])
  expect(idsOf(corpus, { relevance: LISTS, minRelevance: 0 })).toEqual([1, 2, 3].map(numbered))
})

it('names the place in lists of keywords that are none', () => {
  expect(parseRelevance(null, 'relevance.yml')).toBeNull()
  for (const [content, place] of [
    [{ lists: [{ name: 'a', weight: 'much', words: ['b'] }] }, /relevance\.yml: lists\.0\.weight/],
    [{ lists: [{ name: 'a', weight: 1, words: ['?'] }] }, /lists\.0\.words\.0.*letter or digit/],
    [{ keywords: [] }, /keywords/],
  ] as const) {
    expect(() => parseRelevance(content, 'relevance.yml')).toThrow(
      expect.objectContaining({
        code: 'relevance_invalid',
        exitCode: 78,
        message: expect.stringMatching(place) as string,
      }),
    )
  }
})

it('says which condition leaves how many papers, and how many would fit without it', () => {
  const corpus = corpusOf([
    { arxiv_id: numbered(1), categories: 'cs.CL', title: 'Graphs', queue: { status: 'done' } },
    { arxiv_id: numbered(2), categories: 'cs.CV stat.ML', title: 'Graphs' },
    { arxiv_id: numbered(3), categories: 'cs.CL', title: 'Trees' },
    { arxiv_id: numbered(4), categories: 'cs.CL', title: 'Graphs', version: 1 },
    { arxiv_id: numbered(4), categories: 'cs.AI', title: 'Trees', version: 2 },
    { arxiv_id: '../4', categories: 'cs.CL', title: 'Graphs' },
  ])
  expect(nearestOf(corpus, { categories: ['cs.CL'], query: 'graphs' })).toEqual({
    papers: 4,
    conditions: [
      { flag: 'pending in the queue', alone: 3, without: 1 },
      { flag: '--category cs.CL', alone: 2, without: 1 },
      { flag: '--query graphs', alone: 2, without: 1 },
    ],
  })
  expect(nearestOf(corpus, { all: true, minScore: 0.5, ids: [numbered(1), numbered(2)] })).toEqual({
    papers: 2,
    conditions: [{ flag: '--min-score 0.5', alone: 0, without: 2 }],
  })
})
