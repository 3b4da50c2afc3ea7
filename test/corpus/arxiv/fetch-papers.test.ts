import BetterSqlite3 from 'better-sqlite3'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/core/logging.js'
import { ArxivClient } from '../../../src/corpus/arxiv/arxiv-client.js'
import { checkedFilter, setOf, type FetchFilter } from '../../../src/corpus/arxiv/fetch-filter.js'
import { fetchPapers, noCounts, type FetchCounts } from '../../../src/corpus/arxiv/fetch-papers.js'
import { openPaperStore } from '../../../src/corpus/importing/paper-store.js'
import { startArxivServer, type ArxivServer } from '../../support/arxiv-server.js'
import type { FakePaper } from '../../support/arxiv-wire.js'
import { corpusFolder } from '../../support/corpus.js'
import { openTestDatabase } from '../../support/database.js'

let server: ArxivServer
beforeEach(async () => {
  server = await startArxivServer(Array.from({ length: 10 }, (_, n) => paper(n)))
})
afterEach(() => server.close())

/** One a day from 1 January 2024; every third in cs.LG, too. */
function paper(n: number, changes: Partial<FakePaper> = {}): FakePaper {
  return {
    id: `2401.${10_000 + n}`,
    title: `Paper ${n}${n % 2 === 0 ? ' on agents' : ''}`,
    abstract: 'We do it.',
    authors: [n < 5 ? 'Ada Example' : 'Ben Muster'],
    categories: n % 3 === 0 ? ['cs.CL', 'cs.LG'] : ['cs.CL'],
    versions: [`2024-01-${String(n + 1).padStart(2, '0')}T12:00:00Z`],
    ...changes,
  }
}

interface Bench {
  fetch: (filter: FetchFilter, stopAfter?: number) => Promise<FetchCounts>
  rows: () => string[]
}

async function bench(start = Date.UTC(2026, 7, 20)): Promise<Bench> {
  const { db } = await openTestDatabase()
  const path = join(corpusFolder(), 'arxiv.sqlite')
  let now = start
  const clock = { now: () => now }
  return {
    fetch: async (filter, stopAfter = Infinity) => {
      const store = openPaperStore(path, clock)
      const client = new ArxivClient({
        db,
        clock,
        log: createLogger('error', () => undefined),
        userAgent: 'rpa-test/1',
        gapSeconds: null,
        sleep: async (ms) => void (now += ms),
      })
      const urls = { api: server.env.RPA_ARXIV_API_URL, oai: server.env.RPA_OAI_URL }
      const counts = noCounts()
      let pages = 0
      const onPage = (): void => {
        if (++pages === stopAfter) throw new Error('killed')
      }
      try {
        await fetchPapers({ client, store, clock, urls, onPage }, checkedFilter(filter), counts)
      } finally {
        store.close()
        await client.close()
        now += 86_400_000
      }
      return counts
    },
    rows: () => {
      const handle = new BetterSqlite3(path)
      try {
        return handle
          .prepare("SELECT arxiv_id || 'v' || version FROM papers ORDER BY 1")
          .pluck()
          .all() as string[]
      } finally {
        handle.close()
      }
    },
  }
}

const numbers = (...list: number[]): string[] => list.map((n) => `2401.${10_000 + n}v1`)
const verbs = (): string[] =>
  server.requests.map(({ url }) =>
    url.searchParams.has('resumptionToken') ? 'goes on' : url.search.slice(1),
  )

describe('a category since a day', () => {
  const filter = { categories: ['cs.CL'], since: '2024-01-03' }

  it('is harvested page by page, and later what came since', async () => {
    const { fetch, rows } = await bench()
    server.papers.push(
      paper(0, { id: '2312.00001', versions: ['2023-12-01T00:00:00Z', '2024-02-01T00:00:00Z'] }),
    )
    expect(await fetch(filter)).toMatchObject({ inserted: 8, updated: 0, older: 1 })
    expect(rows()).toEqual(numbers(2, 3, 4, 5, 6, 7, 8, 9))
    expect(verbs()).toEqual([
      'verb=ListRecords&metadataPrefix=arXivRaw&set=cs%3Acs%3ACL&from=2024-01-03',
      'goes on',
      'goes on',
    ])
    server.requests.length = 0
    expect(await fetch(filter)).toEqual(noCounts())
    expect(verbs()).toEqual(['verb=ListRecords&metadataPrefix=arXivRaw&set=cs%3Acs%3ACL&from=2026-08-20'])
    server.papers[4] = paper(4, {
      versions: ['2024-01-05T12:00:00Z', '2026-08-21T00:00:00Z'],
      withdrawn: true,
    })
    server.removed.set('2401.10005', '2026-08-21')
    expect(await fetch(filter)).toMatchObject({ inserted: 0, updated: 1, removed: 1 })
    expect(rows()).toContain('2401.10004v2')
  })

  it('goes on behind the last page that was stored when it was killed', async () => {
    const { fetch, rows } = await bench()
    await expect(fetch(filter, 2)).rejects.toThrow('killed')
    expect(rows()).toEqual(numbers(2, 3, 4, 5, 6, 7))
    server.requests.length = 0
    expect(await fetch(filter)).toMatchObject({ inserted: 2, unchanged: 0 })
    expect(verbs()).toEqual(['goes on'])
    expect(rows()).toHaveLength(8)
  })

  it('begins the window anew when the server has forgotten the token', async () => {
    const { fetch, rows } = await bench()
    await expect(fetch(filter, 1)).rejects.toThrow('killed')
    server.faults.push('token forgotten')
    expect(await fetch(filter)).toMatchObject({ inserted: 5, unchanged: 3 })
    expect(rows()).toHaveLength(8)
  })

  it('loses nothing to refusals, cuts and pages for robots on the way', async () => {
    const { fetch, rows } = await bench()
    server.faults.push({ status: 503, retryAfter: 30 }, 'cut', 'html', 'packed', {
      status: 429,
      retryAfter: 90,
    })
    expect(await fetch(filter)).toMatchObject({ inserted: 8, unchanged: 0 })
    expect(rows()).toHaveLength(8)
  })

  it('that has nothing is nothing', async () => {
    const { fetch } = await bench()
    expect(await fetch({ categories: ['math.GT'], since: '2024-01-01' })).toEqual(noCounts())
  })
})

