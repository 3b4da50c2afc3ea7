import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canMount } from '../support/cli.js'
import type { Ended } from '../support/cli.js'
import { expectClearError, expectErrorDocument } from '../support/clear-error.js'
import { frontmatterOf } from '../support/reports.js'
import type { Workspace } from '../support/workspace.js'
import { makeWorkspace, removeWorkspaces } from '../support/workspace.js'

const PAPERS = ['0000.00001', '0000.00004', '0000.00005']
const isRoot = process.getuid?.() === 0
let analyzed: Workspace

beforeAll(async () => {
  analyzed = await makeWorkspace({ profile: 'offline' })
  await analyzed.seed(...PAPERS)
  await analyzed.phase(['prep'])
  await analyzed.phase(['analyze'])
})
afterAll(removeWorkspaces)

describe('a disk that is full', () => {
  it('while reports are written: nothing half-written, exit 1, and the papers go on later', async () => {
    const workspace = analyzed.copy()
    // A file system of two pages where that is allowed, else a limit on the size of files.
    const shell = canMount()
      ? `mkdir -p data/reports && exec unshare -rm sh -c 'mount -t tmpfs -o size=8k tmpfs data/reports && "$@"; code=$?; ls -A data/reports >&2; exit $code' sh "$@"`
      : 'ulimit -f 8; "$@"'
    const end = await workspace.rpa(['wrap', '--json', '--quiet'], {}, { shell })
    expect(end.code).toBe(1)
    const { error } = end.json<{ error: { code: string; message: string; hint: string } }>()
    expect(error.code).toMatch(/^(?:report_write_failed|disk_full)$/)
    expect(error.message).toMatch(/could not be written|disk is full/)
    expect(error.hint).toMatch(/room|space|ulimit/)
    expect(end.stderr, 'nothing is left in the folder').toBe('')
    expect(workspace.reports()).toEqual([])
    await expectToGoOn(workspace)
  })

  it('for the executions DB itself: the same', async () => {
    const workspace = analyzed.copy()
    const end = await workspace.rpa(['wrap'], {}, { shell: 'ulimit -f 16; exec "$@"' })
    expect(end).toMatchObject({ code: 1, stdout: '' })
    expect(end.stderr).toMatch(/^rpa: [^\n]*(?:could not be written|is full)[^\n]*\n {2}[^\n]+\n$/)
    for (const name of workspace.reports()) expect(name).toMatch(/\.md$/)
    await expectToGoOn(workspace)
  })

  async function expectToGoOn(workspace: Workspace): Promise<void> {
    expect(workspace.integrity()).toBe('ok')
    for (const status of Object.values(workspace.statuses()))
      expect(['analyzed', 'wrapping', 'done']).toContain(status)
    // What could not even be put back is free when its lease has run out.
    workspace.change('update execution_leases set lease_until = 1 where lease_until > 0')
    await workspace.phase(['wrap'])
    expect(Object.values(workspace.statuses())).toEqual(['done', 'done', 'done'])
    expect(workspace.reports()).toHaveLength(3)
    for (const id of PAPERS) expect(frontmatterOf(workspace.report(id))).toMatchObject({ arxiv_id: id })
  }
})

