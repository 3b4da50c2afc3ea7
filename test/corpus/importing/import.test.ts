import BetterSqlite3 from 'better-sqlite3'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { RpaError } from '../../../src/core/errors.js'
import { importCorpus, type ImportOptions } from '../../../src/corpus/importing/import.js'
import { findNeighbors } from '../../../src/corpus/neighbors/neighbors.js'
import { openCorpus } from '../../../src/corpus/open.js'
import { seedPages } from '../../../src/corpus/seeding/seed-candidates.js'
import { corpusFolder, fingerprint, makeCrawlerCorpus } from '../../support/corpus.js'

const CLOCK = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) }

const FIRST = {
  id: '2401.00001',
  submitter: 'Ada Example',
  authors: "Ada Example, Ren\\'e\n  Muster",
  title: 'Lattice codes for\n  noisy channels',
  comments: '12 pages',
  'journal-ref': null,
  doi: '10.1000/182',
  'report-no': null,
  categories: 'cs.IT math.IT',
  license: null,
  abstract: '  We study lattice codes\nover noisy   channels.\n',
  versions: [
    { version: 'v1', created: 'Mon, 1 Jan 2024 19:18:42 GMT' },
    { version: 'v2', created: 'Tue, 24 Dec 2024 20:10:27 GMT' },
  ],
  update_date: '2024-12-26',
  authors_parsed: [
    ['Example', 'Ada', ''],
    ['Muster', 'René', ''],
  ],
}
const record = (id: string, changes: object = {}): object => ({ ...FIRST, id, ...changes })
const lines = (...records: (object | string)[]): string =>
  records.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)) + '\n').join('')

interface Bench {
  db: string
  file: (name: string, content: string | Buffer) => string
  run: (...files: string[]) => ReturnType<typeof importCorpus>
  rows: <T = Record<string, unknown>>(sql: string) => T[]
}

function bench(options: ImportOptions = {}): Bench {
  const folder = corpusFolder()
  const db = join(folder, 'data', 'arxiv.sqlite')
  return {
    db,
    file: (name, content) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    },
    run: (...files) => importCorpus(db, files, { clock: CLOCK, ...options }),
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

async function failure(run: Promise<unknown>): Promise<RpaError> {
  const error: unknown = await run.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof RpaError) return error
  throw new Error('no RpaError', { cause: error })
}

it('makes a corpus from Kaggle lines that can be seeded and searched', async () => {
  const { db, file, run, rows } = bench()
  const path = file('dump.json', lines(FIRST, record('hep-th/9901001', { title: 'Braids' })))
  expect(await run(path)).toEqual({
    files: [
      {
        file: path,
        format: 'kaggle-lines',
        read: 2,
        inserted: 2,
        updated: 0,
        unchanged: 0,
        removed: 0,
        invalid: 0,
        conflicting: 0,
        errors: [],
        reasons: [],
      },
    ],
    papers: 2,
  })
  expect(rows("SELECT * FROM papers WHERE arxiv_id = '2401.00001'")).toMatchObject([
    {
      version: 2,
      title: 'Lattice codes for noisy channels',
      abstract: 'We study lattice codes over noisy channels.',
      authors: 'Ada Example, René Muster',
      categories: 'cs.IT math.IT',
      primary_category: 'cs.IT',
      published_at: '2024-01-01T19:18:42Z',
      updated_at: '2024-12-24T20:10:27Z',
      pdf_url: 'https://export.arxiv.org/pdf/2401.00001v2',
      doi: '10.1000/182',
      journal_ref: null,
      comment: '12 pages',
      ingested_at: '2026-01-02T03:04:05.000Z',
    },
  ])
  expect(rows('SELECT status, priority FROM paper_queue')).toEqual(
    Array(2).fill({ status: 'pending', priority: 0 }),
  )
  expect(rows('PRAGMA foreign_key_check')).toEqual([])
  expect(rows("SELECT doc FROM papers_fts_vocab WHERE term = 'lattice'")).toEqual([{ doc: 2 }])
  const corpus = openCorpus(db)
  expect([...seedPages(corpus)].flatMap((page) => page.candidates()).map((paper) => paper.arxiv_id)).toEqual([
    '2401.00001',
    'hep-th/9901001',
  ])
  const found = findNeighbors(corpus, { title: 'Lattice codes', abstract: '', arxiv_id: 'hep-th/9901001' })
  expect(found.neighbors.map((one) => one.arxiv_id)).toEqual(['2401.00001'])
  corpus.close()
})

