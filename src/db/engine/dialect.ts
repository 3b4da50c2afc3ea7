import type { CompiledQuery, DialectAdapter, RawBuilder } from 'kysely'
import type { Db } from './schema.js'

/** A query that can lock what it reads. */
interface Lockable<Q> {
  forNoKeyUpdate(): Q
  skipLocked(): Q
}

/**
 * What SQLite and PostgreSQL do not have in common. SQLite lets one writing transaction in at a time: what must be locked
 * elsewhere is nobody else's there, so all its locks are nothing.
 */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** Whether each statement takes a round trip: then one that reads more is better than several. */
  readonly remote: boolean
  /** Returns the type and constraints of a column for those of SQLite. */
  columnType(sqlite: string): string
  /** Returns the columns of a table of ours as `table.column`; of all tables where none is named. */
  columns(db: Db, table?: string): Promise<Set<string>>
  /** Keeps the rows that a query finds as they are until the transaction ends; waits for whoever holds them. */
  locked<Q extends Lockable<Q>>(query: Q): Q
  /** The same, and passes over rows that somebody holds. */
  unlocked<Q extends Lockable<Q>>(query: Q): Q
  /**
   * Returns what takes locks by name until the transaction ends, in the order given; `shared` ones keep out only those who
   * want them for themselves. Null: there is nothing to take.
   */
  namedLocks(db: Db, locks: readonly NamedLock[]): CompiledQuery | null
  /** Returns what has the transaction not wait for the disk: a crash may undo it, never one that came after it alone. Null: none does. */
  unflushed(db: Db): CompiledQuery | null
  /**
   * Returns what makes a table as fast, and as ready for new rows, as if those that came with their keys had come one by one.
   *
   * @param numbered the key, where the engine gives numbers.
   */
  afterCopy(table: string, numbered: string | null): readonly RawBuilder<unknown>[]
  /** Returns the server's or the library's version, whether it is a replica, and whether the user may write and make tables. */
  about(
    db: Db,
    place: string,
  ): Promise<{ version: string; replica: boolean; writes: boolean; creates: boolean }>
  /** Rows `(name, stored, place)` of a JSON list of pairs. */
  pairs(json: string): RawBuilder<unknown>
}

export interface NamedLock {
  name: string
  shared?: boolean
}

/** An adapter of Kysely's that knows its dialect. */
export interface AdapterOfDialect extends DialectAdapter {
  readonly dialect: Dialect
}

/** Returns the dialect of a database or transaction. */
export function dialectOf(db: Db): Dialect {
  return (db.getExecutor().adapter as AdapterOfDialect).dialect
}
