import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { onTestFinished } from 'vitest'

/** Variable with the URL of the run's server; where it is not set there is none. */
export const SERVER = 'RPA_TEST_SERVER'
/** A database with our tables and nothing in them. */
export const templateOfRun = (): string => `rpa_test_${process.env['RPA_TEST_SEED'] ?? '0'}`

export type Engine = 'sqlite' | 'postgres'
/** The engine that tests run on which make a DB without saying which. */
export const ENGINE: Engine = process.env['RPA_TEST_ENGINE'] === 'postgres' ? 'postgres' : 'sqlite'
/** Whether there is a server. */
export const HAS_SERVER = process.env[SERVER] !== undefined

/** Returns the same URL with another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

/** Runs a statement on the server itself, outside of all transactions. */
export async function onServer(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: withDatabase(serverUrl(), database) })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Databases that no test of this worker uses. */
const free: string[] = []

/** Returns the URL of a database that holds our tables, and nothing in them, for the running test alone. */
export async function freshDatabase(): Promise<string> {
  const name = free.pop() ?? (await newDatabase(templateOfRun()))
  onTestFinished(async () => {
    await onServer(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
       do $$ begin execute (select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity'
         from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations'); end $$`,
      name,
    )
    free.push(name)
  })
  return withDatabase(serverUrl(), name)
}

/** Returns the URL of a database without tables, which goes when the running test ends. */
export async function emptyDatabase(): Promise<string> {
  const name = await newDatabase('template0')
  onTestFinished(async () => void (await onServer(`drop database ${name} with (force)`)))
  return withDatabase(serverUrl(), name)
}

/** Returns the URL of a database that holds our tables, and stays until the run ends. */
export async function keptDatabase(): Promise<string> {
  return withDatabase(serverUrl(), await newDatabase(templateOfRun()))
}

async function newDatabase(template: string): Promise<string> {
  const name = `${templateOfRun()}_${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name} template ${template}`)
  return name
}

function serverUrl(): string {
  const url = process.env[SERVER]
  if (url === undefined) throw new Error('there is no PostgreSQL for tests')
  return url
}
