import type { PoolClient } from 'pg'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { PostgresDialect } from 'kysely'
import { storable } from '../../../core/storable.js'
import { EXIT, RpaError } from '../../../core/errors.js'
import { PostgresDialectAdapter } from '../dialect-postgres.js'
import type { StepQuery } from '../steps.js'
import { TransactionLostError } from '../steps.js'
import type { Connections } from './connections.js'
import { endsConnection, explainPostgresError, isGivenUp } from './errors.js'
import type { Begun } from './outcome.js'
import { outcomeOf } from './outcome.js'
import type { ServerClock } from './server-clock.js'

/** As long as a writer waits for SQLite's lock. */
const STATEMENT_MS = 60_000
/** A process that was stopped, or a machine that is gone, holds up others no longer than that. */
const IDLE_IN_TRANSACTION_MS = 10_000

/** A statement outside of transactions that loses its connection again and again for longer than this is given up. */
const PATIENCE_MS = 120_000

/** Kysely's PostgreSQL dialect over few connections that come back, with the server's clock read at every beginning. */
export class ReconnectingDialect extends PostgresDialect {
  readonly #driver: () => Driver

  constructor(connections: Connections, clock: ServerClock, reading: boolean) {
    super({ pool: async () => Promise.reject(new Error('not used')) })
    this.#driver = () => new ReconnectingDriver(connections, clock, reading)
  }

  override createDriver(): Driver {
    return this.#driver()
  }

  override createAdapter(): PostgresDialectAdapter {
    return new PostgresDialectAdapter()
  }
}

class ReconnectingDriver implements Driver {
  readonly #connections: Connections
  readonly #clock: ServerClock
  readonly #reading: boolean

  constructor(connections: Connections, clock: ServerClock, reading: boolean) {
    this.#connections = connections
    this.#clock = clock
    this.#reading = reading
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    const client = await this.#connections.take()
    return new PostgresConnection(client, this.#connections, this.#clock, this.#reading)
  }

  async beginTransaction(connection: PostgresConnection): Promise<void> {
    await connection.begin()
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    await connection.commit()
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.rollback()
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release()
  }

  async destroy(): Promise<void> {
    await this.#connections.end()
  }
}

/** A connection that is replaced when it is lost between transactions. */
class PostgresConnection implements DatabaseConnection {
  readonly #connections: Connections
  readonly #clock: ServerClock
  readonly #reading: boolean
  #client: PoolClient
  #broken = false
  #inTransaction = false
  /** The transaction, where it may write. */
  #begun: Begun | null = null
  /** Whether BEGIN was answered: a change that came without it would be one by itself. */
  #isBegun = false
  /** Answers of the transaction that are still to come, in their order: of BEGIN, and of what nobody reads. */
  #unread: Promise<unknown>[] = []

  constructor(client: PoolClient, connections: Connections, clock: ServerClock, reading: boolean) {
    this.#client = client
    this.#connections = connections
    this.#clock = clock
    this.#reading = reading
  }

