import { random } from '../../core/chance.js'
import type BetterSqlite3 from 'better-sqlite3'
import type { CompiledQuery, Driver, QueryResult } from 'kysely'
import { SqliteDialect } from 'kysely'
import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from '../../core/errors.js'
import { SqliteDialectAdapter } from './dialect-sqlite.js'
import { DiskFullError } from './disk-fault.js'
import { explainDatabaseError } from './errors.js'
import type { Db } from './prepared.js'
import type { LocalConnection, StepResult, Steps } from './steps.js'
import { NOTHING } from './steps.js'

/** How long a writer waits for the lock of other processes before it gives up. */
const LOCK_DEADLINE_MS = 60_000

/** Kysely's SQLite dialect on a better-sqlite3 handle, with cached statements and immediate transactions. */
export class ImmediateSqliteDialect extends SqliteDialect {
  readonly #handle: BetterSqlite3.Database
  readonly #hooks: WriteHooks

  constructor(handle: BetterSqlite3.Database, hooks: WriteHooks = NO_HOOKS) {
    super({ database: handle })
    this.#handle = handle
    this.#hooks = hooks
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#handle, this.#hooks)
  }

  override createAdapter(): SqliteDialectAdapter {
    return new SqliteDialectAdapter()
  }
}

export interface WriteHooks {
  /** Called before each transaction and each query outside of one; what it throws keeps it from beginning. */
  beforeUse: () => void
  /** Called when the disk is full; true: there is room now, and steps are performed once more. */
  regainRoom: () => boolean
}

const NO_HOOKS: WriteHooks = { beforeUse: () => undefined, regainRoom: () => false }

/** One connection, lent to one user at a time in the order of asking. */
class ImmediateDriver implements Driver {
  readonly #handle: BetterSqlite3.Database
  readonly #connection: SqliteConnection
  readonly #waiting: (() => void)[] = []
  #lent = false

  constructor(handle: BetterSqlite3.Database, hooks: WriteHooks) {
    this.#handle = handle
    this.#connection = new SqliteConnection(handle, hooks, () => !this.#lent)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SqliteConnection> {
    if (this.#lent) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#lent = true
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift()
    if (next === undefined) this.#lent = false
    else next()
  }

  async beginTransaction(connection: SqliteConnection): Promise<void> {
    await connection.begin()
  }

  async commitTransaction(connection: SqliteConnection): Promise<void> {
    connection.commit()
  }

  async rollbackTransaction(connection: SqliteConnection): Promise<void> {
    connection.rollback()
  }

  async destroy(): Promise<void> {
    this.#handle.close()
  }
}

/**
 * Every transaction begins with BEGIN IMMEDIATE: a deferred one that turns from reading to writing fails at once with
 * SQLITE_BUSY, whatever the busy timeout. Whoever finds the lock taken tries again in short jittered steps instead of
 * in SQLite's own back-off, which blocks the event loop (and lease renewals with it) and starves late comers.
 */
class SqliteConnection implements LocalConnection {
  readonly #handle: BetterSqlite3.Database
  /** Preparing costs more than running most of our statements, and the set of SQL texts is small and fixed. */
  readonly #statements = new Map<string, BetterSqlite3.Statement>()
  readonly #hooks: WriteHooks
  readonly #isFree: () => boolean

  /** @param isFree whether nobody has borrowed it. */
  constructor(handle: BetterSqlite3.Database, hooks: WriteHooks, isFree: () => boolean) {
    this.#handle = handle
    this.#hooks = hooks
    this.#isFree = isFree
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    // A daemon without work only reads.
    if (!this.#handle.inTransaction) this.#hooks.beforeUse()
    return this.#whenFree(() => {
      const { rows, changes } = this.#run(sql, parameters)
      return { rows: rows as R[], numAffectedRows: BigInt(changes) }
    })
  }

  async *streamQuery<R>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    for (const row of this.#handle.prepare(sql).iterate(parameters)) yield { rows: [row as R] }
  }

  async transact<T>(db: Db, steps: () => Steps<T>): Promise<T> {
    await this.begin()
    try {
      return this.#perform(db, steps())
    } catch (error) {
      if (!(error instanceof DiskFullError) || !this.#hooks.regainRoom()) throw error
      await this.begin()
      return this.#perform(db, steps())
    }
  }

  transactNow<T>(db: Db, steps: () => Steps<T>): { value: T } | null {
    if (!this.#isFree()) return null
    this.#hooks.beforeUse()
    try {
      this.#statement('begin immediate').run()
    } catch (error) {
      if (isBusy(error)) return null
      throw explainDatabaseError(error, this.#handle.name)
    }
    try {
      return { value: this.#perform(db, steps()) }
    } catch (error) {
      // Done the ordinary way then, which gives up no room that is there.
      if (error instanceof DiskFullError && this.#hooks.regainRoom()) return null
      throw error
    }
  }

  changeNow({ sql, parameters }: CompiledQuery): number | null {
    if (!this.#isFree()) return null
    this.#hooks.beforeUse()
    try {
      return this.#statement(sql).run(parameters).changes
    } catch (error) {
      if (isBusy(error)) return null
      throw explainDatabaseError(error, this.#handle.name)
    }
  }

  #perform<T>(db: Db, steps: Steps<T>): T {
    try {
      let state = steps.next()
      while (state.done !== true) {
        const query = state.value(db)
        state = steps.next(query === null ? NOTHING : this.#run(query.sql, query.parameters))
      }
      this.commit()
      return state.value
    } catch (error) {
      this.rollback()
      throw explainDatabaseError(error, this.#handle.name)
    }
  }

  async begin(): Promise<void> {
    this.#hooks.beforeUse()
    await this.#whenFree(() => void this.#statement('begin immediate').run())
  }

  commit(): void {
    try {
      this.#statement('commit').run()
    } catch (error) {
      throw explainDatabaseError(error, this.#handle.name)
    }
  }

  /** Where the disk is full SQLite has rolled back by itself; asking again would hide the cause behind a second error. */
  rollback(): void {
    if (this.#handle.inTransaction) this.#statement('rollback').run()
  }

  async #whenFree<T>(action: () => T): Promise<T> {
    const started = performance.now()
    for (;;) {
      try {
        return action()
      } catch (error) {
        const waited = performance.now() - started
        if (!isBusy(error) || waited > LOCK_DEADLINE_MS) throw explainDatabaseError(error, this.#handle.name)
        await delay(1 + random() * 8)
      }
    }
  }

  #run(sql: string, parameters: readonly unknown[]): StepResult {
    const statement = this.#statement(sql)
    return statement.reader
      ? { rows: statement.all(parameters), changes: 0 }
      : { rows: [], changes: statement.run(parameters).changes }
  }

  #statement(sql: string): BetterSqlite3.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#handle.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/** Returns whether SQLite refused because another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = systemCode(error)
  return code !== null && (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
}

/**
 * Sets what every connection needs. Switching a new file to WAL takes an exclusive lock and does not use the busy
 * timeout, so two processes that create the file together must try again.
 */
export async function applyPragmas(handle: BetterSqlite3.Database): Promise<void> {
  handle.pragma('busy_timeout = 0')
  const deadline = performance.now() + LOCK_DEADLINE_MS
  for (;;) {
    try {
      handle.pragma('journal_mode = WAL')
      break
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      await delay(2 + random() * 20)
    }
  }
  handle.pragma('synchronous = NORMAL')
  handle.pragma('journal_size_limit = 67108864')
}
