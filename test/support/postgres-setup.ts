import { openDatabase } from '../../src/db/engine/open.js'
import { onServer, SERVER, templateOfRun, withDatabase } from './postgres.js'
import type { TestServer } from './postgres-server.js'
import { serverPrograms, startServer } from './postgres-server.js'

/** One PostgreSQL for the whole run: RPA_TEST_POSTGRES_URL, else one from programs that are installed or packaged. */
export default async function providePostgres(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[SERVER] !== undefined) return undefined
  const given = process.env['RPA_TEST_POSTGRES_URL']
  const programs = given === undefined ? serverPrograms() : null
  if (given === undefined && programs === null) {
    const missing =
      'no PostgreSQL: set RPA_TEST_POSTGRES_URL, install the server, or the optional packages of npm'
    if (process.env['CI']) throw new Error(missing)
    process.stdout.write(`${missing}; tests that need it are left out\n`)
    return undefined
  }
  const server: TestServer | null = programs === null ? null : await startServer(programs)
  const url = server?.url ?? given ?? ''
  process.env[SERVER] = url
  await onServer(`create database ${templateOfRun()}`)
  const template = await openDatabase(withDatabase(url, templateOfRun()))
  await template.close()
  return async () => {
    if (server === null) await dropAll()
    else await server.remove()
  }
}

/** A server that was there before keeps nothing of the run. */
async function dropAll(): Promise<void> {
  const made = await onServer(
    `select datname from pg_database where datname like '${templateOfRun().replaceAll('_', '~_')}%' escape '~'`,
  )
  for (const { datname } of made) await onServer(`drop database ${String(datname)} with (force)`)
}
