import type { CompiledQuery, DatabaseConnection, QueryExecutor } from 'kysely'
import { setTimeout as delay } from 'node:timers/promises'
import { random } from '../../core/chance.js'
import { RpaError } from '../../core/errors.js'
import type { NamedLock } from './dialect.js'
import { dialectOf } from './dialect.js'
import type { Db } from './schema.js'

/** A query of a transaction. */
export interface StepQuery extends CompiledQuery {
  /**
   * Nobody looks at its answer: where each statement takes a round trip, the next one is sent without waiting for it. What
   * is wrong with it shows there, or when the transaction is committed.
   */
  readonly unread?: true
  /** The same, for what is looked at later: it is handed the answer before any later question is answered. */
  readonly told?: (result: StepResult) => void
  /** Its text is one of a fixed number: a server may keep it, with its plan. */
  readonly fixed?: true
}

/**
 * Binds a query to its parameters; the database serves to compile it, once. Null: there is nothing to do on this
 * dialect, which gives {@link NOTHING}.
 */
export type Step = (db: Db) => StepQuery | null

export interface StepResult {
  rows: unknown[]
  /** Rows changed by a query that returns none. */
  changes: number
}

export const NOTHING: StepResult = { rows: [], changes: 0 }

/**
 * A transaction written as steps: yields queries, is handed what they gave, returns its result. It does not know whether
 * there is a wait between two of its statements; `transact` decides that.
 */
export type Steps<T> = Generator<Step, T, StepResult>

/** A connection that runs all steps of a transaction without a wait between them. */
export interface StepConnection extends DatabaseConnection {
  transact<T>(db: Db, steps: () => Steps<T>): Promise<T>
}

/** The only connection that there is, which answers at once. */
export interface LocalConnection extends StepConnection {
  /** Does it at once where nobody else uses the connection, or has the lock; else null, and nothing was done. */
  transactNow<T>(db: Db, steps: () => Steps<T>): { value: T } | null
  /** The same for one change in a transaction of its own; returns the number of rows changed. */
  changeNow(change: CompiledQuery): number | null
}

/** The one connection behind an executor, where it has only one. */
const connections = new WeakMap<QueryExecutor, LocalConnection>()

/**
 * Runs steps in one transaction. SQLite answers in microseconds, so there it is done without promises in between: they
 * would cost more than the statements, with the write lock of all processes held. Elsewhere answers are awaited, and it is done
 * once more where a transaction was lost.
 *
 * @throws TransactionLostError if it was lost again and again, and what the steps throw.
 */
export async function transact<T>(db: Db, steps: () => Steps<T>): Promise<T> {
  const executor = db.getExecutor()
  // Lending the connection takes a good part of what a short transaction does.
  const done = connections.get(executor)?.transactNow(db, steps)
  if (done != null) return done.value
  return untilKept(() =>
    executor.provideConnection(async (connection) => {
      if (isLocal(connection) && !db.isTransaction) connections.set(executor, connection)
      return (connection as StepConnection).transact(db, steps)
    }),
  )
}

/** A transaction that is lost again and again for longer than this passes its error on. */
const PATIENCE_MS = 120_000
const FIRST_WAIT_MS = 10
const LONGEST_WAIT_MS = 1000

/** A transaction was not committed, through no fault of its own: a server that ended, or a deadlock. Nothing of it is left. */
export class TransactionLostError extends RpaError {}

/**
 * Does work in one transaction, once more where a transaction was lost.
 *
 * @param work may be called several times; all it does beside the transaction must be harmless then.
 * @throws TransactionLostError if it was lost again and again, and what `work` throws.
 */
export async function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  return untilKept(() => db.transaction().execute(work))
}

async function untilKept<T>(attempt: () => Promise<T>): Promise<T> {
  const began = performance.now()
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof TransactionLostError) || performance.now() - began > PATIENCE_MS) throw error
      await delay(wait * random())
    }
  }
}

/**
 * Runs one change in a transaction of its own, where that can be done at once: a statement by itself needs no other two
 * to begin and to commit.
 *
 * @returns the number of rows changed; null: it could not be done at once, and nothing was.
 */
export function changeNow(db: Db, change: Step): number | null {
  const query = change(db)
  return query === null ? null : (connections.get(db.getExecutor())?.changeNow(query) ?? null)
}

/** Runs steps inside a transaction that is open already. */
export async function perform<T>(trx: Db, steps: Steps<T>): Promise<T> {
  let state = steps.next()
  while (state.done !== true) {
    const query = state.value(trx)
    state = steps.next(query === null ? NOTHING : await execute(trx, query))
  }
  return state.value
}

async function execute(trx: Db, { told, ...query }: StepQuery): Promise<StepResult> {
  const { rows, numAffectedRows } = await trx.executeQuery(query)
  const result = { rows, changes: Number(numAffectedRows ?? 0) }
  told?.(result)
  return result
}

/**
 * A step for a transaction that means nothing until a later one is committed: it does not wait for the disk, with its locks
 * held. A crash of the server may undo it, but not without undoing the later one too.
 */
export function* commitUnflushed(): Steps<void> {
  yield (db) => asUnread(dialectOf(db).unflushed(db))
}

/**
 * A step that takes locks by name until the transaction ends, in the order given. Where one transaction runs at a time
 * there is nothing to take.
 */
export function* takeLocks(...locks: readonly NamedLock[]): Steps<void> {
  yield (db) => asUnread(dialectOf(db).namedLocks(db, locks))
}

function asUnread(query: CompiledQuery | null): StepQuery | null {
  return query === null ? null : { ...query, unread: true, fixed: true }
}

function isLocal(connection: DatabaseConnection): connection is LocalConnection {
  return 'transactNow' in connection
}
