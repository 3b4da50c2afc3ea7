import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { expectClearError, expectErrorDocument } from '../support/clear-error.js'
import { startArxivServer, type ArxivServer } from '../support/arxiv-server.js'
import { makeCrawlerCorpus, fingerprint } from '../support/corpus.js'
import { startPdfServer } from '../support/pdf-server.js'
import { frontmatterOf } from '../support/reports.js'
import { makeWorkspace, removeWorkspaces, Workspace } from '../support/workspace.js'
import type { FakePaper } from '../support/arxiv-wire.js'

let arxiv: ArxivServer
let workspace: Workspace

const PAPER: FakePaper = {
  id: '1706.03762',
  title: 'Attention to the Point',
  abstract: 'We attend to the point.',
  authors: ['Ada Example'],
  categories: ['cs.CL', 'cs.LG'],
  versions: ['2017-06-12T17:57:34Z', '2023-08-02T00:41:18Z'],
  comment: '15 pages',
}

beforeEach(async () => {
  arxiv = await startArxivServer([PAPER, { ...PAPER, id: 'hep-th/9901001', title: 'Strings' }])
  workspace = new Workspace(mkdtempSync(join(tmpdir(), 'rpa-e2e-')))
  workspace.env = { ...arxiv.env }
})
afterEach(async () => {
  await arxiv.close()
  rmSync(workspace.path, { recursive: true, force: true })
})
afterAll(removeWorkspaces)

it('in an empty folder one id is enough to go on to a report', async () => {
  const pdfs = await startPdfServer()
  try {
    workspace.env = {
      ...arxiv.env,
      RPA_PDF_URL: pdfs.template,
      RPA_PROFILE: 'offline',
      RPA_CONTACT: 'me@example.org',
    }
    const end = await workspace.rpa(['seed', 'https://arxiv.org/abs/1706.03762v7'])
    expect(end).toMatchObject({ code: 0, stderr: 'asking arXiv for the metadata of 1 paper\n' })
    expect(end.stdout).toMatch(/^metadata of 1 paper fetched from arXiv\nseeded 1 paper /)
    expect(arxiv.requests.map(({ userAgent }) => userAgent)).toEqual([
      expect.stringMatching(/^rpa\/\S+ \(me@example.org\)$/),
    ])
    for (const phase of ['prep', 'analyze', 'wrap'])
      expect(await workspace.phase([phase])).toMatchObject({ succeeded: 1 })
    expect(frontmatterOf(workspace.report('1706.03762'))).toMatchObject({
      title: PAPER.title,
      published: '2017-06-12',
      paper: { version: 2, comment: '15 pages', categories: ['cs.CL', 'cs.LG'] },
    })
    expect((await workspace.rpa(['seed', '1706.03762', '--json'])).json()).toMatchObject({
      seeded: 0,
      already: 1,
    })
    expect(arxiv.requests).toHaveLength(1)
  } finally {
    await pdfs.close()
  }
})

it('many are one request; what arXiv does not know is named and the others go on', async () => {
  workspace.write('list.txt', '1706.03762\nhep-th/9901001 # strings\n2412.99999\n')
  const end = await workspace.rpa(['seed', 'list.txt', '--json'])
  expect(end.json()).toMatchObject({
    seeded: 2,
    skipped: 1,
    unknown: ['2412.99999'],
    fetched: ['1706.03762', 'hep-th/9901001'],
  })
  expect(end.code).toBe(0)
  expect(end.stderr).toContain('neither the corpus nor arXiv has a paper "2412.99999"')
  expect(arxiv.requests).toHaveLength(1)
})

it('where none of those that are named is known it ends with 1 and says so, in words for a mail of cron too', async () => {
  const end = await workspace.rpa(['seed', '2412.99999', '--quiet'])
  expect(end).toMatchObject({ code: 1, stdout: '' })
  expect(end.stderr).toBe('rpa: no paper was seeded: neither the corpus nor arXiv has 2412.99999\n')
})

it('without network it says so and what else can be done; a dry run asks nobody', async () => {
  await arxiv.close()
  const quiet = { RPA_LOG_LEVEL: 'error' }
  const expected = {
    exit: 69,
    code: 'arxiv_unreachable',
    message: /metadata of 1706\.03762 could not be fetched/,
    hint: /rpa corpus import/,
  }
  expectClearError(await workspace.rpa(['seed', '1706.03762'], quiet), expected)
  expectErrorDocument(await workspace.rpa(['seed', '1706.03762', '--json'], quiet), expected)
  expect(existsSync(workspace.in('data', 'arxiv.sqlite'))).toBe(false)
  const full = await makeWorkspace()
  const both = await full.rpa(['seed', '1706.03762', '0000.00001', '--json'], quiet)
  expectErrorDocument(both, { ...expected, message: /1 other paper was seeded/ })
  expect(full.statuses()).toEqual({ '0000.00001': 'pending' })
  const dry = await full.rpa(['seed', '1706.03762', '--dry-run', '--json'])
  expect(dry.json()).toMatchObject({ seeded: 0, unknown: ['1706.03762'] })
})

it("a crawler's corpus is never written: what it lacks stands beside it", async () => {
  workspace.write('data/.keep', '')
  const path = makeCrawlerCorpus(workspace.in('data', 'arxiv.sqlite'), [
    { arxiv_id: '2401.00001', title: 'Attention before' },
  ])
  const before = fingerprint(path)
  const seeded = await workspace.rpa(['seed', '1706.03762', '2401.00001', '--json'])
  expect(seeded.json()).toMatchObject({ seeded: 2, unknown: [], fetched: ['1706.03762'] })
  expect((await workspace.rpa(['seed', 'hep-th/9901001', '1706.03762', '--json'])).json()).toMatchObject({
    seeded: 1,
    already: 1,
  })
  expect(arxiv.requests).toHaveLength(2)
  expect(fingerprint(path)).toEqual(before)
  const pdfs = await startPdfServer()
  try {
    const env = { RPA_PDF_URL: pdfs.template, RPA_PROFILE: 'offline' }
    for (const phase of ['prep', 'analyze', 'wrap']) {
      expect(await workspace.phase([phase, '--id', '1706.03762'], env)).toMatchObject({ succeeded: 1 })
    }
    expect(frontmatterOf(workspace.report('1706.03762'))).toMatchObject({
      paper: { version: 2, comment: '15 pages' },
    })
    expect(fingerprint(path)).toEqual(before)
  } finally {
    await pdfs.close()
  }
})
