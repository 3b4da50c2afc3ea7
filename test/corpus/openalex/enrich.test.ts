import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/core/logging.js'
import { importCorpus } from '../../../src/corpus/importing/import.js'
import { findNeighbors } from '../../../src/corpus/neighbors/neighbors.js'
import { OpenAlexClient } from '../../../src/corpus/openalex/client.js'
import {
  enrichPapers,
  noEnrichCounts,
  type EnrichCounts,
  type EnrichOptions,
} from '../../../src/corpus/openalex/enrich.js'
import { openCitationStore } from '../../../src/corpus/openalex/store.js'
import { openCorpus } from '../../../src/corpus/open.js'
import { recordOf } from '../../../src/corpus/papers.js'
import { NOON, openTestDatabase } from '../../support/database.js'
import { makeCrawlerCorpus } from '../../support/corpus.js'
import { startOpenAlexServer, type OpenAlexServer } from '../../support/openalex-server.js'
import { temporaryFolder } from '../../support/temp.js'

const KEY = 'the-secret-key'
const DAY = 86_400_000

let server: OpenAlexServer

beforeEach(async () => {
  server = await startOpenAlexServer(KEY)
})
afterEach(() => server.close())

const idOf = (n: number): string => `2401.${10_000 + n}`

/** A corpus of ours with so many papers; every third has a DOI of its own. */
async function corpusOf(count: number): Promise<string> {
  const folder = temporaryFolder()
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify({
      id: idOf(n),
      title: n === 33 ? 'Rabbits in burrows' : `On leases of kind ${n}`,
      abstract: 'Leases are held.',
      authors: 'Ada Example',
      authors_parsed: [['Example', 'Ada', '']],
      categories: 'cs.DC',
      doi: n % 3 === 0 ? `10.1000/Journal.${n}` : null,
      versions: [{ version: 'v1', created: 'Mon, 1 Jan 2024 00:00:00 GMT' }],
    }),
  )
  writeFileSync(join(folder, 'dump.jsonl'), lines.join('\n'))
  const path = join(folder, 'arxiv.sqlite')
  await importCorpus(path, [join(folder, 'dump.jsonl')])
  return path
}

interface Bench {
  waits: number[]
  told: string[]
  enrich(path: string, options?: Partial<EnrichOptions>): Promise<EnrichCounts>
}

/** Time passes only while it waits, and as `late` says. */
async function bench(key: string | null = KEY): Promise<Bench & { late(ms: number): void }> {
  const { db } = await openTestDatabase()
  let now = NOON
  const clock = { now: () => now }
  const waits: number[] = []
  const told: string[] = []
  return {
    waits,
    told,
    late: (ms) => (now += ms),
    enrich: async (path, options) => {
      const client = new OpenAlexClient({
        db,
        clock,
        log: createLogger('debug', (_, message) => void told.push(message)),
        userAgent: 'rpa-test/1',
        gapSeconds: null,
        sleep: async (ms) => {
          waits.push(ms)
          now += ms
        },
        url: server.url,
        key,
        mailto: 'me@example.org',
      })
      const store = openCitationStore(path, clock)
      const counts = noEnrichCounts()
      try {
        await enrichPapers(
          { client, store, clock },
          { ids: [], limit: Infinity, maxAgeMs: 30 * DAY, ...options },
          counts,
        )
        return counts
      } finally {
        store.close()
        await client.close()
      }
    },
  }
}

function rows(path: string, sql: string): unknown[] {
  const db = new BetterSqlite3(path, { readonly: true })
  try {
    return db.prepare(sql).raw().all()
  } finally {
    db.close()
  }
}

