import BetterSqlite3 from 'better-sqlite3'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { importCorpus, type FileImport } from '../../../src/corpus/importing/import.js'
import { corpusFolder, fingerprint } from '../../support/corpus.js'
import { atomFeed, oaiAnswer, oaiRecord, type FakePaper } from '../../support/arxiv-wire.js'

interface Bench {
  db: string
  /** Imports files with these contents; returns what became of each. */
  take: (...contents: (string | Buffer)[]) => Promise<FileImport[]>
  rows: <T = Record<string, unknown>>(sql: string) => T[]
}

function bench(): Bench {
  const folder = corpusFolder()
  const db = join(folder, 'arxiv.sqlite')
  return {
    db,
    take: async (...contents) => {
      const files = contents.map((content, index) => {
        const path = join(folder, `file-${index}`)
        writeFileSync(path, content)
        return path
      })
      return (await importCorpus(db, files)).files
    },
    rows: <T>(sql: string) => {
      const handle = new BetterSqlite3(db)
      try {
        return handle.prepare(sql).all() as T[]
      } finally {
        handle.close()
      }
    },
  }
}

const PAPER: FakePaper = {
  id: '2401.00001',
  title: 'Lattice codes for\n  noisy channels & more',
  abstract: '  We study lattice codes\nover <noisy> channels.\n',
  authors: ['Ada Example', 'René Muster'],
  categories: ['cs.IT', 'math.IT'],
  versions: ['2024-01-01T19:18:42Z', '2024-12-24T20:10:27Z'],
  comment: '12 pages',
  doi: '10.1000/182',
  journal: 'J. Codes 1',
  license: 'http://creativecommons.org/licenses/by/4.0/',
}
const OLD: FakePaper = { ...PAPER, id: 'math/0309136', title: 'Braids', versions: ['2003-09-08T00:00:00Z'] }

const STORED = {
  arxiv_id: '2401.00001',
  version: 2,
  title: 'Lattice codes for noisy channels & more',
  abstract: 'We study lattice codes over <noisy> channels.',
  authors: 'Ada Example, René Muster',
  categories: 'cs.IT math.IT',
  primary_category: 'cs.IT',
  published_at: '2024-01-01T19:18:42Z',
  updated_at: '2024-12-24T20:10:27Z',
  pdf_url: 'https://export.arxiv.org/pdf/2401.00001v2',
  doi: '10.1000/182',
  journal_ref: 'J. Codes 1',
  comment: '12 pages',
}

describe('one paper in each of arXiv’s formats', () => {
  it('an Atom feed of the API', async () => {
    const { db, take, rows } = bench()
    const feed = atomFeed([PAPER, OLD])
    expect(await take(feed)).toMatchObject([{ format: 'atom', read: 2, inserted: 2, invalid: 0 }])
    expect(rows("SELECT * FROM papers WHERE arxiv_id = '2401.00001'")).toMatchObject([
      { ...STORED, license: null, withdrawn: 0 },
    ])
    const before = fingerprint(db)
    expect(await take(gzipSync(feed))).toMatchObject([{ format: 'atom', unchanged: 2 }])
    expect(fingerprint(db)).toEqual(before)
  })

  it('arXivRaw', async () => {
    const { take, rows } = bench()
    const page = oaiAnswer([oaiRecord(PAPER), oaiRecord(OLD)].join(''))
    expect(await take(page)).toMatchObject([{ format: 'oai-pmh', read: 2, inserted: 2, invalid: 0 }])
    expect(rows("SELECT * FROM papers WHERE arxiv_id = '2401.00001'")).toMatchObject([
      { ...STORED, license: PAPER.license },
    ])
  })

  it('arXiv, which gives days and no version', async () => {
    const { take, rows } = bench()
    expect(await take(oaiAnswer(oaiRecord(PAPER, 'arXiv')))).toMatchObject([{ inserted: 1 }])
    const days = { published_at: '2024-01-01T00:00:00Z', updated_at: '2024-12-24T00:00:00Z' }
    const unknown = { version: 1, pdf_url: 'https://export.arxiv.org/pdf/2401.00001' }
    expect(rows('SELECT * FROM papers')).toMatchObject([{ ...STORED, ...days, ...unknown }])
    expect(await take(oaiAnswer(oaiRecord(PAPER, 'arXiv')))).toMatchObject([{ unchanged: 1 }])
    expect(await take(oaiAnswer(oaiRecord(PAPER)))).toMatchObject([{ updated: 1 }])
    const newer = { ...PAPER, versions: [...PAPER.versions, '2025-06-01T00:00:00Z'] }
    expect(await take(oaiAnswer(oaiRecord(PAPER, 'arXiv')))).toMatchObject([{ unchanged: 1 }])
    expect(await take(oaiAnswer(oaiRecord(newer, 'arXiv')))).toMatchObject([{ updated: 1 }])
    expect(rows('SELECT version FROM papers ORDER BY version')).toEqual(
      [1, 2, 3].map((version) => ({ version })),
    )
  })

  it('oai_dc', async () => {
    const { take, rows } = bench()
    expect(await take(oaiAnswer(oaiRecord(PAPER, 'oai_dc')))).toMatchObject([{ inserted: 1, invalid: 0 }])
    const { title, abstract, authors, comment, doi, journal_ref } = STORED
    expect(rows('SELECT * FROM papers')).toMatchObject([
      { title, abstract, authors, comment, doi, journal_ref },
    ])
  })
})

