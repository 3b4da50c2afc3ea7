import type { CompiledQuery, DatabaseConnection } from 'kysely'
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
  transact<T>(db: Db, steps: Steps<T>): Promise<T>
}

const ORDINARY = Symbol('ordinary')

/**
 * Runs steps in one transaction. SQLite answers in microseconds, so there it is done without promises in between: they
 * would cost more than the statements, with the write lock of all processes held. Elsewhere each statement is awaited.
 */
export async function transact<T>(db: Db, steps: () => Steps<T>): Promise<T> {
  const result = await db
    .getExecutor()
    .provideConnection(async (connection) =>
      isStepConnection(connection) ? connection.transact(db, steps()) : ORDINARY,
    )
  if (result !== ORDINARY) return result
  return db.transaction().execute((trx) => perform(trx, steps()))
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