it('changes not a byte when the same file is imported again', async () => {
  const { db, file, run } = bench()
  const path = file('dump.json', lines(FIRST, record('2401.00002'), record('2401.00002')))
  const first = await run(path)
  expect(first.files[0]).toMatchObject({ read: 3, inserted: 2, unchanged: 1 })
  const before = fingerprint(db)
  expect(Object.keys(before)).toEqual(['arxiv.sqlite'])
  const second = await run(path)
  expect(second).toMatchObject({ files: [{ read: 3, inserted: 0, updated: 0, unchanged: 3 }], papers: 2 })
  expect(fingerprint(db)).toEqual(before)
})

it('adds a row for a newer version, amends a known one, and does not go back to an older one', async () => {
  const { file, run, rows } = bench()
  await run(file('old.json', lines(FIRST)))
  const versions = [...FIRST.versions, { version: 'v3', created: 'Wed, 1 Jan 2025 00:00:00 GMT' }]
  const newer = file('new.json', lines(record(FIRST.id, { versions, title: 'Lattice codes, revisited' })))
  expect((await run(newer)).files[0]).toMatchObject({ inserted: 0, updated: 1, unchanged: 0 })
  expect((await run(file('again.json', lines(FIRST)))).files[0]).toMatchObject({ updated: 0, unchanged: 1 })
  const amended = record(FIRST.id, {
    versions,
    title: 'Lattice codes, revisited',
    'journal-ref': 'J. Codes 1',
    doi: null,
  })
  expect((await run(file('amended.json', lines(amended)))).files[0]).toMatchObject({ updated: 1 })
  expect(
    rows('SELECT version, title, journal_ref, doi, pdf_url, published_at FROM papers ORDER BY version'),
  ).toEqual([
    {
      version: 2,
      title: 'Lattice codes for noisy channels',
      journal_ref: null,
      doi: '10.1000/182',
      pdf_url: 'https://export.arxiv.org/pdf/2401.00001v2',
      published_at: '2024-01-01T19:18:42Z',
    },
    {
      version: 3,
      title: 'Lattice codes, revisited',
      journal_ref: 'J. Codes 1',
      doi: '10.1000/182',
      pdf_url: 'https://export.arxiv.org/pdf/2401.00001v3',
      published_at: '2024-01-01T19:18:42Z',
    },
  ])
  expect(rows('SELECT count(*) AS n FROM paper_queue')).toEqual([{ n: 2 }])
  expect(rows("SELECT count(*) AS n FROM papers_fts WHERE papers_fts MATCH 'revisited'")).toEqual([{ n: 1 }])
})

it('reads a JSON array however it is broken into lines, with records that lack versions', async () => {
  const records = [FIRST, record('2401.00002', { title: 'Braces } in "quotes" \\ and ]' })]
  const short = {
    id: '0704.0001',
    title: 'Old',
    abstract: 'a',
    categories: 'hep-ph',
    authors_parsed: [['B', 'A.', 'Jr']],
  }
  for (const indent of [0, 2]) {
    const { file, run, rows } = bench()
    const result = await run(
      file(
        'array.txt',
        `\uFEFF ${JSON.stringify([...records, { ...short, update_date: '2008-11-26' }], null, indent)}\n`,
      ),
    )
    expect(result.files[0]).toMatchObject({ format: 'kaggle-array', read: 3, inserted: 3, invalid: 0 })
    expect(
      rows("SELECT version, authors, pdf_url, published_at, updated_at FROM papers WHERE title = 'Old'"),
    ).toEqual([
      {
        version: 1,
        authors: 'A. B Jr',
        pdf_url: 'https://export.arxiv.org/pdf/0704.0001',
        published_at: null,
        updated_at: '2008-11-26T00:00:00Z',
      },
    ])
    expect(rows("SELECT count(*) AS n FROM papers WHERE title LIKE 'Braces } in%'")).toEqual([{ n: 1 }])
  }
})

it('unpacks gzip by content, also of several members and from standard input', async () => {
  const packed = Buffer.concat([gzipSync(lines(FIRST)), gzipSync(lines(record('2401.00002')))])
  const { file, run, rows } = bench()
  expect((await run(file('dump.json', packed))).files[0]).toMatchObject({
    format: 'kaggle-lines',
    inserted: 2,
  })
  expect(rows('SELECT count(*) AS n FROM papers')).toEqual([{ n: 2 }])
  const drops = [...packed].map((byte) => Buffer.from([byte]))
  const piped = bench({ stdin: Readable.from(drops) })
  expect((await piped.run('-')).files[0]).toMatchObject({ file: '-', inserted: 2 })
})