it('marks the withdrawn version and leaves the one before it readable', async () => {
  const { take, rows } = bench()
  const withdrawn = { ...PAPER, versions: [...PAPER.versions, '2025-01-02T00:00:00Z'], withdrawn: true }
  await take(oaiAnswer(oaiRecord(PAPER)))
  expect(await take(oaiAnswer(oaiRecord(withdrawn)))).toMatchObject([{ updated: 1 }])
  expect(rows('SELECT version, withdrawn FROM papers ORDER BY version')).toEqual([
    { version: 2, withdrawn: 0 },
    { version: 3, withdrawn: 1 },
  ])
  const deleted = `<record><header status="deleted"><identifier>oai:arXiv.org:${OLD.id}</identifier></header></record>`
  expect(await take(oaiAnswer(deleted))).toMatchObject([{ read: 1, unchanged: 1 }])
  await take(oaiAnswer(oaiRecord(OLD)))
  expect(await take(oaiAnswer(deleted))).toMatchObject([{ removed: 1, invalid: 0 }])
  expect(rows(`SELECT withdrawn FROM papers WHERE arxiv_id = '${OLD.id}'`)).toEqual([{ withdrawn: 1 }])
})

describe('what is broken', () => {
  const ids = ['2401.00001', '2401.00002', '2401.00003']
  const records = ids.map((id) => oaiRecord({ ...PAPER, id }))
  const [first = '', second = '', third = ''] = records

  it.each<[string, string, RegExp]>([
    [
      'a bare ampersand',
      second.replace('Lattice', 'Lattice & co'),
      /broken XML: invalid character in entity name/,
    ],
    ['an entity of HTML', second.replace('Lattice', '&eacute;'), /broken XML: invalid character entity/],
    ['a tag that is not closed', second.replace('</title>', ''), /broken XML: unexpected close tag/],
    ['a record that is not closed', second.replace('</record>', ''), /not closed/],
    ['no id', second.replaceAll('2401.00002', 'something'), /no arXiv id/],
    ['no title', second.replace(/<title>.*<\/title>/s, ''), /2401.00002 has no title/],
    ['another format', second.replaceAll('arXivRaw', 'marc'), /2401.00002 is in no format of arXiv’s: marc/],
    ['a record of 20 MB', second.replace('We study', 'x '.repeat(1e7)), /longer than/],
  ])('%s is told by its line and passed over', async (_, broken, message) => {
    const { take, rows } = bench()
    const [result] = await take(oaiAnswer(first + broken + third))
    expect(result).toMatchObject({ read: 3, inserted: 2, invalid: 1 })
    expect(result?.errors[0]?.message).toMatch(message)
    expect(result?.errors[0]?.line).toBe(oaiAnswer(first).split('\n').length - 2)
    expect(rows('SELECT arxiv_id FROM papers')).toEqual([{ arxiv_id: ids[0] }, { arxiv_id: ids[2] }])
    expect(result).not.toHaveProperty('broken')
  })

  it('a file that is cut short is imported up to there', async () => {
    const { take } = bench()
    const whole = oaiAnswer(records.join(''))
    const cut = whole.slice(0, whole.lastIndexOf('<abstract>'))
    expect(await take(cut)).toMatchObject([
      { read: 3, inserted: 2, invalid: 1, broken: /middle of a record/ },
    ])
    const between = whole.slice(0, whole.lastIndexOf('</ListRecords>'))
    expect(await take(between)).toMatchObject([
      { inserted: 1, unchanged: 2, broken: /before the document does/ },
    ])
  })

  it('an answer that is an error says so', async () => {
    const { take } = bench()
    const error = "<error code='badArgument'>illegal argument 'identifier'</error>"
    const [result] = await take(oaiAnswer('').replace('<ListRecords>', error).replace('</ListRecords>', ''))
    expect(result).toMatchObject({ read: 1, invalid: 1 })
    expect(result?.errors[0]?.message).toContain("badArgument: illegal argument 'identifier'")
  })

  it('a bomb of entities, a file named as one, deep nesting and endless attributes do nothing', async () => {
    const levels = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`)
    const doctype = `<!DOCTYPE OAI-PMH [<!ENTITY l0 "lol">${levels.join('')}<!ENTITY x SYSTEM "file:///etc/passwd">]>`
    const bomb = oaiAnswer(first + second.replace('Lattice', '&l9;') + third.replace('Lattice', '&x;'))
    const { take, rows } = bench()
    const hostile = bomb.replace('<OAI-PMH', `${doctype}<OAI-PMH`)
    expect(await take(hostile)).toMatchObject([{ read: 3, inserted: 1, invalid: 2 }])
    const deep = oaiAnswer(first + '<record>'.repeat(1) + '<a>'.repeat(1e6))
    const wide = oaiAnswer(
      first + `<record ${Array.from({ length: 1e5 }, (_, n) => `a${n}="1"`).join(' ')}/>`,
    )
    const long = oaiAnswer(first + `<record a="${'x'.repeat(1e6)}"/>` + third)
    const results = await take(deep, wide, long)
    expect(results.map(({ errors }) => errors.at(-1)?.message)).toEqual([
      expect.stringMatching(/nest deeper than/),
      expect.stringMatching(/more than 64 attributes/),
      expect.stringMatching(/longer than any of arXiv/),
    ])
    expect(rows('SELECT arxiv_id FROM papers')).toEqual([{ arxiv_id: ids[0] }])
  })

  it('Latin-1 that says so is read, and pages one behind another are one file', async () => {
    const { take, rows } = bench()
    const latin = Buffer.from(oaiAnswer(first).replace('UTF-8', 'ISO-8859-1'), 'latin1')
    expect(await take(latin, oaiAnswer(second) + oaiAnswer(third))).toMatchObject([
      { inserted: 1 },
      { inserted: 2, invalid: 0 },
    ])
    const unsaid = Buffer.from(oaiAnswer(first), 'latin1')
    expect(await take(unsaid)).toMatchObject([
      { unchanged: 0, invalid: 1, errors: [{ message: 'the record is not in UTF-8' }] },
    ])
    expect(rows("SELECT count(*) AS n FROM papers WHERE authors LIKE '%René%'")).toEqual([{ n: 3 }])
  })
})

/** A folder of folders `atom…`, `oai-…`, `kaggle…` with answers of the real servers. */
const REAL = process.env['RPA_TEST_REAL_METADATA'] ?? ''
if (REAL === '') process.stdout.write('real metadata: left out; RPA_TEST_REAL_METADATA names no folder\n')

it.runIf(REAL !== '')('takes every record of real answers', async () => {
  const { take } = bench()
  const folders = readdirSync(REAL).filter((name) => /^(?:atom|oai-|kaggle)/.test(name))
  for (const path of folders.flatMap((folder) =>
    readdirSync(join(REAL, folder)).map((name) => join(folder, name)),
  )) {
    const [result] = await take(readFileSync(join(REAL, path)))
    const isError = /error/i.test(path)
    expect([path, result?.errors]).toEqual([path, isError ? [expect.anything()] : []])
    if (!isError && !path.includes('empty')) expect(result?.read).toBeGreaterThan(0)
  }
})
