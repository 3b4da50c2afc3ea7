import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openDatabase } from '../../src/db/engine/open.js'
import { expectErrorDocument } from '../support/clear-error.js'
import { dump, newDatabase } from '../support/database.js'
import { emptyDatabase, HAS_SERVER, onServer, type Engine } from '../support/postgres.js'
import { makeLightWorkspace, removeWorkspaces, SAMPLES, type Workspace } from '../support/workspace.js'

const [FIRST = '', SECOND = '', THIRD = '', FOURTH = ''] = SAMPLES

const ENGINES: readonly Engine[] = HAS_SERVER ? ['sqlite', 'postgres'] : ['sqlite']

let source: Workspace

beforeAll(async () => {
  source = await makeLightWorkspace({ profile: 'offline' })
  await source.seed(FIRST, SECOND, THIRD, FOURTH)
  await source.phase(['prep', '--limit', '3'])
  await source.phase(['analyze', '--limit', '2'])
  await source.phase(['wrap', '--limit', '1'])
  source.change(
    "insert into judgements values ('hash', 'preferred: A', 'vendor/judge', '2026-01-01T00:00:00.000Z')",
  )
})

afterAll(removeWorkspaces)

/** The rows of a project, without what each DB says of itself. */
function projectIn(path: string): Record<string, string[]> {
  const { rows } = dump(path)
  delete rows['schema_migrations']
  return Object.fromEntries(
    Object.entries(rows).map(([table, list]) => [table, list.map((row) => JSON.stringify(row)).sort()]),
  )
}

describe.each(ENGINES)('a copy in %s', (engine) => {
  it('is the whole project, goes on there, and comes back', async () => {
    const workspace = source.copy()
    const target = await newDatabase(engine)
    const copied = await workspace.rpa(['db', 'copy', 'data/executions.sqlite', target, '--json'])
    expect(copied.json()).toMatchObject({ verified: true, rows: { executions: 4 } })
    expect(copied.stdout).not.toContain('password')

    const again = await workspace.rpa(['db', 'copy', 'data/executions.sqlite', target, '--json'])
    expect(again.json()).toMatchObject({ verified: true, copied: 0 })

    const env = { RPA_DATABASE_URL: target }
    const before = (await workspace.rpa(['status', '--json'])).json<{ work: unknown }>()
    expect((await workspace.rpa(['status', '--json'], env)).json()).toMatchObject({ work: before.work })
    expect(await workspace.phase(['wrap'], env)).toMatchObject({ succeeded: 1 })
    expect(await workspace.phase(['prep'], env)).toMatchObject({ succeeded: 1 })

    const back = await workspace.rpa(['db', 'copy', target, 'back.sqlite', '--json'])
    expect(back.json()).toMatchObject({ verified: true, rows: { executions: 4 } })
    expect(await workspace.phase(['analyze', '--db', 'back.sqlite'])).toMatchObject({ succeeded: 2 })
    expect(await workspace.phase(['wrap', '--db', 'back.sqlite'])).toMatchObject({ succeeded: 2 })
    const list = (await workspace.rpa(['report', 'list', '--db', 'back.sqlite', '--json'])).json<{
      reports: unknown[]
    }>()
    expect(list.reports).toHaveLength(4)
  })

  it('that was broken off goes on where it was', async () => {
    const workspace = source.copy()
    const target = await newDatabase(engine)
    await workspace.rpa(['db', 'copy', 'data/executions.sqlite', target])
    const { db, close } = await openDatabase(target)
    // What a run that was killed leaves: whole tables, the beginning of one, and nothing of those after it.
    const { last } = await db
      .selectFrom('machine_transitions')
      .select((eb) => eb.fn.max('transition_id').as('last'))
      .executeTakeFirstOrThrow()
    await db.deleteFrom('machine_transitions').where('transition_id', '=', last).execute()
    await db.deleteFrom('executions').execute()
    await close()
    const end = await workspace.rpa(['db', 'copy', 'data/executions.sqlite', target, '--json'])
    expect(end.json()).toMatchObject({ verified: true, copied: 5, rows: { executions: 4, judgements: 1 } })
    await workspace.rpa(['db', 'copy', target, 'back.sqlite'])
    expect(projectIn(workspace.in('back.sqlite'))).toEqual(
      projectIn(workspace.in('data', 'executions.sqlite')),
    )
  })

  it('is refused where the target is somebody else’s', async () => {
    const workspace = source.copy()
    const target = await newDatabase(engine)
    await workspace.rpa(['seed', '--id', FOURTH], { RPA_DATABASE_URL: target })
    const end = await workspace.rpa(['db', 'copy', 'data/executions.sqlite', target, '--json'])
    expectErrorDocument(end, { exit: 78, code: 'db_not_empty', message: /executions/, hint: /new database/ })
  })

  it('that differs in a single letter is found', async () => {
    const workspace = source.copy()
    const target = await newDatabase(engine)
    await workspace.rpa(['db', 'copy', 'data/executions.sqlite', target])
    workspace.change("update executions set title = title || '.' where arxiv_id = ?", SECOND)
    const end = await workspace.rpa(['db', 'copy', 'data/executions.sqlite', target, '--json'])
    expectErrorDocument(end, { exit: 1, code: 'copy_differs', message: /executions/, hint: /once more/ })
  })
})

