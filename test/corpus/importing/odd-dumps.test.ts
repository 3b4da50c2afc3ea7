import BetterSqlite3 from 'better-sqlite3'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { renderImport } from '../../../src/cli/render/import.js'
import { importCorpus, type FileImport } from '../../../src/corpus/importing/import.js'
import { atomFeed, oaiAnswer, oaiRecord, type FakePaper } from '../../support/arxiv-wire.js'
import { corpusFolder, fingerprint } from '../../support/corpus.js'

interface Bench {
  db: string
  /** Imports a file with this content; returns what became of it. */
  take: (content: string | Buffer) => Promise<FileImport | undefined>
  rows: (columns: string) => unknown[]
}

function bench(): Bench {
  const folder = corpusFolder()
  const db = join(folder, 'arxiv.sqlite')
  return {
    db,
    take: async (content) => {
      const path = join(folder, 'upload')
      writeFileSync(path, content)
      return (await importCorpus(db, [path])).files[0]
    },
    rows: (columns) => {
      const handle = new BetterSqlite3(db)
      try {
        return handle.prepare(`SELECT ${columns} FROM papers ORDER BY arxiv_id, version`).raw().all()
      } finally {
        handle.close()
      }
    },
  }
}

const PAPER = {
  id: '2401.00001',
  title: 'Lattice codes',
  abstract: 'We study lattice codes.',
  authors: 'A. Example',
  categories: 'cs.IT',
  versions: [{ version: 'v1', created: 'Mon, 1 Jan 2024 00:00:00 GMT' }],
  update_date: '2024-01-02',
}
const numbered = (n: number): string => `2401.${String(n).padStart(5, '0')}`
const lines = (...records: object[]): string =>
  records.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')

describe('one version twice in a dump', () => {
  const titled = (title: string, update_date?: string): object => ({ ...PAPER, title, update_date })

  it.each<[string, object[], string]>([
    ['the newer metadata come last', [titled('old', '2024-01-02'), titled('new', '2024-02-01')], 'new'],
    ['the newer metadata come first', [titled('new', '2024-02-01'), titled('old', '2024-01-02')], 'new'],
    [
      'the newest stand in the middle',
      [titled('a', '2024-01-02'), titled('new', '2024-03-01'), titled('b', '2024-02-01')],
      'new',
    ],
  ])('%s: they stand, however often the dump is imported', async (_, records, title) => {
    const { db, take, rows } = bench()
    expect(await take(lines(...records))).toMatchObject({ inserted: 1, conflicting: 0, errors: [] })
    expect(rows('title')).toEqual([[title]])
    const before = fingerprint(db)
    expect(await take(lines(...records))).toMatchObject({ updated: 0, unchanged: records.length })
    expect(fingerprint(db)).toEqual(before)
  })

  it.each([
    ['of one day', '2024-01-02'],
    ['without a day', undefined],
  ])(
    'contradictions %s are told by their line, the first stands, and nothing changes the second time',
    async (_, day) => {
      const { db, take, rows } = bench()
      const dump = lines(titled('first', day), {
        ...titled('second', day),
        categories: 'cs.CL',
        doi: '10.1/2',
      })
      const told = {
        line: 2,
        message: `${PAPER.id} is there twice, with another title and categories; the first one stands`,
      }
      const result = await take(dump)
      expect(result).toMatchObject({
        read: 2,
        inserted: 1,
        updated: 1,
        invalid: 0,
        conflicting: 1,
        errors: [told],
      })
      expect(rows('title, categories, doi')).toEqual([['first', 'cs.IT', '10.1/2']])
      const before = fingerprint(db)
      expect(await take(dump)).toMatchObject({ unchanged: 2, conflicting: 1, errors: [told] })
      expect(fingerprint(db)).toEqual(before)
    },
  )

  it('a later import amends what an earlier one stored on the same day', async () => {
    const { take, rows } = bench()
    await take(lines(titled('first', '2024-01-02')))
    expect(await take(lines(titled('amended', '2024-01-02')))).toMatchObject({ updated: 1, conflicting: 0 })
    expect(rows('title')).toEqual([['amended']])
  })

  it('an earlier dump amends only what lacks in a corpus of a later one', async () => {
    const { take, rows } = bench()
    await take(lines(titled('new', '2024-02-01')))
    const earlier = lines({ ...titled('old', '2024-01-02'), doi: '10.1/2' })
    expect(await take(earlier)).toMatchObject({ updated: 1, conflicting: 0 })
    expect(rows('title, doi')).toEqual([['new', '10.1/2']])
    expect(await take(earlier)).toMatchObject({ unchanged: 1, conflicting: 0 })
  })

  it('a newer version stands, whichever comes first', async () => {
    const { take, rows } = bench()
    const newer = { ...titled('new', '2024-01-01'), versions: ['v1', 'v2'] }
    expect(await take(lines(newer, titled('old', '2024-05-01')))).toMatchObject({ inserted: 1, unchanged: 1 })
    expect(rows('title, version')).toEqual([['new', 2]])
  })
})

