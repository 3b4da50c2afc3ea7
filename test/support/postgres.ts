import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { onTestFinished } from 'vitest'

/** Variable with the URL of the run's server; where it is not set there is none. */
export const SERVER = 'RPA_TEST_SERVER'
/** A database with our tables and nothing in them. */
export const templateOfRun = (): string => `rpa_test_${process.env['RPA_TEST_SEED'] ?? '0'}`

/** The engines that tests of what they share run on. */
export const ENGINES: readonly Engine[] =
  process.env[SERVER] === undefined ? ['sqlite'] : ['sqlite', 'postgres']
export type Engine = 'sqlite' | 'postgres'

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

/** Makes a database with empty tables of ours, or with none, that goes when the running test ends. Returns its URL. */
export async function freshDatabase(template = templateOfRun()): Promise<string> {
  const name = `${templateOfRun()}_${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name} template ${template}`)
  onTestFinished(async () => void (await onServer(`drop database ${name} with (force)`)))
  return withDatabase(serverUrl(), name)
}

function serverUrl(): string {
  const url = process.env[SERVER]
  if (url === undefined) throw new Error('there is no PostgreSQL for tests')
  return url
}
