import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectErrorDocument } from '../support/clear-error.js'
import { makeWorkspace, removeWorkspaces, SAMPLES, type Workspace } from '../support/workspace.js'

const [FIRST = '', SECOND = '', THIRD = ''] = SAMPLES

let done: Workspace

beforeAll(async () => {
  done = await makeWorkspace({ profile: 'offline' })
  await done.seed(FIRST, SECOND, THIRD)
  await done.phase(['prep'])
  await done.phase(['analyze'])
  await done.phase(['wrap', '--limit', '2'])
})

afterAll(removeWorkspaces)

/** The same DB on a machine that has none of the files. */
function elsewhere(): Workspace {
  const other = done.copy()
  rmSync(other.in('data', 'reports'), { recursive: true })
  other.change("update executions set result_path = '/srv/other/reports/one.md' where status = 'done'")
  return other
}

async function doneIds(): Promise<string[]> {
  const { reports } = (await done.rpa(['report', 'list', '--json'])).json<{
    reports: { arxiv_id: string }[]
  }>()
  return reports.map((one) => one.arxiv_id)
}

describe('reports in the DB', () => {
  it('are listed, with their titles', async () => {
    const ids = await doneIds()
    expect(ids).toHaveLength(2)
    const { stdout } = await done.rpa(['report', 'list'])
    for (const id of ids) expect(stdout).toContain(id)
    expect(stdout).toContain('2 reports')
  })

  it('are shown byte for byte, also where the file is not', async () => {
    const other = elsewhere()
    for (const id of await doneIds()) {
      const { stdout, code } = await other.rpa(['report', 'show', `https://arxiv.org/abs/${id}v3`])
      expect(code).toBe(0)
      expect(stdout.trimEnd()).toBe(done.report(id).trimEnd())
      const json = await other.rpa(['report', 'show', id, '--json'])
      expect(json.json()).toMatchObject({
        reports: [{ arxiv_id: id, markdown: done.report(id), stored: true }],
      })
    }
  })

  it('outlive prune and are carried by vacuum --into', async () => {
    const other = elsewhere()
    expect((await other.rpa(['prune', '--keep', 'purge_all', '--older-than', '0s'])).code).toBe(0)
    expect((await other.rpa(['vacuum', '--into', 'copy.sqlite'])).code).toBe(0)
    const [id = ''] = await doneIds()
    const { stdout } = await other.rpa(['report', 'show', id, '--db', 'copy.sqlite'])
    expect(stdout.trimEnd()).toBe(done.report(id).trimEnd())
  })

  it('are exported under the names that wrap gives, once', async () => {
    const other = elsewhere()
    const first = await other.rpa(['report', 'export', 'out', '--json'])
    expect(first.json()).toMatchObject({ folder: other.in('out'), written: 2, unchanged: 0, missing: [] })
    const names = done.reports()
    for (const name of names)
      expect(readFileSync(other.in('out', name), 'utf8')).toBe(
        readFileSync(done.in('data', 'reports', name), 'utf8'),
      )
    const before = statSync(other.in('out', names[0] ?? ''))
    writeFileSync(other.in('out', names[1] ?? ''), 'changed by hand')
    const again = await other.rpa(['report', 'export', 'out', '--json'])
    expect(again.json()).toMatchObject({ written: 1, unchanged: 1 })
    expect(statSync(other.in('out', names[0] ?? '')).ino).toBe(before.ino)
  })

  it('are found by all of the words, in any case', async () => {
    const [id = ''] = await doneIds()
    const title = done.title(id)
    const found = await done.rpa(['report', 'search', title.toUpperCase(), '--json'])
    expect(found.json<{ reports: unknown[] }>().reports).toMatchObject([{ arxiv_id: id }])
    const both = await done.rpa(['report', 'search', 'abstract', '--json'])
    const lines = both.json<{ reports: { line: string }[] }>().reports.map(({ line }) => line)
    expect(lines).not.toEqual([])
    expect(lines.filter((line) => line.startsWith('abstract:'))).toEqual([])
    const none = await done.rpa(['report', 'search', title, 'xylophone-zeppelin', '--json'])
    expect(none.json()).toEqual({ reports: [] })
    expect((await done.rpa(['report', 'search', 'xylophone-zeppelin'])).stdout).toContain('no report')
  })

  it('are refused where their text was damaged, and the paper is named', async () => {
    const other = elsewhere()
    const [id = ''] = await doneIds()
    const [{ hash } = { hash: '' }] = other.query<{ hash: string }>(
      `select hash from blobs where instr((select report from executions where arxiv_id = ?), hash) > 0`,
      id,
    )
    const [{ data } = { data: Buffer.alloc(0) }] = other.query<{ data: Buffer }>(
      'select data from blobs where hash = ?',
      hash,
    )
    const middle = data.length >> 1
    data[middle] = (data[middle] ?? 0) ^ 1
    other.change('update blobs set data = ? where hash = ?', data, hash)
    const shown = await other.rpa(['report', 'show', id, '--json'])
    expectErrorDocument(shown, { exit: 1, code: 'db_corrupt', message: new RegExp(id), hint: /backup/ })
    const vacuumed = await other.rpa(['vacuum', '--into', 'copy.sqlite', '--json'])
    expectErrorDocument(vacuumed, { exit: 1, code: 'db_corrupt', message: new RegExp(id), hint: /backup/ })
  })
})

describe('a paper without a report in the DB', () => {
  it('of an earlier version is read from its file', async () => {
    const other = done.copy()
    const [id = ''] = await doneIds()
    other.change(
      'update executions set report = null, result_path = ? where arxiv_id = ?',
      other.in('mine.md'),
      id,
    )
    writeFileSync(other.in('mine.md'), '# An earlier report\n')
    expect((await other.rpa(['report', 'show', id])).stdout).toBe('# An earlier report\n')
    rmSync(other.in('mine.md'))
    const gone = await other.rpa(['report', 'show', id, '--json'])
    expectErrorDocument(gone, {
      exit: 2,
      code: 'no_report',
      message: /mine\.md/,
      hint: /machine that wrote it/,
    })
    const exported = await other.rpa(['report', 'export', 'out', '--json'])
    expect(exported.json()).toMatchObject({ written: 1, missing: [id] })
  })

  it('says how far it is', async () => {
    const ids = await doneIds()
    const waiting = [FIRST, SECOND, THIRD].find((id) => !ids.includes(id)) ?? ''
    const end = await done.rpa(['report', 'show', waiting, '--json'])
    expectErrorDocument(end, { exit: 2, code: 'no_report', message: /analyzed/, hint: /status/ })
    const unknown = await done.rpa(['report', 'show', '9912.99999', '--json'])
    expectErrorDocument(unknown, { exit: 2, code: 'unknown_paper', message: /9912\.99999/, hint: /seed/ })
  })
})