it('counts broken records, passes over them, and shows the first five', async () => {
  const { file, run } = bench()
  const broken = [
    '{"id": "2401.0000',
    'null',
    '',
    JSON.stringify(record('9901001')),
    JSON.stringify({ id: '2401.00003' }),
  ]
  const versions = [{ version: 'draft', created: 'x' }]
  const result = await run(
    file(
      'dump.json',
      lines(
        '{oops',
        FIRST,
        ...broken,
        record('2401.00004', { versions }),
        record('2401.00005', { title: ' ' }),
      ) + JSON.stringify(record('2401.00006')),
    ),
  )
  expect(result.files[0]).toMatchObject({ read: 9, inserted: 2, invalid: 7 })
  const errors = result.files[0]?.errors ?? []
  expect(errors.map((error) => error.line)).toEqual([1, 3, 4, 6, 7])
  expect(errors[3]?.message).toContain('9901001')
  expect(errors[4]?.message).toContain('2401.00003 has no title')
})

it('takes what a download that broke off holds', async () => {
  const records = Array.from({ length: 3_000 }, (_, n) =>
    record(`2401.${10_000 + n}`, { abstract: `Number ${n * 7_919}` }),
  )
  const { file, run } = bench()
  const packed = gzipSync(lines(...records))
  const result = await run(
    file('cut.gz', packed.subarray(0, packed.length / 2)),
    file('cut.json', JSON.stringify(records.slice(0, 5)).slice(0, -30)),
  )
  const [gz, array] = result.files
  expect(gz?.inserted).toBeGreaterThan(100)
  expect(gz).toMatchObject({
    invalid: 1,
    errors: [{ message: expect.stringContaining('compressed file is broken') as string }],
  })
  expect(array).toMatchObject({ read: 5, unchanged: 4, invalid: 1 })
})

it('takes what a file with a wrong checksum holds, and says what is wrong with it', async () => {
  const records = Array.from({ length: 3_000 }, (_, n) =>
    record(`2401.${10_000 + n}`, { abstract: `Number ${n * 7_919}` }),
  )
  const { file, run } = bench()
  const packed = gzipSync(lines(...records))
  packed.writeUInt8(packed.readUInt8(packed.length - 8) ^ 1, packed.length - 8)
  const { files } = await run(file('spoilt.gz', packed))
  expect(files[0]?.inserted).toBe(3_000)
  expect(files[0]).toMatchObject({
    invalid: 1,
    errors: [{ message: expect.stringContaining('incorrect data check') as string }],
  })
})

it('completes an import that was killed between two transactions', async () => {
  const records = Array.from({ length: 25 }, (_, n) => record(`2401.${10_000 + n}`))
  const { db, file, run, rows } = bench()
  const path = file('dump.json', lines(...records))
  const killed = importCorpus(db, [path], {
    clock: CLOCK,
    batchSize: 10,
    onProgress: ({ inserted }) => {
      if (inserted === 20) throw new Error('killed')
    },
  })
  await expect(killed).rejects.toThrow('killed')
  expect(rows('SELECT count(*) AS n FROM papers')).toEqual([{ n: 20 }])
  expect(await run(path)).toMatchObject({ files: [{ inserted: 5, unchanged: 20 }], papers: 25 })
  expect(rows("SELECT count(*) AS n FROM papers_fts WHERE papers_fts MATCH 'lattice'")).toEqual([{ n: 25 }])
})

it('indexes many papers at once, and one that was killed before that heals with the next', async () => {
  const records = Array.from({ length: 12_000 }, (_, n) =>
    record(`2401.${10_000 + n}`, { abstract: `Codes ${n}` }),
  )
  const { db, file, run, rows } = bench()
  const path = file('dump.json', lines(...records))
  const killed = importCorpus(db, [path], {
    clock: CLOCK,
    onProgress: ({ inserted }) => {
      if (inserted >= 11_000) throw new Error('killed')
    },
  })
  await expect(killed).rejects.toThrow('killed')
  const indexed = (): unknown =>
    rows<{ n: number }>("SELECT count(*) AS n FROM papers_fts WHERE papers_fts MATCH 'codes'")[0]?.n
  expect(indexed()).toBe(10_000)
  expect(await run(path)).toMatchObject({ files: [{ inserted: 1_000, unchanged: 11_000 }], papers: 12_000 })
  expect(indexed()).toBe(12_000)
  const before = fingerprint(db)
  await run(path)
  expect(fingerprint(db)).toEqual(before)
  const late = file('late.json', lines(record('2402.00001', { abstract: 'Codes, too' })))
  await run(late)
  expect(indexed()).toBe(12_001)
  const whole = bench()
  await whole.run(path)
  expect(whole.rows("SELECT count(*) AS n FROM papers_fts WHERE papers_fts MATCH 'codes'")).toEqual([
    { n: 12_000 },
  ])
})

