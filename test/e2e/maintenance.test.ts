import { existsSync, readdirSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleProgram } from '../support/processes.js'
import { startProgram } from '../support/started-program.js'
import { temporaryFolder } from '../support/temp.js'
import type { Workspace } from '../support/workspace.js'
import { makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

interface Pruned {
  checkpoints: number
  blobs: number
  bytes: number
}

/** Two papers are done, one is prepped. */
let original: Workspace

beforeAll(async () => {
  original = await makeLightWorkspace()
  original.env = { RPA_PROFILE: 'offline' }
  await original.seed('0000.00001', '0000.00002')
  for (const phase of ['prep', 'analyze', 'wrap']) await original.phase([phase])
  await original.seed('0000.00003')
  await original.phase(['prep'])
})
afterAll(() => removeWorkspaces())

it('prune deletes what was announced, and work goes on', async () => {
  const workspace = original.copy()
  const fresh = await workspace.rpa(['prune', '--json'])
  expect(fresh).toMatchObject({ code: 0, stderr: '' })
  expect(fresh.json()).toEqual({ checkpoints: 0, blobs: 0, bytes: 0 })
  const announced = await workspace.rpa(['prune', '--older-than', '0s', '--dry-run', '--json'])
  const pruned = await workspace.rpa(['prune', '--older-than', '0s', '--json'])
  const database = workspace.in('data', 'executions.sqlite')
  expect(announced.json()).toEqual({ ...pruned.json<Pruned>(), database })
  expect(pruned.json<Pruned>().checkpoints).toBeGreaterThan(10)
  expect(pruned.json<Pruned>().bytes).toBeGreaterThan(10_000)
  const [left] = workspace.query(
    'select count(distinct substr(execution_id, 1, 36)) papers from machine_runs',
  )
  expect(left).toEqual({ papers: 1 })
  for (const phase of ['analyze', 'wrap'])
    expect(await workspace.phase([phase])).toMatchObject({ succeeded: 1 })
  expect(workspace.reports()).toHaveLength(3)
  expect((await workspace.rpa(['prune', '--keep', 'keep_everything'])).code).toBe(2)
  expect((await workspace.rpa(['prune', '--older-than', '7'])).code).toBe(2)
})

it('prune says in words what it did', async () => {
  const workspace = original.copy()
  const dry = await workspace.rpa(['prune', '--older-than', '0s', '--dry-run'])
  const [would = '', database] = dry.stdout.trimEnd().split('\n')
  expect(would).toMatch(/^would delete \d+ checkpoints and \d+ unused texts, [\d.]+ kB$/)
  expect(database).toBe(`database: ${workspace.in('data', 'executions.sqlite')}`)
  const end = await workspace.rpa(['prune', '--older-than', '0s'])
  expect(end.stdout).toBe(`${would.replace('would delete', 'deleted')}\n`)
})

it('vacuum compacts, waits for nobody, and copies at any time', async () => {
  const workspace = original.copy()
  await workspace.rpa(['prune', '--older-than', '0s'])
  const path = workspace.in('data', 'executions.sqlite')
  const hold = await bundleProgram('test/db/processes/hold.ts', temporaryFolder())
  const holder = await startProgram(hold, [path, 'idle'])
  const refused = await workspace.rpa(['vacuum', '--json'])
  expect(refused.code).toBe(75)
  expect(refused.json()).toMatchObject({
    error: { code: 'db_in_use', message: expect.stringContaining(path) as string },
  })
  const copied = await workspace.rpa(['vacuum', '--into', 'copy.sqlite', '--json'])
  expect(copied.json()).toMatchObject({
    integrity: 'ok',
    path: workspace.in('copy.sqlite'),
    rows: { executions: 3 },
  })
  expect((await workspace.rpa(['vacuum', '--into', 'copy.sqlite'])).code).toBe(1)
  expect((await workspace.rpa(['vacuum', '--into', 'copy.sqlite', '--force'])).code).toBe(0)
  expect((await workspace.rpa(['vacuum', '--force'])).code).toBe(2)
  await holder.kill()
  const before = workspace.reports()
  const done = await workspace.rpa(['vacuum', '--json'])
  expect(done.code).toBe(0)
  const { before_bytes, after_bytes, ...rest } = done.json<{ before_bytes: number; after_bytes: number }>()
  expect(rest).toEqual({ integrity: 'ok', path })
  expect(after_bytes).toBeLessThan(before_bytes)
  // What the killed process shared with others stays until the next one opens the DB.
  const names = readdirSync(workspace.in('data')).filter(
    (name) => name.startsWith('executions') && !name.endsWith('-shm') && !name.endsWith('-reserve'),
  )
  expect(names).toEqual(['executions.sqlite'])
  expect(workspace.reports()).toEqual(before)
  const copy = new BetterSqlite3(workspace.in('copy.sqlite'), { readonly: true })
  const rows = copy.prepare('select arxiv_id, status from executions order by arxiv_id').all() as {
    arxiv_id: string
    status: string
  }[]
  copy.close()
  expect(Object.fromEntries(rows.map((row) => [row.arxiv_id, row.status]))).toEqual(workspace.statuses())
})

it('vacuum makes no DB where there is none', async () => {
  const workspace = await makeLightWorkspace()
  for (const args of [['vacuum'], ['vacuum', '--into', 'copy.sqlite']]) {
    const end = await workspace.rpa(args)
    expect(end.code).toBe(78)
    expect(end.stderr).toMatch(/no executions DB at .*executions\.sqlite/)
  }
  expect(existsSync(workspace.in('data', 'executions.sqlite'))).toBe(false)
})
