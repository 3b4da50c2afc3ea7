import type { Compilable, CompiledQuery, InsertResult, UpdateResult } from 'kysely'
import type { Dialect } from './dialect.js'
import { dialectOf } from './dialect.js'
import type { Db } from './schema.js'
import type { Steps } from './steps.js'
import { changeNow } from './steps.js'

export type { Db }

type ParamValues<P> = { [K in keyof P]: string | number | null | Uint8Array }

class Param {
  constructor(readonly name: string) {}
}

export interface Prepared<P, R> {
  /** Runs the query on a database or transaction. */
  (db: Db, params: P): Promise<R[]>
  /** The same as a step of a transaction: `const rows = yield* query.step(params)`. */
  step(params: P): Steps<R[]>
}

export interface PreparedWrite<P> {
  /** A step of a transaction; gives the number of rows that were changed. */
  step(params: P): Steps<number>
  /** A step whose answer nobody waits for. */
  unread(params: P): Steps<void>
  /** A transaction of its own where that can be done at once; the same number, or null. */
  now(db: Db, params: P): number | null
}

/**
 * Builds and compiles a query once and runs it with fresh parameters ever after: building the tree and compiling it
 * costs more than SQLite takes for most of our statements.
 *
 * @param build receives the database and, for every parameter, a placeholder of that parameter's type.
 */
export function prepared<P extends ParamValues<P>, R>(
  build: (db: Db, params: P) => Compilable<R>,
): Prepared<P, R> {
  const bind = compiledOnce(build)
  return Object.assign(async (db: Db, params: P) => (await db.executeQuery(bind(db, params))).rows, {
    *step(params: P): Steps<R[]> {
      return (yield (db) => bind(db, params)).rows as R[]
    },
  })
}

/** The same for a change that returns no rows: RETURNING would cost as much again as a small change itself. */
export function preparedWrite<P extends ParamValues<P>>(
  build: (db: Db, params: P) => Compilable<InsertResult | UpdateResult>,
): PreparedWrite<P> {
  const bind = compiledOnce<P, InsertResult | UpdateResult>(build)
  return {
    *step(params: P): Steps<number> {
      return (yield (db) => bind(db, params)).changes
    },
    *unread(params: P): Steps<void> {
      yield (db) => ({ ...bind(db, params), unread: true })
    },
    now: (db, params) => changeNow(db, (one) => bind(one, params)),
  }
}

function compiledOnce<P extends ParamValues<P>, R>(
  build: (db: Db, params: P) => Compilable<R>,
): (db: Db, params: P) => CompiledQuery<R> {
  const known = new Map<Dialect, CompiledQuery<R>>()
  let last: { dialect: Dialect; compiled: CompiledQuery<R> } | undefined
  const placeholders = new Proxy({} as P & object, {
    get: (_, name) => new Param(String(name)),
  })
  return (db, params) => {
    const dialect = dialectOf(db)
    if (last?.dialect !== dialect) {
      const compiled = known.get(dialect) ?? build(db, placeholders).compile()
      known.set(dialect, compiled)
      last = { dialect, compiled }
    }
    const { compiled } = last
    const { sql, query, queryId } = compiled
    const parameters = compiled.parameters.map((value) =>
      value instanceof Param ? params[value.name as keyof P] : value,
    )
    return { sql, query, queryId, parameters }
  }
}