it('keeps licence and withdrawal in files of its own, also older ones, and adds no column to a crawler’s', async () => {
  const { db, file, run, rows } = bench()
  const taken = record('2401.00002', { comments: 'Paper withdrawn by the author due to an error' })
  const path = file(
    'dump.json',
    lines({ ...FIRST, license: 'http://creativecommons.org/licenses/by/4.0/' }, taken),
  )
  await run(path)
  const kept = 'SELECT arxiv_id, license, withdrawn FROM papers ORDER BY arxiv_id'
  const expected = [
    { arxiv_id: '2401.00001', license: 'http://creativecommons.org/licenses/by/4.0/', withdrawn: 0 },
    { arxiv_id: '2401.00002', license: null, withdrawn: 1 },
  ]
  expect(rows(kept)).toEqual(expected)
  const older = new BetterSqlite3(db)
  for (const column of ['license', 'withdrawn', 'changed_at'])
    older.exec(`ALTER TABLE papers DROP COLUMN ${column}`)
  older.pragma('application_id = 0')
  older.close()
  expect((await run(path)).files[0]).toMatchObject({ updated: 2 })
  expect(rows(kept)).toEqual(expected)
  const crawled = makeCrawlerCorpus(file('crawled.sqlite', ''), [])
  await importCorpus(crawled, [path], { clock: CLOCK })
  const columns = new BetterSqlite3(crawled)
  expect(columns.prepare("SELECT name FROM pragma_table_info('papers')").pluck().all()).not.toContain(
    'license',
  )
  columns.close()
})

it.each<[string, string | Buffer, string]>([
  ['a web page', '<!doctype html><html>', 'a web page'],
  ['other XML', '<?xml version="1.0"?>\n<!-- a note --><rss version="2.0">', 'XML (rss)'],
  ['ZIP', Buffer.from('PK\x03\x04abc'), 'a zip archive'],
  ['PDF', '%PDF-1.7', 'a PDF'],
  ['UTF-16', Buffer.from('\uFEFF{"id": 1}', 'utf16le'), 'UTF-16'],
  ['nothing', '', 'an empty file'],
  ['other JSON', '{"name": 1, "age": 2}\n', 'JSON lines with the keys name, age (id,'],
  ['JSON with one key', '{"name": 1}\n', 'JSON lines with the key name (id,'],
  ['JSON with nothing in it', '{}\n', 'JSON lines without keys (id,'],
  ['JSON with a blank key', '[{" ": 1}]', 'a JSON array without keys (id,'],
  ['broken JSON', '[{"id": ', 'a JSON array, but no record'],
  ['text', 'arxiv_id\ttitle', 'text that begins "arxiv_id'],
  ['Latin-1', Buffer.from(lines(record('2401.00001', { title: 'Über' })), 'latin1'), 'not in UTF-8'],
])('refuses %s by name and makes no corpus', async (_, content, description) => {
  const { db, file, run } = bench()
  const error = await failure(run(file('upload', content)))
  expect(error.code).toBe('import_format')
  expect(error.message).toContain(description)
  expect(() => openCorpus(db)).toThrow(expect.objectContaining({ code: 'corpus_missing' }))
})

it('reads a first record of ten million letters, and passes over those that are not in UTF-8 by their lines', async () => {
  const { file, run, rows } = bench()
  const long = lines(record('2401.00001', { abstract: 'word '.repeat(2e6) }))
  const latin = Buffer.from(lines(record('2401.00002', { title: 'Größe' })), 'latin1')
  const mixed = Buffer.concat([
    Buffer.from(long),
    latin,
    Buffer.from(lines(record('2401.00003', { title: 'Größe' }))),
  ])
  const array = Buffer.concat([Buffer.from('[' + lines(record('2401.00004')) + ','), latin, Buffer.from(']')])
  expect((await run(file('mixed.json', mixed), file('array.json', array))).files).toMatchObject([
    { inserted: 2, invalid: 1, errors: [{ line: 2, message: 'the line is not in UTF-8' }] },
    { inserted: 1, invalid: 1, errors: [{ line: 2, message: 'the record is not in UTF-8' }] },
  ])
  expect(rows('SELECT arxiv_id, title FROM papers ORDER BY arxiv_id')).toMatchObject([
    { arxiv_id: '2401.00001' },
    { arxiv_id: '2401.00003', title: 'Größe' },
    { arxiv_id: '2401.00004' },
  ])
})

