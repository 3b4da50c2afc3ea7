import type BetterSqlite3 from 'better-sqlite3'
import { schemaFault } from './errors.js'
import { columnsInForce } from './migrate.js'

/**
 * Looks for every table and column that this program uses, before anything is claimed or sent: a result that cannot be
 * stored has been paid for in vain.
 *
 * @throws RpaError `db_schema` naming the first that is missing.
 */
export function requireSchema(handle: BetterSqlite3.Database, path: string): void {
  const rows = handle
    .prepare(
      "select m.name || '.' || p.name from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table'",
    )
    .pluck()
    .all() as string[]
  const found = new Set(rows)
  for (const [table, columns] of columnsInForce()) {
    const missing = [...columns].filter((column) => !found.has(`${table}.${column}`))
    if (missing.length === columns.size) throw schemaFault(path, `the table ${table} is missing`)
    if (missing.length > 0) throw schemaFault(path, `the table ${table} has no column ${missing.join(', ')}`)
  }
}
