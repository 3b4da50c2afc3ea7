import { randomBytes } from 'node:crypto'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

/** What tests need of a connection beside our own code. */
export interface RawDatabase {
  prepare(sql: string): RawStatement
  exec(sql: string): unknown
}

export interface RawStatement {
  all(...parameters: unknown[]): unknown[]
  get(...parameters: unknown[]): unknown
  run(...parameters: unknown[]): unknown
  /** Gives the first column alone. */
  pluck(): Pick<RawStatement, 'all' | 'get'>
}

/** Runs what it is sent on the server that it names, one connection each, and wakes whoever waits. */
const PROGRAM = `
  const { workerData: { port, flag } } = require('node:worker_threads')
  const pg = require('pg')
  const types = { getTypeParser: (id, format) => ([20, 1700].includes(id) ? Number : pg.types.getTypeParser(id, format)) }
  const clients = new Map()
  async function connected(url) {
    const known = clients.get(url)
    if (known !== undefined) return known
    const client = new pg.Client({ connectionString: url, types })
    client.on('error', () => clients.delete(url))
    client.on('end', () => clients.delete(url))
    await client.connect()
    clients.set(url, client)
    return client
  }
  port.on('message', async ({ url, sql, parameters }) => {
    try {
      const client = await connected(url)
      const result = await (parameters.length === 0 ? client.query(sql) : client.query(sql, parameters))
      port.postMessage({ rows: Array.isArray(result) ? [] : result.rows })
    } catch (error) {
      port.postMessage({ error: error.message + ' in ' + sql })
    }
    Atomics.store(flag, 0, 1)
    Atomics.notify(flag, 0)
  })`

let helper: { port: MessagePort; flag: Int32Array } | undefined

function startHelper(): { port: MessagePort; flag: Int32Array } {
  const { port1, port2 } = new MessageChannel()
  const flag = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(PROGRAM, { eval: true, workerData: { port: port2, flag }, transferList: [port2] })
  worker.unref()
  port1.unref()
  return { port: port1, flag }
}

type Row = Record<string, unknown>

/** Runs a statement and waits for it without giving way, as better-sqlite3 does. `?` stands for a parameter. */
export function queryPostgres(url: string, sql: string, parameters: readonly unknown[] = []): Row[] {
  const { port, flag } = (helper ??= startHelper())
  let place = 0
  const numbered = parameters.length === 0 ? sql : sql.replaceAll('?', () => `$${(place += 1)}`)
  Atomics.store(flag, 0, 0)
  port.postMessage({ url, sql: numbered, parameters })
  // What wakes it may still be the notice of the answer before.
  while (Atomics.load(flag, 0) === 0) Atomics.wait(flag, 0, 0)
  const answer = receiveMessageOnPort(port)?.message as { rows: Row[]; error?: string }
  if (answer.error !== undefined) throw new Error(answer.error)
  return answer.rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, own(value)])),
  )
}

/** Bytes lose their class on the way. */
function own(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value
}

/** A connection to the DB of a URL. */
export function rawPostgres(url: string): RawDatabase {
  return {
    prepare: (sql) => ({
      all: (...parameters) => queryPostgres(url, sql, parameters),
      get: (...parameters) => queryPostgres(url, sql, parameters)[0],
      run: (...parameters) => queryPostgres(url, sql, parameters),
      pluck: () => ({
        all: (...parameters) => queryPostgres(url, sql, parameters).map((row) => Object.values(row)[0]),
        get: (...parameters) => Object.values(queryPostgres(url, sql, parameters)[0] ?? {})[0],
      }),
    }),
    exec: (sql) => queryPostgres(url, sql),
  }
}

/** Makes a copy of a database that nobody uses any more. Returns its URL. */
export function copyDatabase(url: string): string {
  const own = new URL(url)
  const name = own.pathname.slice(1)
  const copy = `${name.slice(0, 40)}_${randomBytes(6).toString('hex')}`
  own.pathname = '/postgres'
  queryPostgres(own.href, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
  queryPostgres(own.href, `create database ${copy} template ${name}`)
  own.pathname = `/${copy}`
  return own.href
}