it('finds works by either DOI and by the page on arXiv, in batches and over pages, and asks once', async () => {
  const path = await corpusOf(120)
  server.pageSize = 7
  // Every tenth is unknown, every fifth was joined with its printed version, every third is there twice.
  for (let n = 0; n < 120; n++) {
    if (n % 10 === 1) continue
    const authors = [`A${n}`, `A${n % 4}`, 'A9999']
    if (n % 5 === 0)
      server.works.push({
        id: `W${n}`,
        doi: `10.2000/joined.${n}`,
        cited: n,
        authors,
        pages: [`http://arxiv.org/abs/${idOf(n)}`],
      })
    else server.works.push({ id: `W${n}`, doi: `10.48550/arxiv.${idOf(n)}`, cited: n, authors })
    if (n % 3 === 0)
      server.works.push({ id: `W5${n}`, doi: `10.1000/journal.${n}`, cited: 2 * n, retracted: n === 33 })
    for (const id of authors.slice(0, 2)) server.authors.set(id, Number(id.slice(1)) + 1)
  }
  const { enrich, late } = await bench()
  expect(await enrich(path)).toMatchObject({ asked: 120, found: 108, unknown: 12, retracted: [idOf(33)] })
  expect(
    rows(
      path,
      'select p.arxiv_id, c.cited_by_count from paper_citations c join papers p on p.id = c.paper_id order by 1',
    ),
  ).toEqual(
    Array.from({ length: 120 }, (_, n) => [idOf(n), n % 3 === 0 ? 2 * n : n]).filter((_, n) => n % 10 !== 1),
  )
  const hIndex = `select max(a.h_index) from paper_authors pa join papers p on p.id = pa.paper_id
    join authors a on a.openalex_id = pa.author_openalex_id where p.arxiv_id = '${idOf(7)}'`
  expect(rows(path, hIndex)).toEqual([[8]])
  expect(server.requests.every(({ searchParams }) => searchParams.get('mailto') === 'me@example.org')).toBe(
    true,
  )

  const corpus = openCorpus(path)
  const { neighbors } = findNeighbors(corpus, { title: 'burrows of rabbits', abstract: '', arxiv_id: null })
  const marked = neighbors.filter(({ retracted }) => retracted === true).map(({ arxiv_id }) => arxiv_id)
  expect(marked).toEqual([idOf(33)])
  expect(recordOf(corpus, idOf(33))?.retracted).toBe(true)
  expect(recordOf(corpus, idOf(32))?.retracted).toBe(false)
  expect(recordOf(corpus, idOf(31))?.retracted).toBeNull()
  corpus.close()

  server.requests.length = 0
  expect(await enrich(path)).toMatchObject({ asked: 0 })
  expect(server.requests).toEqual([])
  late(31 * DAY)
  server.works = server.works.map((work) => ({ ...work, cited: 1000 }))
  expect(await enrich(path, { ids: [idOf(2), '9912.99999'] })).toMatchObject({
    asked: 1,
    missing: ['9912.99999'],
  })
  expect(rows(path, 'select count(*) from paper_citations where cited_by_count = 1000')).toEqual([[1]])
})

describe('OpenAlex in a bad mood', () => {
  beforeEach(() => {
    server.works = Array.from({ length: 120 }, (_, n) => ({
      id: `W${n}`,
      doi: `10.48550/arxiv.${idOf(n)}`,
      cited: n,
      authors: ['A1'],
    }))
    server.authors.set('A1', 12)
  })

  it('is left alone for as long as it asks, and asked again where an answer was cut off or nonsense', async () => {
    const path = await corpusOf(3)
    server.faults = [{ status: 429, retryAfter: 7 }, 'cut', 'html', { status: 503 }]
    const { enrich, waits, told } = await bench()
    expect(await enrich(path)).toMatchObject({ asked: 3, found: 3, authors: 1 })
    expect(waits.filter((ms) => ms > 1000)).toEqual([7000, 60_000])
    expect(JSON.stringify(told)).not.toContain(KEY)
  })

  it('what came before an end is kept, and the next run goes on behind it', async () => {
    const path = await corpusOf(120)
    const { enrich } = await bench()
    // The first page takes two requests: works and their author.
    let seen = 0
    const faulty = enrich(path, {
      onPage: () => {
        if (++seen === 1) server.faults = Array.from({ length: 4 }, () => 'cut' as const)
      },
    })
    const error: unknown = await faulty.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'openalex_unreachable', exitCode: 69 })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(KEY)
    expect(rows(path, 'select count(*) from paper_citations')).toEqual([[50]])
    expect(await enrich(path)).toMatchObject({ asked: 70, found: 70, authors: 0 })
    expect(rows(path, 'select count(*), sum(cited_by_count) from paper_citations')).toEqual([[120, 7140]])
  })

  it('a day that is spent ends it for now, a key that is refused for good', async () => {
    const path = await corpusOf(3)
    server.faults = [{ status: 429, retryAfter: 40_000 }]
    const spent = await bench()
    await expect(spent.enrich(path)).rejects.toMatchObject({ code: 'openalex_busy', exitCode: 75 })
    const wrong = await bench('another-key')
    const error: unknown = await wrong.enrich(path).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'openalex_key_refused', exitCode: 78 })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('another-key')
  })

  it("a crawler's file is never written", () => {
    const path = makeCrawlerCorpus(join(temporaryFolder(), 'crawled.sqlite'), [{ arxiv_id: idOf(1) }])
    expect(() => openCitationStore(path, { now: () => NOON })).toThrow(
      expect.objectContaining({ code: 'corpus_not_ours' }),
    )
    expect(rows(path, "select count(*) from sqlite_master where name = 'openalex_lookups'")).toEqual([[0]])
  })
})
