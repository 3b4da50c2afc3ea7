import { dialectOf } from './dialect.js'
import { schemaFault } from './errors.js'
import { columnsInForce } from './migrate.js'
import type { Db } from './prepared.js'

/**
 * Looks for every table and column that this program uses, before anything is claimed or sent: a result that cannot be
 * stored has been paid for in vain.
 *
 * @param place the DB, for messages.
 * @throws RpaError `db_schema` naming the first that is missing.
 */
export async function requireSchema(db: Db, place: string): Promise<void> {
  const found = await dialectOf(db).columns(db)
  for (const [table, columns] of columnsInForce()) {
    const missing = [...columns.keys()].filter((column) => !found.has(`${table}.${column}`))
    if (missing.length === columns.size) throw schemaFault(place, `the table ${table} is missing`)
    if (missing.length > 0) throw schemaFault(place, `the table ${table} has no column ${missing.join(', ')}`)
  }
}
