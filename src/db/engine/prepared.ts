import type { Compilable, CompiledQuery, InsertResult, UpdateResult } from 'kysely'
import type { Dialect } from './dialect.js'
import { dialectOf } from './dialect.js'
import type { Db } from './schema.js'
import type { Steps } from './steps.js'
import { changeNow, transact } from './steps.js'

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
  /** A step that is not waited for: what it gives is there after any later step that is. */
  ahead(params: P): Steps<Later<R>>
}

/** What was asked ahead. */
export interface Later<R> {
  /** Returns the answer; not before a later question was answered. */
  rows(): R[]
  /** False even after a transaction was committed where all that is known of it is just that: its line was cut. */
  isKnown(): boolean
}

class Asked<R> implements Later<R> {
  answer: R[] | undefined
  isRemote = false

  rows(): R[] {
    if (this.answer === undefined) throw new Error('nothing that was asked later is answered yet')
    return this.answer
  }

  isKnown(): boolean {
    return this.answer !== undefined
  }
}

export interface PreparedWrite<P> {
  /** A step of a transaction; gives the number of rows that were changed. */
  step(params: P): Steps<number>
  /** A step whose answer nobody waits for. */
  unread(params: P): Steps<void>
  /** A transaction of its own, which may be done twice where its answer is lost; the same number. */
  alone(db: Db, params: P): Promise<number>
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
  return Object.assign(async (db: Db, params: P) => (await db.executeQuery<R>(bind(db, params))).rows, {
    *step(params: P): Steps<R[]> {
      return (yield (db) => bind(db, params)).rows as R[]
    },
    *ahead(params: P): Steps<Later<R>> {
      const asked = new Asked<R>()
      const { rows } = yield (db) => {
        const query = bind(db, params)
        if (!dialectOf(db).remote) return query
        asked.isRemote = true
        return { ...query, told: (result) => void (asked.answer = result.rows as R[]) }
      }
      if (!asked.isRemote) asked.answer = rows as R[]
      return asked
    },
  })
}

/** The same for a change that returns no rows: RETURNING would cost as much again as a small change itself. */
export function preparedWrite<P extends ParamValues<P>>(
  build: (db: Db, params: P) => Compilable<InsertResult | UpdateResult>,
): PreparedWrite<P> {
  const bind = compiledOnce<P, InsertResult | UpdateResult>(build)
  function* step(params: P): Steps<number> {
    return (yield (db) => bind(db, params)).changes
  }
  return {
    step,
    async alone(db: Db, params: P): Promise<number> {
      if (!dialectOf(db).remote) return transact(db, () => step(params))
      return Number((await db.executeQuery(bind(db, params))).numAffectedRows ?? 0)
    },
    *unread(params: P): Steps<void> {
      yield (db) => {
        const { sql, query, queryId, parameters } = bind(db, params)
        return { sql, query, queryId, parameters, fixed: true, unread: true }
      }
    },
    now: (db, params) => changeNow(db, (one) => bind(one, params)),
  }
}

interface FixedQuery<R> extends CompiledQuery<R> {
  readonly fixed: true
}

function compiledOnce<P extends ParamValues<P>, R>(
  build: (db: Db, params: P) => Compilable<R>,
): (db: Db, params: P) => FixedQuery<R> {
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
    return { sql, query, queryId, parameters, fixed: true }
  }
}
