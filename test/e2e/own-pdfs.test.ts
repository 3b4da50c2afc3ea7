import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { SeedPdfsResult } from '../../src/pipeline/seed-pdfs.js'
import { ROOT } from '../support/cli.js'
import { lines, makePdf, wrap } from '../support/pdf.js'
import { makeWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const SAMPLE = join(ROOT, 'samples', 'pdf', '0000.00001.pdf')

it('takes PDFs from a folder to reports, without their files, a corpus or the network', async () => {
  const workspace = await makeWorkspace({ profile: 'offline' })
  const folder = workspace.in('papers')
  mkdirSync(join(folder, 'deeper'), { recursive: true })
  copyFileSync(SAMPLE, join(folder, 'a.pdf'))
  copyFileSync(SAMPLE, join(folder, 'b, the same.pdf'))
  copyFileSync(join(ROOT, 'samples', 'pdf', '0000.00004.pdf'), join(folder, 'deeper', 'c.PDF'))
  copyFileSync(join(ROOT, 'test', 'support', 'locked.pdf'), join(folder, 'locked.pdf'))
  writeFileSync(join(folder, 'empty.pdf'), '')
  writeFileSync(join(folder, 'scan.pdf'), makePdf([[], []]))
  writeFileSync(join(folder, 'notes.txt'), 'no PDF')

  const first = await workspace.rpa(['seed', '--pdf', 'papers', '--json'])
  const result = first.json<SeedPdfsResult>()
  expect(first.code).toBe(1)
  expect(result).toMatchObject({ considered: 6, seeded: 2, already: 1, skipped: 3 })
  const failed = result.pdfs.flatMap(({ file, error }) => (error === undefined ? [] : [[file, error.code]]))
  expect(failed).toEqual([
    [join('papers', 'empty.pdf'), 'pdf_empty'],
    [join('papers', 'locked.pdf'), 'pdf_encrypted'],
    [join('papers', 'scan.pdf'), 'pdf_no_text'],
  ])
  for (const [file, code] of failed) expect(first.stderr).toContain(`rpa: ${file}: ${code}: `)
  const ids = result.pdfs.filter(({ outcome }) => outcome === 'seeded').map(({ arxiv_id }) => arxiv_id ?? '')
  for (const id of ids) expect(id).toMatch(/^local:[0-9a-f]{16}$/)

  // Moved, and seeded again under another name: one paper.
  renameSync(join(folder, 'a.pdf'), workspace.in('elsewhere.pdf'))
  const again = await workspace.rpa(['seed', '--pdf', 'elsewhere.pdf', '--json'])
  expect(again.code).toBe(0)
  expect(again.json<SeedPdfsResult>()).toMatchObject({ seeded: 0, already: 1 })

  rmSync(folder, { recursive: true })
  const corpus = ['--corpus', workspace.in('none.sqlite')]
  for (const phase of ['prep', 'analyze', 'wrap'])
    expect(await workspace.phase([phase, ...corpus])).toMatchObject({ succeeded: 2, failed: 0 })
  const [name = ''] = workspace.reports().filter((report) => report.includes('leases-with-fencing-tokens'))
  expect(name).toMatch(/^local_[0-9a-f]{16}_/)
  const shown = await workspace.rpa(['report', 'show', ids[0]!.replace(':', '_')])
  expect(shown.stdout).toContain('source_url: null')
  expect(shown.stdout).toContain('\n  keywords:\n    - "leases"\n    - "fencing tokens"\n')
  expect(shown.stdout).not.toContain('arxiv.org')
  expect(shown.stdout).toContain(`- **Paper:** ${ids[0]}`)
  expect((await workspace.rpa(['log', ids[1]!])).stdout).toContain(ids[1])
  for (const named of [['--id', ids[0]!], [ids[0]!]])
    expect((await workspace.rpa(['retry', ...named])).code).toBe(0)
})

it('a stamp of arXiv is told of and kept, and the paper stays that of its file', async () => {
  const workspace = await makeWorkspace({ profile: 'offline' })
  const corpus = ['--corpus', workspace.in('none.sqlite')]
  const stamp = { x: 30, y: 200, size: 14, turn: 1, text: 'arXiv:2401.01234v2 [cs.DC] 2 Jan 2024' }
  const body = lines(wrap('We measure that 97 % of requests are used by a lease. '.repeat(40), 70), {
    x: 72,
    y: 700,
  })
  writeFileSync(workspace.in('mine.pdf'), makePdf([[stamp, ...body]]))
  const seeded = await workspace.rpa(['seed', '--pdf', 'mine.pdf'])
  expect(seeded.stdout).toContain(
    "arXiv has stamped it 2401.01234v2: `rpa seed 2401.01234v2` takes it with arXiv's",
  )
  for (const phase of ['prep', 'analyze', 'wrap'])
    expect(await workspace.phase([phase, ...corpus])).toMatchObject({ succeeded: 1 })
  const [{ arxiv_id: id } = { arxiv_id: '' }] = workspace.query<{ arxiv_id: string }>(
    'select arxiv_id from executions',
  )
  expect(id).toMatch(/^local:/)
  const { stdout } = await workspace.rpa(['report', 'show', id])
  expect(stdout).toContain('\n  arxiv_stamp: "2401.01234v2"\n')
  expect(stdout).toContain('source_url: null')
})

it('run --seed without a corpus says so once and works on the PDFs that were seeded', async () => {
  const workspace = await makeWorkspace({ profile: 'offline' })
  const corpus = ['--corpus', workspace.in('none.sqlite')]
  const seedRun = ['run', '--seed', '--limit', '50', ...corpus]
  expect(await workspace.rpa(seedRun)).toMatchObject({ code: 78 })
  expect(await workspace.rpa(['seed', '--pdf', SAMPLE])).toMatchObject({ code: 0 })
  const ran = await workspace.rpa([...seedRun, '--log-level', 'warn'])
  expect(ran.code).toBe(0)
  expect(ran.stderr.match(/None is chosen from it/g)).toHaveLength(1)
  expect(workspace.reports()).toHaveLength(1)
  // Of what cron starts every hour nothing is mailed.
  expect(await workspace.rpa([...seedRun, '--quiet'])).toMatchObject({ code: 0, stderr: '' })
})

// A Mac's disk takes no such name.
it.skipIf(process.platform === 'darwin')(
  'passes over a file and a folder whose names are not UTF-8',
  async () => {
    const workspace = await makeWorkspace({ profile: 'offline' })
    const folder = workspace.in('papers')
    const named = (name: string): Buffer => Buffer.from(join(folder, name), 'latin1')
    mkdirSync(folder)
    mkdirSync(named('d\xe9p\xf4t'))
    copyFileSync(SAMPLE, join(folder, 'a.pdf'))
    copyFileSync(SAMPLE, named('caf\xe9.pdf'))
    copyFileSync(SAMPLE, named('d\xe9p\xf4t/b.pdf'))

    const seeded = await workspace.rpa(['seed', '--pdf', 'papers', '--json'])
    expect(seeded.code).toBe(1)
    const result = seeded.json<SeedPdfsResult>()
    expect(result).toMatchObject({ considered: 3, seeded: 1, skipped: 2 })
    const failed = result.pdfs.flatMap(({ file, error }) => (error === undefined ? [] : [[file, error]]))
    expect(failed).toEqual(
      ['caf\uFFFD.pdf', 'd\uFFFDp\uFFFDt'].map((name) => [
        join('papers', name),
        {
          code: 'pdf_not_found',
          message: `${join('papers', name)} cannot be read: its name is not UTF-8`,
          hint: 'Rename it.',
        },
      ]),
    )
  },
)

it('finds the neighbours of such a paper where there is a corpus', async () => {
  const workspace = await makeWorkspace({ profile: 'offline' })
  copyFileSync(SAMPLE, workspace.in('mine.pdf'))
  await workspace.rpa(['seed', '--pdf', 'mine.pdf'])
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
  expect((await workspace.rpa(['seed', '--pdf', 'mine.pdf', '--query', 'leases'])).code).toBe(2)
  expect((await workspace.rpa(['seed', '--pdf', 'nothing-there'])).code).toBe(2)
  await workspace.phase(['analyze'])
  await workspace.phase(['wrap'])
  const [id = ''] = /^local_[0-9a-f]+/.exec(workspace.reports()[0] ?? '') ?? []
  expect(workspace.report(id)).toContain('Nearest in the corpus')
})

it('takes no more than --limit, and passes nothing over for a file that cannot be read', async () => {
  const workspace = await makeWorkspace({ profile: 'offline' })
  mkdirSync(workspace.in('papers'))
  writeFileSync(workspace.in('papers', '0.pdf'), '')
  for (const n of [1, 2, 3, 4])
    copyFileSync(join(ROOT, 'samples', 'pdf', `0000.0000${n}.pdf`), workspace.in('papers', `${n}.pdf`))
  const seed = async (limit: number): Promise<SeedPdfsResult> =>
    (await workspace.rpa(['seed', '--pdf', 'papers', '--limit', String(limit), '--json'])).json()
  expect(await seed(1)).toMatchObject({ seeded: 1 })
  expect(await seed(2)).toMatchObject({ seeded: 2 })
  expect(await seed(2)).toMatchObject({ seeded: 1, already: 3, skipped: 1 })
})
