import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ROOT } from '../support/cli.js'
import { lines, makePdf, wrap } from '../support/pdf.js'
import type { PdfServer } from '../support/pdf-server.js'
import { startPdfServer } from '../support/pdf-server.js'
import type { Workspace } from '../support/workspace.js'
import { SAMPLES, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

/** Lines drawn, and no text on them: a scanned page to a reader. */
const SCAN = makePdf([
  { items: [], under: '0 0 0 RG 50 50 500 700 re S' },
  { items: [], under: '0 0 0 RG 50 50 500 700 re S' },
])

/** It has its end, and nothing that could be read before it. */
const BROKEN = Buffer.from(`%PDF-1.4\n${'no object\n'.repeat(400)}startxref\n12\n%%EOF\n`)

/** Sound, and about something else. */
const OTHER = makePdf([
  [
    { x: 72, y: 740, size: 17, text: 'On the migration of storks' },
    { x: 72, y: 712, size: 10, text: 'Bela Birdwatcher' },
    ...lines(
      wrap(
        'The storks of the north fly over the sea, for it is there that they are fed by the people of the coast. '.repeat(
          24,
        ),
        90,
      ),
      { x: 72, y: 680, size: 9.5, leading: 11.5 },
    ),
  ],
])

const BAD_FILES = [
  { id: '0000.00101', errorClass: 'pdf_not_found' },
  { id: '0000.00104', errorClass: 'pdf_corrupt' },
  { id: '0000.00105', errorClass: 'pdf_no_text' },
  { id: '0000.00106', errorClass: 'pdf_is_html' },
  { id: '0000.00107', errorClass: 'pdf_empty' },
]
const GOOD = ['0000.00002', '0000.00003']
/** Cut when it is first asked for. */
const CUT_ONCE = '0000.00003'
/** Its host asks for patience. */
const BUSY = '0000.00108'

let pdfs: PdfServer
let workspace: Workspace

beforeAll(async () => {
  pdfs = await startPdfServer()
  workspace = await makeWorkspace({ profile: 'offline', pdf_url: pdfs.template, pdf_dir: 'pdfs' })
  pdfs.answer('0000.00101', 'missing')
  pdfs.answer('0000.00104', { file: BROKEN })
  pdfs.answer('0000.00105', { file: SCAN })
  pdfs.answer(CUT_ONCE, 'truncated once')
  pdfs.answer(BUSY, 'busy')
  workspace.write('pdfs/0000.00106.pdf', '<html><body>Access denied</body></html>')
  workspace.write('pdfs/0000.00107.pdf', '')
  await workspace.seed(...BAD_FILES.map(({ id }) => id), ...GOOD)
})
afterAll(async () => {
  await pdfs.close()
  removeWorkspaces()
})

it('a PDF that cannot be had or read fails its own paper with a class and a sentence, and no other', async () => {
  const end = await workspace.rpa(['prep', '--json'])
  expect(end).toMatchObject({ code: 0, stderr: '' })
  expect(end.json()).toMatchObject({ claimed: 7, succeeded: 2, failed: 5, released: 0, stopped: null })
  const { executions } = end.json<{ executions: { arxiv_id: string; error: string }[] }>()
  for (const { id, errorClass } of BAD_FILES) {
    const row = executions.find(({ arxiv_id }) => arxiv_id === id)
    expect(row, id).toMatchObject({ status: 'failed', error_class: errorClass })
    expect(row?.error).toContain(id)
    expect(row?.error).toMatch(/^[^\n]{15,300}$/)
  }
  for (const id of GOOD) expect(workspace.statuses()[id]).toBe('prepped')
  expect(pdfs.asked.filter((id) => id === CUT_ONCE)).toHaveLength(2)
  expect(workspace.integrity()).toBe('ok')
})

it('nothing that is no PDF stays in the cache, and nothing half-loaded', () => {
  const cached = workspace.files(workspace.in('data', 'pdf')).map(({ path }) => path)
  for (const path of cached) expect(path).toMatch(/\/0000\.\d{5}\.pdf$/)
  expect(existsSync(workspace.in('data', 'pdf', '0000.00101.pdf'))).toBe(false)
})

it('papers go on once their PDF is there', async () => {
  pdfs.answer('0000.00101', 'pdf')
  await workspace.rpa(['retry', '--id', '0000.00101'])
  expect(await workspace.phase(['prep', '--id', '0000.00101'])).toMatchObject({ succeeded: 1 })
})

it('a host that asks to slow down is asked again later: the paper has not failed', async () => {
  await workspace.seed(BUSY)
  expect(await workspace.phase(['prep'], {}, 75)).toMatchObject({
    claimed: 1,
    failed: 0,
    released: 1,
    stopped: 'circuit',
  })
  expect(
    workspace.query('select status, attempts, error_class from executions where arxiv_id = ?', BUSY),
  ).toEqual([{ status: 'pending', attempts: 0, error_class: 'pdf_rate_limited' }])
  const [row] = workspace.query<{ not_before: string }>(
    'select not_before from executions where arxiv_id = ?',
    BUSY,
  )
  expect(Date.parse(row!.not_before)).toBeGreaterThan(Date.now())
})

it('a host that is away ends the command with 69 after a few tries; the papers wait', async () => {
  const lonely = await makeWorkspace({
    profile: 'offline',
    pdf_url: 'http://127.0.0.1:9/{arxiv_id}',
    pdf_dir: 'nowhere',
  })
  await lonely.seed(...SAMPLES)
  const end = await lonely.rpa(['prep', '--workers', '1'])
  expect(end).toMatchObject({ code: 69, stdout: '' })
  expect(end.stderr).toMatch(
    /^warn: There is no PDF folder .*\/nowhere .*\nrpa: 127\.0\.0\.1:9 cannot be reached .*\n {2}.*PDF URL.*\n$/,
  )
  expect(new Set(Object.values(lonely.statuses()))).toEqual(new Set(['pending']))
  expect(lonely.query('select count(*) as n from executions where not_before is not null')).toEqual([
    { n: 3 },
  ])
})

it('papers whose PDF lies in the folder go on although the host of the others is away', async () => {
  const half = await makeWorkspace({
    profile: 'offline',
    pdf_url: 'http://127.0.0.1:9/{arxiv_id}',
    pdf_dir: 'some',
  })
  const [last = ''] = SAMPLES.slice(-1)
  mkdirSync(half.in('some'))
  copyFileSync(join(ROOT, 'samples', 'pdf', `${last}.pdf`), half.in('some', `${last}.pdf`))
  await half.seed(...SAMPLES)
  const result = await half.phase(['prep', '--workers', '1'])
  expect(result).toMatchObject({ claimed: 7, succeeded: 1, released: 6, waiting: { papers: 6 } })
  expect(half.statuses()[last]).toBe('prepped')
})

it('a notice that comes as a PDF is the host’s trouble, whatever language the metadata are in', async () => {
  const own = '0000.00002'
  const here = await makeWorkspace({ profile: 'offline', pdf_url: pdfs.template, pdf_dir: 'pdfs' })
  pdfs.answer(own, { file: makePdf([[{ x: 72, y: 700, size: 18, text: 'Quota exceeded' }]]) })
  await here.seed(own)
  const end = await here.rpa(['prep', '--json'])
  expect(here.statuses()[own]).not.toBe('prepped')
  expect(end.stdout).toContain('is a notice and no paper: \\"Quota exceeded\\"')
  pdfs.answer(own, 'pdf')
})

it('the PDF of another paper is not reported under the wrong title: other hosts are asked, and whoever knows better says so', async () => {
  const [own, other, once] = ['0000.00002', '0000.00003', '0000.00001'] as const
  const here = await makeWorkspace({ profile: 'offline', pdf_url: pdfs.template, pdf_dir: 'pdfs' })
  pdfs.answer(own, { file: OTHER })
  mkdirSync(here.in('pdfs'), { recursive: true })
  writeFileSync(here.in('pdfs', `${once}.pdf`), OTHER)
  await here.seed(own, other, once)
  const end = await here.rpa(['prep', '--json'])
  expect(here.statuses()).toMatchObject({ [own]: 'failed', [other]: 'prepped', [once]: 'failed' })
  const { executions } = end.json<{
    executions: { arxiv_id: string; error: string; error_class: string }[]
  }>()
  const told = (id: string) => executions.find(({ arxiv_id }) => arxiv_id === id)
  expect(told(own)).toMatchObject({ error_class: 'pdf_other_paper' })
  expect(told(own)?.error).toMatch(/^the PDF of 0000\.00002 from 127\.0\.0\.1 is of another paper, "/)
  expect(told(once)?.error).toMatch(/^the PDF of 0000\.00001 is of another paper, "/)
  expect(pdfs.asked.filter((id) => id === own).length).toBeGreaterThan(1)

  pdfs.answer(own, 'pdf')
  await here.rpa(['retry', '--error-class', 'pdf_other_paper'])
  await here.rpa(['prep'])
  expect(here.statuses()).toMatchObject({ [own]: 'prepped', [once]: 'failed' })
  here.env = { ...here.env, RPA_PDF_OTHER: 'take' }
  await here.rpa(['retry', '--error-class', 'pdf_other_paper'])
  await here.rpa(['prep'])
  expect(here.statuses()).toMatchObject({ [once]: 'prepped' })
})
