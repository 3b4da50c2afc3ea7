import { sql } from 'kysely'
import type { Db } from '../prepared.js'

/** SQL type and constraints of each column. */
export type Columns = Record<string, string>

/** Creates a table, or gives one that exists the columns it lacks; nothing that is there is changed or dropped. */
export async function createOrComplete(trx: Db, table: string, columns: Columns): Promise<void> {
  const existing = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(trx)
  const names = new Set(existing.rows.map((row) => row.name))
  if (names.size === 0) {
    const list = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
    await sql.raw(`create table ${table} (${list.join(', ')})`).execute(trx)
    return
  }
  for (const [name, type] of Object.entries(columns)) {
    if (!names.has(name)) await sql.raw(`alter table ${table} add column ${name} ${type}`).execute(trx)
  }
}
