import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Database } from './schema.js'
import type { Steps } from './steps.js'

export type Db = Kysely<Database>

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

/**
 * Builds and compiles a query once and runs it with fresh parameters ever after: building the tree and compiling it
 * costs more than SQLite takes for most of our statements.
 *
 * @param build receives the database and, for every parameter, a placeholder of that parameter's type.
 */
export function prepared<P extends ParamValues<P>, R>(
  build: (db: Db, params: P) => Compilable<R>,
): Prepared<P, R> {
  let compiled: CompiledQuery<R> | undefined
  const placeholders = new Proxy({} as P & object, {
    get: (_, name) => new Param(String(name)),
  })
  const bind = (db: Db, params: P): CompiledQuery<R> => {
    compiled ??= build(db, placeholders).compile()
    const { sql, query, queryId } = compiled
    const parameters = compiled.parameters.map((value) =>
      value instanceof Param ? params[value.name as keyof P] : value,
    )
    return { sql, query, queryId, parameters }
  }
  return Object.assign(async (db: Db, params: P) => (await db.executeQuery(bind(db, params))).rows, {
    *step(params: P): Steps<R[]> {
      return (yield (db) => bind(db, params)) as R[]
    },
  })
}
