import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Database } from './schema.js'

export type Db = Kysely<Database>

type ParamValues<P> = { [K in keyof P]: string | number | null | Uint8Array }

class Param {
  constructor(readonly name: string) {}
}

/**
 * Builds and compiles a query once and runs it with fresh parameters ever after: building the tree and compiling it
 * costs more than SQLite takes for most of our statements.
 *
 * @param build receives the database and, for every parameter, a placeholder of that parameter's type.
 * @returns a function from an executor (database or transaction) and parameter values to the rows.
 */
export function prepared<P extends ParamValues<P>, R>(
  build: (db: Db, params: P) => Compilable<R>,
): (db: Db, params: P) => Promise<R[]> {
  let compiled: CompiledQuery<R> | undefined
  const placeholders = new Proxy({} as P & object, {
    get: (_, name) => new Param(String(name)),
  })
  return async (db, params) => {
    compiled ??= build(db, placeholders).compile()
    const query: CompiledQuery<R> = {
      ...compiled,
      parameters: compiled.parameters.map((value) =>
        value instanceof Param ? params[value.name as keyof P] : value,
      ),
    }
    return (await db.executeQuery(query)).rows
  }
}