it.each<[authors: unknown, stored: string]>([
  [['A. Example', 'Muster, Ben', 'C. Doe, Jr.'], 'A. Example, Ben Muster, C. Doe Jr.'],
  [
    [{ name: 'A. Example' }, { first: 'Ben', middle: ['C.'], last: 'Muster', suffix: 'Jr' }],
    'A. Example, Ben C. Muster Jr',
  ],
  [
    [
      { forenames: 'A.', keyname: 'Example' },
      { given: 'Ben', family: 'Muster' },
    ],
    'A. Example, Ben Muster',
  ],
  [
    [
      ['Example', 'A.', ''],
      ['Muster', 'Ben', 'Jr'],
    ],
    'A. Example, Ben Muster Jr',
  ],
  [{ name: 'A. Example' }, 'A. Example'],
  ['["A. Example", "B. Muster"]', 'A. Example, B. Muster'],
  [String.raw`A. Erd\H{o}s and K. M\"uller`, 'A. Erdős and K. Müller'],
  [[], 'From Parsed'],
  [[null, 7], 'From Parsed'],
  [null, 'From Parsed'],
])('reads the authors %j', async (authors, stored) => {
  const { take, rows } = bench()
  await take(lines({ ...PAPER, authors, authors_parsed: [['Parsed', 'From', '']] }))
  expect(rows('authors')).toEqual([[stored]])
})

it.each<[versions: unknown, version: number, published: string | null]>([
  [[1, 2], 2, null],
  [['1', 'V3'], 3, null],
  [2, 2, null],
  ['v2', 2, null],
  [[{ version: 2, created: '2024-01-05' }], 2, '2024-01-05T00:00:00Z'],
  [{ version: 'v2', created: '2024-01-05' }, 2, '2024-01-05T00:00:00Z'],
  [[{ version: 'draft' }, { version: 'v2' }], 2, null],
  [[], 1, null],
  [null, 1, null],
])('reads the versions %j', async (versions, version, published) => {
  const { take, rows } = bench()
  expect(await take(lines({ ...PAPER, versions }))).toMatchObject({ inserted: 1, invalid: 0 })
  expect(rows('version, published_at')).toEqual([[version, published]])
})

it('reads dates that stand beside the versions, and the names that others give to fields', async () => {
  const { take, rows } = bench()
  const dates = ['Mon, 1 Jan 2024 00:00:00 GMT', 'Tue, 2 Jan 2024 00:00:00 GMT']
  const { abstract, ...bare } = PAPER
  const other = {
    ...bare,
    id: numbered(2),
    summary: abstract,
    comment: '3 pages',
    journal_ref: 'J',
    categories: ['cs.IT', 'cs.CL'],
  }
  await take(lines({ ...PAPER, versions: ['v1', 'v2'], versions_dates: dates }, other))
  expect(rows('published_at, updated_at, abstract, comment, journal_ref, categories')).toEqual([
    ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z', abstract, null, null, 'cs.IT'],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z', abstract, '3 pages', 'J', 'cs.IT cs.CL'],
  ])
})

