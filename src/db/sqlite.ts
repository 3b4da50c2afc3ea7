import type BetterSqlite3 from 'better-sqlite3'
import type { DatabaseConnection, Driver, SqliteDatabase, SqliteStatement } from 'kysely'
import { SqliteDialect, SqliteDriver } from 'kysely'
import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from '../core/errors.js'

/** How long a writer waits for the lock of other processes before it gives up. */
const LOCK_DEADLINE_MS = 60_000
const STATEMENT_BUSY_MS = 10_000

/**
 * Opens every transaction with BEGIN IMMEDIATE: a deferred one that turns from reading to writing fails at once
 * with SQLITE_BUSY, whatever the busy timeout. Waits in short jittered steps instead of in SQLite's own back-off,
 * which blocks the event loop (and lease renewals with it) and starves late comers.
 */
class ImmediateDriver extends SqliteDriver {
  readonly #begin: () => void

  constructor(database: SqliteDatabase, begin: () => void) {
    super({ database })
    this.#begin = begin
  }

  override async beginTransaction(_connection: DatabaseConnection): Promise<void> {
    const deadline = performance.now() + LOCK_DEADLINE_MS
    for (;;) {
      try {
        this.#begin()
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error
        await delay(1 + Math.random() * 8)
      }
    }
  }
}

/** Kysely's SQLite dialect on a better-sqlite3 handle, with cached statements and immediate transactions. */
export class ImmediateSqliteDialect extends SqliteDialect {
  readonly #handle: BetterSqlite3.Database

  constructor(handle: BetterSqlite3.Database) {
    super({ database: cachingDatabase(handle) })
    this.#handle = handle
  }

  override createDriver(): Driver {
    const handle = this.#handle
    const begin = handle.prepare('begin immediate')
    const failFast = handle.prepare('pragma busy_timeout = 0')
    const wait = handle.prepare(`pragma busy_timeout = ${STATEMENT_BUSY_MS}`)
    return new ImmediateDriver(cachingDatabase(handle), () => {
      failFast.get()
      try {
        begin.run()
      } finally {
        wait.get()
      }
    })
  }
}

/** Preparing costs more than running most of our statements, and the set of SQL texts is small and fixed. */
function cachingDatabase(handle: BetterSqlite3.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    prepare(sql) {
      let statement = statements.get(sql)
      if (statement === undefined) {
        statement = handle.prepare(sql) as SqliteStatement
        statements.set(sql, statement)
      }
      return statement
    },
    close: () => handle.close(),
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
  handle.pragma(`busy_timeout = ${STATEMENT_BUSY_MS}`)
  const deadline = performance.now() + LOCK_DEADLINE_MS
  for (;;) {
    try {
      handle.pragma('journal_mode = WAL')
      break
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      await delay(2 + Math.random() * 20)
    }
  }
  handle.pragma('synchronous = NORMAL')
  handle.pragma('journal_size_limit = 67108864')
}