describe('words, authors and an end', () => {
  it('are searched for, once through only for what is new', async () => {
    const { fetch, rows } = await bench()
    const filter = { query: 'agents', author: 'Ada', categories: ['cs.*'] }
    expect(await fetch(filter)).toMatchObject({ inserted: 3 })
    expect(rows()).toEqual(numbers(0, 2, 4))
    expect(server.requests[0]?.url.searchParams.get('search_query')).toBe(
      'cat:cs.* AND (ti:"agents" OR abs:"agents") AND au:"Ada" AND submittedDate:[199107010000 TO 202608200000]',
    )
    server.papers.push(paper(2, { id: '2608.00001', versions: ['2026-08-20T12:00:00Z'] }))
    expect(await fetch(filter)).toMatchObject({ inserted: 1, read: 1 })
    expect(server.requests.at(-1)?.url.searchParams.get('search_query')).toContain(
      '[202608200000 TO 202608210000]',
    )
    const closed = { query: 'paper', since: '2024-01-02', until: '2024-01-04' }
    expect(await fetch(closed)).toMatchObject({ read: 3 })
    const before = server.requests.length
    expect(await fetch(closed)).toEqual(noCounts())
    expect(server.requests).toHaveLength(before)
  })

  it('short and empty pages are asked for again, and lose nothing', async () => {
    const { fetch, rows } = await bench()
    server.faults.push('short', 'empty', 'short')
    expect(await fetch({ query: 'paper', until: '2024-12-31' })).toMatchObject({ inserted: 10 })
    expect(rows()).toHaveLength(10)
    expect(server.requests.at(-1)?.url.searchParams.get('start')).toBe('1')
    const empty = await bench()
    server.faults.push('empty', 'empty', 'empty')
    await expect(empty.fetch({ query: 'paper' })).rejects.toMatchObject({ code: 'arxiv_busy', exitCode: 75 })
    expect(await empty.fetch({ query: 'paper' })).toMatchObject({ inserted: 10 })
  })

  it('more than the API lists at once is asked for in parts of time, and a killed search goes on in its part', async () => {
    server.papers = Array.from({ length: 10_500 }, (_, n) =>
      paper(n % 10, {
        id: `2401.${String(10_000 + n)}`,
        versions: [new Date(Date.UTC(2024, 0, 1) + n * 60_000).toISOString()],
      }),
    )
    const { fetch, rows } = await bench()
    const filter = { query: 'paper', since: '2024-01-01', until: '2024-01-08' }
    await expect(fetch(filter, 4)).rejects.toThrow('killed')
    const stored = rows().length
    expect(stored).toBeGreaterThan(2_000)
    const { inserted } = await fetch(filter)
    expect(inserted).toBe(10_500 - stored)
    expect(server.requests.every(({ url }) => Number(url.searchParams.get('start')) < 10_000)).toBe(true)
  })
})

it.each([
  ['cs.CL', 'cs:cs:CL'],
  ['cs.*', 'cs'],
  ['hep-th', 'physics:hep-th'],
  ['astro-ph.GA', 'physics:astro-ph:GA'],
  ['astro-ph.*', 'physics:astro-ph'],
  ['physics.optics', 'physics:physics:optics'],
  ['physics.*', 'physics:physics'],
  ['q-bio.NC', 'q-bio:q-bio:NC'],
])('the set of %s is %s', (category, set) => expect(setOf(category)).toBe(set))

it.each([
  [{}, 'nothing_chosen'],
  [{ until: '2024-01-01' }, 'nothing_chosen'],
  [{ categories: ['cs CL'] }, 'bad_category'],
  [{ query: '" "' }, 'bad_query'],
])('%o is refused as %s', (filter, code) => {
  expect(() => checkedFilter(filter)).toThrow(expect.objectContaining({ code, exitCode: 2 }))
})