const two = [PAPER, { ...PAPER, id: numbered(2) }]
it.each<[string, string | Buffer, string]>([
  ['objects over several lines', two.map((one) => JSON.stringify(one, null, 2)).join('\n'), 'kaggle-objects'],
  ['lines with commas between them', two.map((one) => JSON.stringify(one)).join(',\n'), 'kaggle-lines'],
  ['two objects on a line', two.map((one) => JSON.stringify(one)).join(''), 'kaggle-objects'],
  ['carriage returns alone', lines(...two).replaceAll('\n', '\r'), 'kaggle-objects'],
  ['carriage returns and line feeds', lines(...two).replaceAll('\n', '\r\n'), 'kaggle-lines'],
  ['Python’s NaN', lines(...two).replace('"cs.IT"', '"cs.IT", "doi": NaN'), 'kaggle-lines'],
  ['two arrays', two.map((one) => JSON.stringify([one])).join('\n'), 'kaggle-array'],
  [
    'an array that begins with a long record',
    JSON.stringify([{ ...PAPER, abstract: 'word '.repeat(1e6) }, two[1]]),
    'kaggle-array',
  ],
])('reads %s', async (_, content, format) => {
  const { take, rows } = bench()
  expect(await take(content)).toMatchObject({ format, read: 2, inserted: 2, invalid: 0 })
  expect(rows('arxiv_id')).toEqual([[numbered(1)], [numbered(2)]])
})

it.each<[string, string | Buffer, string]>([
  ['UTF-16 without a mark', Buffer.from(lines(PAPER), 'utf16le'), 'text in UTF-16'],
  ['gzip packed twice', gzipSync(gzipSync(lines(PAPER))), 'gzip packed twice'],
])('names %s', async (_, content, looks) => {
  await expect(bench().take(content)).rejects.toThrow(looks)
})

describe('XML of both servers', () => {
  const paper = (n: number): FakePaper => ({
    ...PAPER,
    id: numbered(n),
    authors: [String.raw`Paul Erd\H{o}s`],
    categories: ['cs.IT'],
    versions: ['2024-01-01T00:00:00Z'],
  })
  const feed = atomFeed([paper(1), paper(2)])
  const answer = oaiAnswer(oaiRecord(paper(3)) + oaiRecord(paper(4)))

  it.each<[string, string]>([
    ['a feed, and then OAI-PMH', feed + answer],
    ['OAI-PMH, and then a feed', answer + feed],
  ])('%s in one file', async (_, content) => {
    const { take, rows } = bench()
    expect(await take(content)).toMatchObject({ read: 4, inserted: 4, invalid: 0 })
    expect(rows('arxiv_id, authors')).toEqual([1, 2, 3, 4].map((n) => [numbered(n), 'Paul Erdős']))
  })

  it('within an element of those who collected it, and with a declaration before each record', async () => {
    const { take } = bench()
    const records = [3, 4].map((n) => `<?xml version="1.0"?>${oaiRecord(paper(n))}`)
    expect(await take(`<Collected>${records.join('')}</Collected>`)).toMatchObject({
      inserted: 2,
      invalid: 0,
    })
  })

  it('what is no XML behind it is named by its line', async () => {
    const { take } = bench()
    const result = await take(answer + lines(PAPER))
    expect(result).toMatchObject({ inserted: 2, invalid: 1, errors: [{ line: answer.split('\n').length }] })
  })
})

it('says of all that is broken what it is and where, not of the first five alone', async () => {
  const { db, take } = bench()
  const broken = Array.from({ length: 20 }, () => '{"id": ')
  const untitled = Array.from({ length: 12 }, (_, n) => ({ ...PAPER, id: numbered(n + 10), title: ' ' }))
  const result = await take(
    lines(PAPER, ...(broken as unknown as object[]), ...untitled, { ...PAPER, id: 'x' }),
  )
  const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, n) => first + n)
  expect(result).toMatchObject({ invalid: 33, inserted: 1 })
  expect(result?.errors).toHaveLength(5)
  expect(result?.reasons).toEqual([
    { reason: 'no JSON', records: 20, lines: from(2, 20) },
    { reason: 'an empty title', records: 12, lines: from(22, 12) },
    { reason: 'no arXiv id', records: 1, lines: [34] },
  ])
  const words = renderImport({ files: result === undefined ? [] : [result], papers: 1 }, db)
  expect(words).toContain('20 records: no JSON: lines 2-21\n')
  expect(words).toContain('12 records: an empty title: lines 22-33\n')
  expect(words).toContain('1 record: no arXiv id: line 34\n')
})