describe('places that cannot be written', () => {
  /** Root may write everywhere, unless it gives that right up. */
  const dropped = '-dac_override,-dac_read_search'
  const withoutPrivilege = isRoot
    ? `exec setpriv --bounding-set=${dropped} --inh-caps=${dropped} "$@"`
    : 'exec "$@"'

  function chmod(workspace: Workspace, mode: number, ...paths: string[]): void {
    for (const path of paths) chmodSync(workspace.in(path), mode)
  }

  it('a data folder: exit 1, before anything is claimed', async () => {
    const workspace = analyzed.copy()
    const before = readdirSync(workspace.in('data'))
    chmod(workspace, 0o555, 'data/executions.sqlite', 'data')
    const end = await workspace.rpa(['wrap'], {}, { shell: withoutPrivilege })
    chmod(workspace, 0o755, 'data', 'data/executions.sqlite')
    const message = /executions\.sqlite.*cannot be (?:written|opened)/
    expectClearError(end, { exit: 1, code: '', message, hint: /writable/ })
    expect(readdirSync(workspace.in('data'))).toEqual(before)
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['analyzed']))
  })

  it('a reports folder: exit 1, the papers go back with all that was paid for', async () => {
    const workspace = analyzed.copy()
    workspace.write('reports/keep.txt', 'mine')
    chmod(workspace, 0o555, 'reports')
    const env = { RPA_REPORTS_DIR: workspace.in('reports') }
    const end = await workspace.rpa(['wrap', '--json'], env, { shell: withoutPrivilege })
    chmod(workspace, 0o755, 'reports')
    expectErrorDocument(end, {
      exit: 1,
      code: 'report_write_failed',
      message: /reports\/0000/,
      hint: /RPA_REPORTS_DIR/,
    })
    expect(readdirSync(workspace.in('reports'))).toEqual(['keep.txt'])
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['analyzed']))
    expect(await workspace.phase(['wrap'], env)).toMatchObject({ succeeded: 3 })
  })

  it('a file where the reports folder should be', async () => {
    const workspace = analyzed.copy()
    workspace.write('data/reports', 'a file')
    const end = await workspace.rpa(['wrap', '--json'])
    expectErrorDocument(end, { exit: 1, code: 'report_write_failed', message: /data\/reports/, hint: /file/ })
    expect(readFileSync(workspace.in('data', 'reports'), 'utf8')).toBe('a file')
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['analyzed']))
  })
})

describe('too few files that may be open', () => {
  it.each(['status', 'seed', 'prep'])(
    '%s: named as such, with what to do, and nothing is lost',
    async (command) => {
      const workspace = analyzed.copy()
      const before = workspace.statuses()
      const copies = workspace.in('copies')
      mkdirSync(copies)
      const limited = (most: number): Promise<Ended> =>
        workspace.rpa([command, '--json'], { TMPDIR: copies }, { shell: `ulimit -n ${most}; exec "$@"` })
      // A bare Node takes about twenty; each one more brings the command to another place.
      let most = 20
      for (let end = await limited(most); end.code !== 0; end = await limited(most)) {
        const message = /too many (?:open files|files are open)/
        expectErrorDocument(end, { exit: 1, code: 'too_many_files', message, hint: /ulimit -n/ })
        expect(workspace.statuses()).toEqual(before)
        most += 1
      }
      expect(most).toBeGreaterThan(21)
      expect(readdirSync(copies).filter((name) => name.startsWith('rpa-copy-'))).toEqual([])
    },
  )
})

describe('an executions DB that is none', () => {
  it.each(['status', 'seed', 'prep', 'budget'])(
    '%s: exit 1, and the file stays as it is',
    async (command) => {
      const workspace = analyzed.copy()
      const text = 'these are my notes, not a database\n'.repeat(200)
      workspace.write('notes.txt', text)
      const expected = {
        exit: 1,
        code: 'db_corrupt',
        message: /notes\.txt is not a usable SQLite database/,
        hint: /--db/,
      }
      const [asJson, readable] = await Promise.all([
        workspace.rpa([command, '--db', 'notes.txt', '--json']),
        workspace.rpa([command, '--db', 'notes.txt']),
      ])
      expectErrorDocument(asJson, expected)
      expectClearError(readable, expected)
      expect(readFileSync(workspace.in('notes.txt'), 'utf8')).toBe(text)
      expect(existsSync(workspace.in('notes.txt-wal'))).toBe(false)
    },
  )

  it('a URL of another kind of database: exit 78', async () => {
    const end = await analyzed.rpa(['status', '--db', 'mysql://localhost/x', '--json'])
    expectErrorDocument(end, { exit: 78, code: 'database_url', message: /mysql/, hint: /sqlite/ })
  })
})
