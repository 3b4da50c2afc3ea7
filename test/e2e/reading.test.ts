import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectErrorDocument } from '../support/clear-error.js'
import { writeEarlierDatabase } from '../support/earlier-database.js'
import type { Workspace } from '../support/workspace.js'
import { makeWorkspace, removeWorkspaces } from '../support/workspace.js'

/** Commands that only look, with the settings of somebody who has no key. */
const READING = [
  ['status'],
  ['budget'],
  ['prep', '--dry-run'],
  ['analyze', '--dry-run'],
  ['wrap', '--dry-run'],
  ['resume', '--dry-run'],
  ['run', '--dry-run'],
  ['reap', '--dry-run'],
  ['retry', '--all', '--dry-run'],
  ['prune', '--dry-run'],
  ['seed', '--dry-run'],
]

let seeded: Workspace
const isRoot = process.getuid?.() === 0

beforeAll(async () => {
  seeded = await makeWorkspace()
  await seeded.seed('0000.00001')
})
afterAll(removeWorkspaces)

function filesOf(workspace: Workspace): string[] {
  return readdirSync(workspace.path, { recursive: true, encoding: 'utf8' }).sort()
}

describe.each(READING)('%s %s %s', (...args) => {
  const command = args.filter((word) => word !== undefined)

  it('makes nothing where there is no DB, and names the path', async () => {
    const workspace = seeded.copy()
    const before = filesOf(workspace)
    const end = await workspace.rpa([...command, '--db', 'typo/x.sqlite', '--json'])
    expectErrorDocument(end, { exit: 78, code: 'db_missing', message: /typo\/x\.sqlite/, hint: /--db/ })
    expect(filesOf(workspace)).toEqual(before)
  })

  it('reads what it may not write, needs no key, and says which DB it read', async () => {
    const workspace = seeded.copy()
    const path = workspace.in('data', 'executions.sqlite')
    const bytes = readFileSync(path)
    chmodSync(path, 0o444)
    chmodSync(workspace.in('data'), 0o555)
    const dropped = '-dac_override,-dac_read_search'
    const shell = isRoot ? `exec setpriv --bounding-set=${dropped} --inh-caps=${dropped} "$@"` : 'exec "$@"'
    const before = filesOf(workspace)
    const asJson = await workspace.rpa([...command, '--json'], {}, { shell })
    const readable = await workspace.rpa(command, {}, { shell })
    chmodSync(workspace.in('data'), 0o755)
    expect(asJson).toMatchObject({ code: 0 })
    expect(asJson.json()).toMatchObject({ database: path })
    expect(readable.stdout.trimEnd().split('\n').at(-1)).toBe(`database: ${path}`)
    expect(filesOf(workspace)).toEqual(before)
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })
})

it.each([
  ['retag', '--all'],
  ['retry', '--all'],
  ['quality', '--fix'],
  ['queue', 'hold', '--all'],
  ['budget', '--close', 'model:x'],
])('%s %s changes what is there, and makes no DB at a wrong path', async (...command) => {
  const workspace = seeded.copy()
  const before = filesOf(workspace)
  const end = await workspace.rpa([...command, '--db', 'typo/x.sqlite', '--json'])
  expectErrorDocument(end, { exit: 78, code: 'db_missing', message: /typo\/x\.sqlite/, hint: /--db/ })
  expect(filesOf(workspace)).toEqual(before)
})

it('`seed --dry-run` shows a newcomer what would be seeded before there is a DB, and makes none', async () => {
  const workspace = await makeWorkspace()
  const before = filesOf(workspace)
  const end = await workspace.rpa(['seed', '--dry-run', '--json'])
  expect(end).toMatchObject({ code: 0 })
  expect(end.json<{ papers: unknown[] }>().papers).not.toEqual([])
  expect(filesOf(workspace)).toEqual(before)
})

it('a DB of the earlier tool is read as it is, and not migrated', async () => {
  const workspace = await makeWorkspace()
  const path = workspace.in('data', 'executions.sqlite')
  writeEarlierDatabase(path, { older: false })
  const bytes = readFileSync(path)
  const before = filesOf(workspace)
  const end = await workspace.rpa(['status', '--json'])
  expect(end).toMatchObject({ code: 0, stderr: '' })
  expect(end.json<{ total: number }>().total).toBeGreaterThan(0)
  expect(filesOf(workspace)).toEqual(before)
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

it('a file system that is mounted read-only can be read', async (context) => {
  const workspace = seeded.copy()
  const data = workspace.in('data')
  renameSync(data, workspace.in('kept'))
  mkdirSync(data)
  if (spawnSync('mount', ['--bind', workspace.in('kept'), data]).status !== 0)
    context.skip('a read-only file system was not tried: mounting one needs root')
  try {
    expect(spawnSync('mount', ['-o', 'remount,ro,bind', data]).status).toBe(0)
    const end = await workspace.rpa(['status', '--json'])
    expect(end).toMatchObject({ code: 0, stderr: '' })
    expect(end.json()).toMatchObject({ total: 1, database: workspace.in('data', 'executions.sqlite') })
  } finally {
    spawnSync('umount', ['-l', data])
  }
  expect(existsSync(workspace.in('kept', 'executions.sqlite-wal'))).toBe(false)
})