  /** Outside of transactions only what may be done twice is ever sent: reads, and changes that set what they set. */
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#inTransaction) return this.#executeInTransaction(query)
    return this.#patiently(async () => {
      if (!this.#reading) return this.#execute(query)
      await this.#query('begin read only')
      const result = await this.#execute<R>(query)
      await this.#query('commit')
      return result
    })
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('nothing is streamed from PostgreSQL')
  }

  /**
   * Sent together with the first question, as one in which the settings of the session cannot be another's behind a proxy,
   * and the clock is read.
   */
  async begin(): Promise<void> {
    const id = this.#reading ? 'null' : 'pg_current_xact_id()::text'
    const statements = [
      `begin isolation level read committed${this.#reading ? ' read only' : ''}`,
      `set local statement_timeout = ${STATEMENT_MS}`,
      `set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
      `select ${id} as id, extract(epoch from clock_timestamp()) * 1000 as now`,
    ]
    this.#inTransaction = true
    this.#isBegun = false
    this.#begun = null
    const sent = performance.now()
    const answer = this.#query(statements.join('; ')).then((results) => {
      const { rows } = (results as unknown as { rows: BegunRow[] }[]).at(-1) ?? { rows: [] }
      const [{ id: given, now } = { id: null, now: '' }] = rows
      this.#clock.observe(Number(now), sent, performance.now())
      this.#begun = given === null ? null : { id: given, began: Number(now) }
      this.#isBegun = true
    })
    this.#leaveUnread(answer)
  }

  /** @throws TransactionLostError if it is certain that nothing was committed. */
  async commit(): Promise<void> {
    this.#inTransaction = false
    try {
      const { command } = await this.#afterUnread(this.#query('commit'))
      if (command === 'ROLLBACK') throw new Error('a transaction went on after an error')
    } catch (error) {
      if (isGivenUp(error)) throw this.#lost(error)
      if (!this.#broken) throw this.#explain(error)
      // Without an id nothing was changed: that is sent only when the id is there.
      if (this.#begun !== null && (await outcomeOf(this.#connections, this.#begun)) === 'committed') return
      throw this.#lost(error)
    }
  }

  async rollback(): Promise<void> {
    this.#inTransaction = false
    this.#unread = []
    // Whatever it ends with, the server gives up what was not committed.
    if (!this.#broken) await this.#query('rollback').catch(() => undefined)
  }

  release(): void {
    this.#client.release(this.#broken)
  }

  async #executeInTransaction<R>(query: StepQuery): Promise<QueryResult<R>> {
    try {
      if (!this.#isBegun && !isRead(query)) await this.#afterUnread(Promise.resolve())
      const answer = this.#query(query.sql, query.parameters)
      if (query.unread !== true) return resultOf(await this.#afterUnread(answer))
      this.#leaveUnread(answer)
      return { rows: [] }
    } catch (error) {
      throw this.#broken || isGivenUp(error) ? this.#lost(error) : this.#explain(error)
    }
  }

  async #execute<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return resultOf(await this.#query(sql, parameters))
    } catch (error) {
      throw this.#broken ? error : this.#explain(error)
    }
  }

  #leaveUnread(answer: Promise<unknown>): void {
    // Whoever comes next is told of it.
    answer.catch(() => undefined)
    this.#unread.push(answer)
  }

  /** Returns an answer; throws what was wrong with those before, for then this one only says that the transaction has failed. */
  async #afterUnread<T>(answer: Promise<T>): Promise<T> {
    answer.catch(() => undefined)
    for (const earlier of this.#unread.splice(0)) await earlier
    return answer
  }

  async #query(text: string, values: readonly unknown[] = []) {
    try {
      const parameters = values.map((value) => (typeof value === 'string' ? storable(value) : value))
      return await (parameters.length === 0 ? this.#client.query(text) : this.#client.query(text, parameters))
    } catch (error) {
      this.#broken ||= endsConnection(error)
      throw error
    }
  }

  /** Does what may be done again, on another connection where this one is lost. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!this.#broken || performance.now() - began > PATIENCE_MS) throw this.#explain(error)
        this.release()
        this.#client = await this.#connections.take()
        this.#broken = false
      }
    }
  }

  #explain(error: unknown): unknown {
    return explainPostgresError(error, this.#connections.place)
  }

  #lost(error: unknown): TransactionLostError {
    const explained = this.#explain(error)
    const { message, hint } =
      explained instanceof RpaError ? explained : { message: String(error), hint: undefined }
    return new TransactionLostError('db_unreachable', message, {
      ...(hint === undefined ? {} : { hint }),
      exitCode: EXIT.tempfail,
      cause: error,
    })
  }
}

/** It can be asked without a transaction, too. */
function isRead({ sql }: CompiledQuery): boolean {
  return sql.startsWith('select')
}

function resultOf<R>({ rows, rowCount }: Answer): QueryResult<R> {
  return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) }
}

interface Answer {
  rows: unknown[]
  rowCount: number | null
}

interface BegunRow {
  id: string | null
  now: string
}
