import type { CompiledQuery } from 'kysely'
import type { Db } from './prepared.js'
import { SqliteConnection } from './sqlite.js'

/**
 * A transaction written as steps: yields queries, receives their rows, returns its result. Whoever runs it decides how:
 * statement by statement over promises, or, on SQLite, in one go. The statements are the same either way.
 */
export type Steps<T> = Generator<Step, T, unknown[]>

/** Binds a query; the database serves to compile it, once. */
export type Step = (db: Db) => CompiledQuery

/**
 * Runs steps in one transaction. On SQLite nothing waits between its statements: the promises would take longer than
 * the statements do, and the write lock of all processes would be held meanwhile.
 */
export async function transact<T>(db: Db, steps: () => Steps<T>): Promise<T> {
  return db.getExecutor().provideConnection(async (connection) => {
    ...
  })
}
