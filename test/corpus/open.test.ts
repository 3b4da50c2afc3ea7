import BetterSqlite3 from 'better-sqlite3'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { findNeighbors } from '../../src/corpus/neighbors/neighbors.js'
import { openCorpus, type Corpus } from '../../src/corpus/open.js'
import { findPaper } from '../../src/corpus/papers.js'
import { seedPages } from '../../src/corpus/seeding/seed-candidates.js'
import { ConfigError } from '../../src/core/errors.js'
import {
  addCrawledPaper,
  corpusFolder,
  fingerprint,
  makeCrawlerCorpus,
  type CrawledPaper,
} from '../support/corpus.js'

const PAPERS: CrawledPaper[] = [
  {
    arxiv_id: '2501.00001',
    title: 'Graph retrieval for language models',
    citations: { openalex: 3 },
    h_index: [4],
  },
  { arxiv_id: '2501.00002', title: 'Language models that retrieve graphs', fmr_score: 0.5 },
]

function useEverything(corpus: Corpus): string[] {
  const neighbors = findNeighbors(corpus, { title: 'Graph language models', abstract: '', arxiv_id: null })
  expect(neighbors.neighbors).toHaveLength(2)
  expect(findPaper(corpus, '2501.00001')?.title).toBe('Graph retrieval for language models')
  const pages = [{}, { all: true }, { query: 'graph' }].map((filter) => [...seedPages(corpus, filter)])
  return pages.flat().flatMap((page) => page.candidates().map((paper) => paper.arxiv_id))
}

function errorOf(path: string): ConfigError {
  try {
    openCorpus(path).close()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the corpus was opened')
}

it.each(['wal', 'delete'] as const)(
  'leaves a closed file in %s mode as it was, and nothing beside it',
  (journal) => {
    const path = makeCrawlerCorpus(join(corpusFolder(), 'arxiv.sqlite'), PAPERS, { journal })
    const before = fingerprint(path)
    expect(Object.keys(before)).toEqual(['arxiv.sqlite'])
    const corpus = openCorpus(path)
    useEverything(corpus)
    expect(corpus.access).toBe('direct')
    corpus.close()
    expect(fingerprint(path)).toEqual(before)
  },
)

it('removes what it laid beside the file only when its last reader closes', () => {
  const path = makeCrawlerCorpus(join(corpusFolder(), 'arxiv.sqlite'), PAPERS)
  const before = fingerprint(path)
  const first = openCorpus(path)
  const second = openCorpus(path)
  first.close()
  useEverything(second)
  second.close()
  second.close()
  expect(fingerprint(path)).toEqual(before)
})

it('leaves nothing beside the file when the process ends without closing', () => {
  const path = makeCrawlerCorpus(join(corpusFolder(), 'arxiv.sqlite'), PAPERS)
  const before = fingerprint(path)
  const open = new URL('../../src/corpus/open.ts', import.meta.url).href
  const script = `import(${JSON.stringify(open)}).then(({ openCorpus }) => {
    openCorpus(${JSON.stringify(path)}); console.log('open'); process.exit(3) })`
  const child = spawnSync(process.execPath, ['--import', 'tsx', '--eval', script], { encoding: 'utf8' })
  expect([child.stdout, child.status]).toEqual(['open\n', 3])
  expect(fingerprint(path)).toEqual(before)
})

it.each(['wal', 'delete'] as const)(
  'reads beside a crawler that writes in %s mode, and does not hold it up',
  (journal) => {
    const path = makeCrawlerCorpus(join(corpusFolder(), 'arxiv.sqlite'), PAPERS, { journal })
    const crawler = new BetterSqlite3(path, { timeout: 0 })
    onTestFinished(() => void crawler.close())
    const corpus = openCorpus(path)
    onTestFinished(() => corpus.close())
    expect(useEverything(corpus)).toHaveLength(5)
    crawler.exec('BEGIN IMMEDIATE')
    addCrawledPaper(crawler, { arxiv_id: '2501.00003', title: 'Something else' })
    expect(useEverything(corpus)).toHaveLength(5)
    const pages = seedPages(corpus, { batchSize: 1 })
    pages.next()
    crawler.exec('COMMIT')
    expect(findPaper(corpus, '2501.00003')?.title).toBe('Something else')
  },
)

it("leaves a live crawler's log alone", () => {
  const path = makeCrawlerCorpus(join(corpusFolder(), 'arxiv.sqlite'), PAPERS)
  const crawler = new BetterSqlite3(path)
  onTestFinished(() => void crawler.close())
  addCrawledPaper(crawler, { arxiv_id: '2501.00003', title: 'Something else' })
  const corpus = openCorpus(path)
  expect(findPaper(corpus, '2501.00003')).not.toBeNull()
  const before = fingerprint(path)
  corpus.close()
  expect(Object.keys(before)).toContain('arxiv.sqlite-wal')
  expect(fingerprint(path)).toEqual(before)
})

/** Copies what a crawler that was killed leaves: rows that are only in the log. */
function interruptedCrawl(suffixes: readonly string[]): string {
  const folder = corpusFolder()
  const live = makeCrawlerCorpus(join(folder, 'live.sqlite'), PAPERS)
  const crawler = new BetterSqlite3(live)
  crawler.pragma('wal_autocheckpoint = 0')
  addCrawledPaper(crawler, { arxiv_id: '2501.00003', title: 'Only in the log' })
  mkdirSync(join(folder, 'copy'))
  const path = join(folder, 'copy', 'arxiv.sqlite')
  for (const suffix of ['', ...suffixes]) copyFileSync(live + suffix, path + suffix)
  crawler.close()
  return path
}

it('reads the rows in the log of a killed crawler, without bringing them into the file', () => {
  const path = interruptedCrawl(['-wal', '-shm'])
  const before = fingerprint(path)
  delete before['arxiv.sqlite-shm']
  const corpus = openCorpus(path)
  expect(findPaper(corpus, '2501.00003')?.title).toBe('Only in the log')
  corpus.close()
  expect(fingerprint(path)).toMatchObject(before)
  expect(Object.keys(fingerprint(path))).toHaveLength(3)
})

it('reads a private copy where reading in place would leave a file behind, and removes the copy', () => {
  const path = interruptedCrawl(['-wal'])
  const before = fingerprint(path)
  const copies = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('rpa-corpus-'))
  const others = copies()
  const corpus = openCorpus(path)
  expect(corpus.access).toBe('snapshot')
  expect(findPaper(corpus, '2501.00003')?.title).toBe('Only in the log')
  expect(copies()).toEqual(others)
  corpus.close()
  expect(fingerprint(path)).toEqual(before)
})

