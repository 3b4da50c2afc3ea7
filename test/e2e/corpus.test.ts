import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../support/cli.js'
import { expectClearError, expectErrorDocument } from '../support/clear-error.js'
import type { PdfServer } from '../support/pdf-server.js'
import { startPdfServer } from '../support/pdf-server.js'
import { frontmatterOf } from '../support/reports.js'
import type { Workspace } from '../support/workspace.js'
import { makeWorkspace, removeWorkspaces } from '../support/workspace.js'

let pdfs: PdfServer

beforeAll(async () => {
  pdfs = await startPdfServer()
})
afterAll(async () => {
  await pdfs.close()
  removeWorkspaces()
})

describe('a corpus that is none', () => {
  it.each([
    {
      name: 'missing',
      code: 'corpus_missing',
      message: /no corpus at .*arxiv\.sqlite/,
      make: (path: string) => rmSync(path),
    },
    {
      name: 'somebody else’s database',
      code: 'corpus_foreign',
      message: /arxiv\.sqlite is not a corpus: it has no table `papers`/,
      make: (path: string) => {
        rmSync(path)
        const db = new BetterSqlite3(path)
        db.exec('create table bookmarks (url text)')
        db.close()
      },
    },
    {
      name: 'a text file',
      code: 'corpus_foreign',
      message: /arxiv\.sqlite is not a corpus: it is not an SQLite file/,
      text: 'id,title\n1,A paper that is no database\n'.repeat(100),
    },
  ])('$name: exit 78 from seed and prep, and nothing is touched', async ({ code, message, make, text }) => {
    const workspace = await makeWorkspace({ profile: 'offline' })
    await workspace.seed('0000.00001')
    const path = workspace.in('data', 'arxiv.sqlite')
    make?.(path)
    if (text !== undefined) workspace.write('data/arxiv.sqlite', text)
    const before = existsSync(path) ? digestOf(path) : null

    const expected = { exit: 78, code, message, hint: /rpa corpus import|--corpus/ }
    expectErrorDocument(await workspace.rpa(['seed', '--json']), expected)
    expectClearError(await workspace.rpa(['prep']), expected)
    expect(workspace.query('select status, attempts from executions')).toEqual([
      { status: 'pending', attempts: 0 },
    ])
    expect(workspace.query('select * from execution_leases')).toEqual([])
    expect(existsSync(path) ? digestOf(path) : null).toBe(before)
    expect(workspace.integrity()).toBe('ok')
  })
})

it('a corpus without a full-text index gives no neighbours, says so once, and stops nothing', async () => {
  const workspace = await makeWorkspace({ profile: 'offline' })
  workspace.corpus((db) => {
    for (const trigger of ['papers_fts_ai', 'papers_fts_ad', 'papers_fts_au'])
      db.exec(`drop trigger ${trigger}`)
    db.exec('drop table papers_fts_vocab')
    db.exec('drop table papers_fts')
  })
  await workspace.seed('0000.00001', '0000.00004')
  const end = await workspace.rpa(['prep', '--json'])
  expect(end.code).toBe(0)
  expect(end.json()).toMatchObject({ succeeded: 2 })
  expect(end.stderr).toMatch(/^warn: .*full-text index.*\n$/)
  const quiet = await workspace.rpa(['analyze', '--quiet'])
  expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' })
})

describe('ids', () => {
  let workspace: Workspace

  beforeAll(async () => {
    workspace = await makeWorkspace({ profile: 'offline', pdf_url: pdfs.template, pdf_dir: null })
    const sample = JSON.parse(
      readFileSync(join(ROOT, 'samples', 'metadata.jsonl'), 'utf8').split('\n')[0] ?? '',
    ) as object
    workspace.write(
      'old.json',
      `${JSON.stringify({ ...sample, id: 'hep-th/9901001', title: 'An Old Identifier' })}\n`,
    )
    expect((await workspace.rpa(['corpus', 'import', 'old.json'])).code).toBe(0)
    workspace.corpus((db) => {
      const insert = db.prepare(
        "insert into papers (arxiv_id, version, title, abstract, authors, categories, ingested_at, last_seen_at, source_id) values (?, 1, 'Escape', 'A paper with an id that is a path.', 'X', 'cs.CR', '', '', 1)",
      )
      const queue = db.prepare("insert into paper_queue (paper_id, priority, enqueued_at) values (?, 99, '')")
      for (const id of ['../../x', '/etc/passwd', '0000.00001/../../x', ''])
        queue.run(insert.run(id).lastInsertRowid)
    })
  })

  it('of the old kind go through every phase; in file names their slash is an underscore', async () => {
    await workspace.seed('hep-th/9901001')
    for (const phase of ['prep', 'analyze', 'wrap']) {
      expect(await workspace.phase([phase, '--id', 'hep-th/9901001'])).toMatchObject({ succeeded: 1 })
    }
    expect(pdfs.asked).toEqual(['hep-th/9901001'])
    expect(existsSync(workspace.in('data', 'pdf', 'hep-th_9901001.pdf'))).toBe(true)
    expect(workspace.reports()).toEqual(['hep-th_9901001_an-old-identifier.md'])
    expect(frontmatterOf(workspace.report('hep-th/9901001'))).toMatchObject({
      arxiv_id: 'hep-th/9901001',
      source_url: expect.stringContaining('arxiv.org/abs/hep-th/9901001') as string,
    })
  })

  it('that are paths are never seeded', async () => {
    const seeded = await workspace.rpa(['seed', '--limit', '3', '--json'])
    expect(seeded.json()).toMatchObject({ seeded: 3, skipped: 4 })
    const byId = await workspace.rpa(['seed', '--id', '../../x', '--json'])
    expect(byId).toMatchObject({ code: 2 })
    expect(byId.json()).toMatchObject({ error: { code: 'bad_arxiv_id' } })
    for (const id of Object.keys(workspace.statuses())) expect(id).toMatch(/^(?:\d{4}\.\d{5}|hep-th\/\d{7})$/)
  })

  it('that are paths, and stand in the executions DB all the same, reach neither network nor files', async () => {
    const before = workspace
      .files()
      .map(({ path }) => path)
      .sort()
    const requests = pdfs.asked.length
    workspace.change(
      "insert into executions (execution_id, arxiv_id, paper_id, title, priority) values ('evil', '../../x', 1, 'Escape', 100)",
    )
    const result = await workspace.phase(['prep', '--id', '../../x'])
    expect(result).toMatchObject({
      failed: 1,
      executions: [{ status: 'failed', error_class: 'bad_arxiv_id' }],
    })
    expect(pdfs.asked.length).toBe(requests)
    const after = workspace
      .files()
      .map(({ path }) => path)
      .sort()
    expect(after.filter((path) => !/-(?:wal|shm)$/.test(path))).toEqual(
      before.filter((path) => !/-(?:wal|shm)$/.test(path)),
    )
    expect(existsSync(workspace.in('..', 'x.pdf'))).toBe(false)
  })
})

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
