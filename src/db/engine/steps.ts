import type { CompiledQuery, DatabaseConnection, QueryExecutor } from 'kysely'
import type { Db } from './schema.js'

/** Binds a query to its parameters; the database serves to compile it, once. */
export type Step = (db: Db) => CompiledQuery

export interface StepResult {
  rows: unknown[]
  /** Rows changed by a query that returns none. */
  changes: number
}

/**
 * A transaction written as steps: yields queries, is handed what they gave, returns its result. It does not know whether
 * there is a wait between two of its statements; `transact` decides that.
 */
export type Steps<T> = Generator<Step, T, StepResult>

/** A connection that runs all steps of a transaction without a wait between them. */
export interface StepConnection extends DatabaseConnection {
  transact<T>(db: Db, steps: () => Steps<T>): Promise<T>
  /** Does it at once where nobody else uses the connection, or has the lock; else null, and nothing was done. */
  transactNow<T>(db: Db, steps: () => Steps<T>): { value: T } | null
  /** The same for one change in a transaction of its own; returns the number of rows changed. */
  changeNow(change: CompiledQuery): number | null
}

const ORDINARY = Symbol('ordinary')

/** The one connection behind an executor, where it has only one. */
const connections = new WeakMap<QueryExecutor, StepConnection>()

/**
 * Runs steps in one transaction. SQLite answers in microseconds, so there it is done without promises in between: they
 * would cost more than the statements, with the write lock of all processes held. Elsewhere each statement is awaited.
 */
export async function transact<T>(db: Db, steps: () => Steps<T>): Promise<T> {
  const executor = db.getExecutor()
  // Lending the connection takes a good part of what a short transaction does.
  const done = connections.get(executor)?.transactNow(db, steps)
  if (done != null) return done.value
  const result = await executor.provideConnection(async (connection) => {
    if (!isStepConnection(connection)) return ORDINARY
    if (!db.isTransaction) connections.set(executor, connection)
    return connection.transact(db, steps)
  })
  if (result !== ORDINARY) return result
  return db.transaction().execute((trx) => perform(trx, steps()))
}

/**
 * Runs one change in a transaction of its own, where that can be done at once: a statement by itself needs no other two
 * to begin and to commit.
 *
 * @returns the number of rows changed; null: it could not be done at once, and nothing was.
 */
export function changeNow(db: Db, change: Step): number | null {
  return connections.get(db.getExecutor())?.changeNow(change(db)) ?? null
}

/** Runs steps inside a transaction that is open already. */
export async function perform<T>(trx: Db, steps: Steps<T>): Promise<T> {
  let state = steps.next()
  while (state.done !== true) {
    const { rows, numAffectedRows } = await trx.executeQuery(state.value(trx))
    state = steps.next({ rows, changes: Number(numAffectedRows ?? 0) })
  }
  return state.value
}

function isStepConnection(connection: DatabaseConnection): connection is StepConnection {
  return 'transact' in connection
}