describe('a copy', () => {
  it('is not made of what is being worked on', async () => {
    const workspace = source.copy()
    workspace.change(
      "update executions set status = 'prepping' where arxiv_id = (select min(arxiv_id) from executions where status = 'pending')",
    )
    workspace.change(
      `insert or replace into execution_leases (execution_id, owner_id, phase, lease_until, fencing_token, acquired_at, updated_at)
       select execution_id, 'elsewhere:1', 'prep', ?, 9, ?, ? from executions where status = 'prepping'`,
      Math.floor(Date.now() / 1000) + 3600,
      new Date().toISOString(),
      new Date().toISOString(),
    )
    const end = await workspace.rpa(['db', 'copy', 'data/executions.sqlite', 'new.sqlite', '--json'])
    expectErrorDocument(end, { exit: 75, code: 'db_in_use', message: /being worked on/, hint: /rpa status/ })
  })

  it('of a file that is not there is none', async () => {
    const end = await source.rpa(['db', 'copy', 'none.sqlite', 'new.sqlite', '--json'])
    expectErrorDocument(end, { exit: 78, code: 'db_missing', message: /none\.sqlite/, hint: /rpa seed/ })
  })
})

describe.each(ENGINES)('a check of %s', (engine) => {
  it('says what it is and what may be done there', async () => {
    const target = await newDatabase(engine)
    await source.rpa(['db', 'copy', 'data/executions.sqlite', target])
    const end = await source.rpa(['db', 'check', '--json'], { RPA_DATABASE_URL: target })
    expect(end.code).toBe(0)
    const check = end.json<{ schema: number; newest: number; clock_ahead_ms: number }>()
    expect(check).toMatchObject({ kind: engine, papers: 4, writes: true, creates: true })
    expect(check.schema).toBe(check.newest)
    const { stdout } = await source.rpa(['db', 'check'], { RPA_DATABASE_URL: target })
    expect(stdout).toMatch(/SQLite \d|PostgreSQL \d/)
    expect(stdout).toContain('4 papers')
  })
})

describe.runIf(HAS_SERVER)('a check of a server', () => {
  const check = async (url: string): Promise<{ code: number | null; stdout: string }> =>
    source.rpa(['db', 'check'], { RPA_DATABASE_URL: url })

  it('says before the first command whether it will do, and makes nothing', async () => {
    const url = await emptyDatabase()
    for (const { code, stdout } of [await check(url), await check(url)]) {
      expect(stdout).toMatch(/tables: +none yet/)
      expect(stdout).toContain('all that is needed')
      expect(code).toBe(0)
    }
  })

  it('tells a user who may only read, or make no tables', async () => {
    const name = `rpa_reader_${randomBytes(6).toString('hex')}`
    await onServer(`create role ${name} login`)
    const [empty, full] = [await emptyDatabase(), await newDatabase('postgres')]
    onTestFinished(async () => void (await onServer(`drop role ${name}`)))
    const as = (url: string): string => {
      const changed = new URL(url)
      changed.username = name
      return changed.href
    }
    const made = await check(as(empty))
    expect(made.stdout).toContain('GRANT CREATE')
    expect(made.code).toBe(78)
    const database = new URL(full).pathname.slice(1)
    await onServer(`grant select on all tables in schema public to ${name}`, database)
    onTestFinished(async () => void (await onServer(`drop owned by ${name}`, database)))
    const read = await check(as(full))
    expect(read.stdout).toContain('may not write')
    expect(read.code).toBe(78)
    await onServer(`grant insert, update, delete on all tables in schema public to ${name}`, database)
    expect(await check(as(full))).toMatchObject({ code: 0 })
  })

  it('tells tables of an earlier version', async () => {
    const url = await newDatabase('postgres')
    await onServer(
      'delete from schema_migrations where version = (select max(version) from schema_migrations)',
      new URL(url).pathname.slice(1),
    )
    const { code, stdout } = await check(url)
    expect(stdout).toContain('a command that writes brings it up to date')
    expect(code).toBe(0)
  })
})