it('rolls the journal of a killed crawler back in a private copy', () => {
  const folder = corpusFolder()
  const live = makeCrawlerCorpus(join(folder, 'live.sqlite'), PAPERS, { journal: 'delete' })
  const crawler = new BetterSqlite3(live)
  crawler.pragma('cache_size = 1')
  crawler.exec('BEGIN IMMEDIATE')
  for (let n = 10; n < 200; n++) {
    addCrawledPaper(crawler, { arxiv_id: `2502.00${n}`, abstract: 'half written '.repeat(200) })
  }
  mkdirSync(join(folder, 'copy'))
  const path = join(folder, 'copy', 'arxiv.sqlite')
  for (const suffix of ['', '-journal']) copyFileSync(live + suffix, path + suffix)
  crawler.close()
  const before = fingerprint(path)
  const corpus = openCorpus(path)
  expect(corpus.access).toBe('snapshot')
  expect(findPaper(corpus, '2502.0010')).toBeNull()
  expect(useEverything(corpus)).toHaveLength(5)
  corpus.close()
  expect(fingerprint(path)).toEqual(before)
})

it('does without optional tables', () => {
  const path = join(corpusFolder(), 'small.sqlite')
  const db = new BetterSqlite3(path)
  db.exec(`CREATE TABLE papers (id INTEGER PRIMARY KEY, arxiv_id TEXT, version INTEGER, title TEXT, abstract TEXT);
    INSERT INTO papers VALUES (1, '2501.00001', 1, 'A graph', 'of language')`)
  db.close()
  const corpus = openCorpus(path)
  expect([...seedPages(corpus)].flatMap((page) => page.candidates())).toEqual([
    {
      paper_id: 1,
      arxiv_id: '2501.00001',
      version: 1,
      title: 'A graph',
      abstract: 'of language',
      authors: '',
      categories: '',
      published_at: null,
      pdf_url: null,
      priority: 0,
    },
  ])
  expect([...seedPages(corpus, { query: '100% GRAPH' })].flatMap((page) => page.places)).toEqual([])
  expect([...seedPages(corpus, { query: 'GRAPH lang' })].flatMap((page) => page.places)).toHaveLength(1)
  corpus.close()
})

it('says how to make a corpus when there is none', () => {
  const path = join(corpusFolder(), 'none.sqlite')
  const error = errorOf(path)
  expect([error.code, error.exitCode]).toEqual(['corpus_missing', 78])
  expect(error.hint).toContain('rpa corpus import FILE')
  expect(existsSync(path)).toBe(false)
})

it.each([
  ['CREATE TABLE executions (id)', 'no table `papers`'],
  ['CREATE TABLE papers (id INTEGER PRIMARY KEY, title TEXT)', 'no arxiv_id, version, abstract'],
])('names what a foreign database lacks: %s', (ddl, missing) => {
  const path = join(corpusFolder(), 'foreign.sqlite')
  const db = new BetterSqlite3(path)
  db.pragma('journal_mode = WAL')
  db.exec(ddl)
  db.close()
  const before = fingerprint(path)
  const error = errorOf(path)
  expect([error.code, error.exitCode]).toEqual(['corpus_foreign', 78])
  expect(error.message).toContain(missing)
  expect(fingerprint(path)).toEqual(before)
})

it('refuses what is no SQLite file', () => {
  const folder = corpusFolder()
  const text = join(folder, 'notes.txt')
  writeFileSync(text, 'not a database, '.repeat(100))
  expect(errorOf(text).code).toBe('corpus_foreign')
  expect(errorOf(text).message).toContain('not an SQLite file')
  expect(errorOf(folder).code).toBe('corpus_unreadable')
  writeFileSync(join(folder, 'empty.sqlite'), '')
  expect(errorOf(join(folder, 'empty.sqlite')).code).toBe('corpus_missing')
})

it('calls a damaged file unreadable', () => {
  const path = makeCrawlerCorpus(join(corpusFolder(), 'arxiv.sqlite'), PAPERS, { journal: 'delete' })
  const whole = new BetterSqlite3(path)
  const pages = whole.pragma('page_count', { simple: true }) as number
  whole.close()
  expect(pages).toBeGreaterThan(4)
  const header = Buffer.alloc(4096 * 4, 0xff)
  copyFileSync(path, `${path}.orig`)
  writeFileSync(path, Buffer.concat([readHead(path), header]))
  const error = errorOf(path)
  expect([error.code, error.exitCode]).toEqual(['corpus_unreadable', 78])
  rmSync(`${path}.orig`)
})

function readHead(path: string): Buffer {
  const db = new BetterSqlite3(path, { readonly: true })
  const bytes = db.serialize().subarray(0, 100)
  db.close()
  return Buffer.from(bytes)
}
