import { afterAll, expect, it } from 'vitest'
import { expectClearError } from '../support/clear-error.js'
import type { Workspace } from '../support/workspace.js'
import { makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const SAMPLES = ['0000.00001', '0000.00002', '0000.00003', '0000.00004']

async function seeded(): Promise<Workspace> {
  const workspace = await makeLightWorkspace({ profile: 'offline' })
  await workspace.seed(...SAMPLES)
  return workspace
}

async function changed(workspace: Workspace, ...args: string[]): Promise<Record<string, unknown>> {
  const end = await workspace.rpa(['queue', ...args, '--json'])
  expect(end.code, end.stderr).toBe(0)
  return end.json()
}

it('what is moved is taken first, what is held not at all, until it is released', async () => {
  const workspace = await seeded()
  expect(await changed(workspace, 'move', '0000.00003', '--priority', '9')).toMatchObject({ changed: 1 })
  expect(await changed(workspace, 'hold', '--id', 'arXiv:0000.00001v1')).toMatchObject({ changed: 1 })
  const list = await workspace.rpa(['queue', 'list', '--json'])
  expect(list.json<{ papers: { arxiv_id: string }[] }>()).toMatchObject({
    total: 4,
    papers: [
      { arxiv_id: '0000.00003', status: 'pending', priority: 9 },
      { arxiv_id: '0000.00002' },
      { arxiv_id: '0000.00004' },
      { arxiv_id: '0000.00001', status: 'held', release_to: 'pending' },
    ],
  })
  const first = await workspace.phase(['prep', '--limit', '1'])
  expect(first).toMatchObject({ executions: [{ arxiv_id: '0000.00003' }] })
  await workspace.phase(['prep'])
  expect(workspace.statuses()).toMatchObject({ '0000.00001': 'held', '0000.00002': 'prepped' })
  expect(await changed(workspace, 'release', '--all')).toMatchObject({ changed: 1 })
  await workspace.phase(['prep'])
  expect(Object.values(workspace.statuses())).toEqual(SAMPLES.map(() => 'prepped'))
})

it('what is dropped is not taken and not seeded again, and comes back with all that was answered', async () => {
  const workspace = await seeded()
  await workspace.phase(['prep', '--id', '0000.00001'])
  expect(await changed(workspace, 'drop', '--all', '--dry-run')).toMatchObject({
    considered: 4,
    changed: 3,
    with_answers: 1,
  })
  expect(await changed(workspace, 'drop', '0000.00001')).toMatchObject({ changed: 0, with_answers: 1 })
  expect(await changed(workspace, 'drop', '0000.00001', '0000.00002', '--force')).toMatchObject({
    changed: 2,
  })
  const again = await workspace.rpa(['seed', '0000.00002'])
  expect(again.stdout).toContain('seeded 0 papers (1 already there')
  expect(again.stderr).toMatch(/0000\.00002 was dropped.*rpa queue release 0000\.00002/)
  expect((await workspace.rpa(['queue', 'list'])).stdout).not.toContain('0000.00001')
  expect((await workspace.rpa(['queue', 'list', '--status', 'dropped'])).stdout).toContain(
    'dropped (prepped)',
  )
  const before = workspace.query('select count(*) as n from llm_calls')
  expect(await changed(workspace, 'release', '0000.00001')).toMatchObject({ changed: 1 })
  expect(await workspace.phase(['analyze'])).toMatchObject({
    succeeded: 1,
    executions: [{ arxiv_id: '0000.00001' }],
  })
  expect(workspace.query('select count(*) as n from llm_calls')).toEqual(before)
})

it('papers are chosen by the filters of seed, and a dry run shows them', async () => {
  const workspace = await seeded()
  workspace.corpus((db) => {
    db.exec("update papers set categories = 'math.CO'")
    db.exec("update papers set categories = 'stat.ML cs.RO' where arxiv_id = '0000.00002'")
  })
  expect(await changed(workspace, 'hold', '--category', 'cs.RO', '--dry-run')).toMatchObject({
    changed: 1,
    papers: [{ arxiv_id: '0000.00002', reasons: ['cs.RO'] }],
  })
  expect(Object.values(workspace.statuses())).toEqual(SAMPLES.map(() => 'pending'))
  const shown = await workspace.rpa(['queue', 'hold', '--category', 'cs.RO'])
  expect(shown.stdout).toMatch(/^held 1 paper$/m)
  const none = await workspace.rpa(['queue', 'hold', '--author', 'Nobody Atall'])
  expect(none.stdout).toMatch(/^no paper that waits fits$/m)
})

it('what cannot be changed is named, and nothing is changed by chance', async () => {
  const workspace = await seeded()
  workspace.change("update executions set status = 'done' where arxiv_id = '0000.00001'")
  const end = await workspace.rpa(['queue', 'drop', '0000.00001'])
  expect(end.stdout).toMatch(/LEFT ALONE +IS\n0000\.00001 +done/)
  expectClearError(await workspace.rpa(['queue', 'drop']), {
    exit: 2,
    code: 'queue_which',
    message: /Say which papers to drop/,
    hint: /--all/,
  })
  expectClearError(await workspace.rpa(['queue', 'hold', '9912.99999']), {
    exit: 2,
    code: 'unknown_paper',
    message: /no execution of "9912\.99999"/,
    hint: /rpa seed/,
  })
  expect(workspace.statuses()).toMatchObject({ '0000.00002': 'pending', '0000.00003': 'pending' })
})
