import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { renderDatabaseCheck } from '../../../src/cli/render/database.js'
import { RpaError } from '../../../src/core/errors.js'
import { openDatabase, openForCheck, openForReading } from '../../../src/db/engine/open.js'
import { checkDatabase } from '../../../src/db/maintenance/check-database.js'
import { oldServer } from '../../support/old-server.js'
import { serverPrograms, startServer, type TestServer } from '../../support/postgres-server.js'

const PASSWORD = 'p4ssw0rd'

async function failure(promise: Promise<unknown>): Promise<RpaError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof RpaError)) throw new Error(`no RpaError: ${String(error)}`)
  expect(`${error.message} ${error.hint}`).not.toContain(PASSWORD)
  return error
}

describe.runIf(serverPrograms() !== null)('a server that is of no use says why', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer(serverPrograms() ?? '', { password: PASSWORD })
    await ask('create database foreign_to_us')
    await ask('create table customers (id int)', 'foreign_to_us')
    await ask('create database mine')
    await ask(`create role guest login password '${PASSWORD}'`)
    await ask(`create role crowd login password '${PASSWORD}' connection limit 0`)
  })
  afterAll(() => server.remove())

  async function ask(sql: string, database = 'postgres'): Promise<void> {
    const client = new pg.Client({ connectionString: at(database) })
    await client.connect()
    await client.query(sql)
    await client.end()
  }

  function at(database: string, user = 'rpa', password = PASSWORD): string {
    const url = new URL(server.url)
    Object.assign(url, { pathname: `/${database}`, username: user, password })
    return url.href
  }

  it.each([
    ['another password', () => at('mine', 'rpa', `${PASSWORD}!`), { code: 'db_denied', exitCode: 78 }],
    ['no password', () => at('mine', 'rpa', ''), { code: 'db_denied', exitCode: 78 }],
    ['a database that is not there', () => at('nowhere'), { code: 'db_missing', exitCode: 78 }],
    [
      'a user without the right to make tables',
      () => at('mine', 'guest'),
      { code: 'db_rights', exitCode: 78 },
    ],
    ['a database of something else', () => at('foreign_to_us'), { code: 'db_foreign', exitCode: 78 }],
  ])('%s', async (_, url, expected) => {
    expect(await failure(openDatabase(url()))).toMatchObject(expected)
  })

  it('no connection left, after a while', async () => {
    expect(await failure(openDatabase(at('mine', 'crowd')))).toMatchObject({ code: 'db_busy', exitCode: 75 })
  })

  it('a database that may only be read: it is read', async () => {
    await (await openDatabase(at('mine'))).close()
    await ask('alter database mine set default_transaction_read_only = on')
    const { db, close } = await openForReading(at('mine'))
    expect(await db.selectFrom('executions').select('status').execute()).toEqual([])
    await close()
  })
})

it.runIf(serverPrograms() !== null)('a replica: it is read, and says what it is', async () => {
  const server = await startServer(serverPrograms() ?? '', { settings: { wal_level: 'replica' } })
  onTestFinished(() => server.remove())
  await (await openDatabase(server.url)).close()
  await server.stop()
  server.standBy()
  await server.start()
  expect(await failure(openDatabase(server.url))).toMatchObject({ code: 'db_read_only', exitCode: 78 })
  const database = await openForCheck(server.url)
  const check = await checkDatabase(database)
  await database.close()
  expect(check).toMatchObject({ replica: true, writes: false, creates: false, papers: 0 })
  expect(renderDatabaseCheck(check)).toMatch(/is a replica .*at the primary/)
})

it('a server that is too old', async () => {
  const error = await failure(openDatabase(await oldServer(14)))
  expect(error).toMatchObject({ code: 'db_version', exitCode: 78 })
  expect(error.message).toMatch(/runs PostgreSQL 14; 15 or newer is needed/)
})