it('refuses missing files before it imports any', async () => {
  const { db, file, run } = bench()
  const error = await failure(run(file('dump.json', lines(FIRST)), '/no/such/file'))
  expect([error.code, error.exitCode]).toEqual(['import_missing', 2])
  expect(() => openCorpus(db)).toThrow(expect.objectContaining({ code: 'corpus_missing' }))
})

it('refuses to write into a database that is no corpus', async () => {
  const { file } = bench()
  const path = file('dump.json', lines(FIRST))
  const foreign = file('executions.sqlite', '')
  const db = new BetterSqlite3(foreign)
  db.exec('CREATE TABLE executions (execution_id TEXT PRIMARY KEY)')
  db.close()
  const before = fingerprint(foreign)
  expect((await failure(importCorpus(foreign, [path]))).code).toBe('corpus_foreign')
  expect((await failure(importCorpus(path, [path]))).code).toBe('corpus_foreign')
  expect(fingerprint(foreign)).toEqual(before)
})

it("goes on with a crawler's corpus, adds the index it lacks, and leaves its rows in their form", async () => {
  const folder = corpusFolder()
  const db = makeCrawlerCorpus(
    join(folder, 'arxiv.sqlite'),
    [
      { arxiv_id: '2401.00009', title: 'Crawled before', queue: { status: 'done' } },
      {
        arxiv_id: '2401.00001',
        version: 2,
        title: 'Lattice codes for\n noisy channels',
        abstract: 'We study lattice codes over noisy channels.',
        categories: '["cs.IT", "math.IT"]',
      },
    ],
    { fullText: false, journal: 'delete' },
  )
  const dump = join(folder, 'dump.json')
  writeFileSync(
    dump,
    lines({ ...FIRST, comments: null, doi: null, categories: 'cs.IT' }, record('2401.00002')),
  )
  const result = await importCorpus(db, [dump], { clock: CLOCK })
  expect(result).toMatchObject({ files: [{ inserted: 1, updated: 1, unchanged: 0 }], papers: 3 })
  const again = await importCorpus(db, [dump], { clock: CLOCK })
  expect(again).toMatchObject({ files: [{ inserted: 0, updated: 0, unchanged: 2 }], papers: 3 })
  const corpus = openCorpus(db)
  expect(findNeighbors(corpus, { title: 'Crawled', abstract: '', arxiv_id: null }).neighbors).toHaveLength(1)
  expect(
    corpus.statement("SELECT title, categories FROM papers WHERE arxiv_id = '2401.00001'").all(),
  ).toEqual([{ title: 'Lattice codes for\n noisy channels', categories: '["cs.IT"]' }])
  expect([...seedPages(corpus)].flatMap((page) => page.places.map((place) => place.arxiv_id))).toEqual([
    '2401.00001',
    '2401.00002',
  ])
  corpus.close()
})

it('reads ids and versions however they are written, and one paper under two spellings once', async () => {
  const { file, run, rows } = bench()
  const written: [id: unknown, versions: unknown][] = [
    ['0704.0001', ['v1', 'v2']],
    [704.0002, FIRST.versions],
    ['arXiv:0704.0003', FIRST.versions],
    ['http://arxiv.org/abs/0704.0004v2', []],
    ['math.GT/0309136', FIRST.versions],
    ['math/0309136', FIRST.versions],
    ['oai:arXiv.org:1706.03762', [2, 3]],
  ]
  const metadata = file('odd.json', lines(...written.map(([id, versions]) => ({ ...FIRST, id, versions }))))
  const result = await run(metadata)
  expect(result.files[0]).toMatchObject({ read: 7, inserted: 6, unchanged: 1, invalid: 0 })
  expect(rows('SELECT arxiv_id, version FROM papers ORDER BY arxiv_id')).toEqual([
    { arxiv_id: '0704.0001', version: 2 },
    { arxiv_id: '0704.0002', version: 2 },
    { arxiv_id: '0704.0003', version: 2 },
    { arxiv_id: '0704.0004', version: 2 },
    { arxiv_id: '1706.03762', version: 3 },
    { arxiv_id: 'math/0309136', version: 2 },
  ])
  expect(await run(metadata)).toMatchObject({ files: [{ inserted: 0, updated: 0, unchanged: 7 }] })
})
