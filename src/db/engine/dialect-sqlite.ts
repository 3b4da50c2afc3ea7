import { sql, SqliteAdapter } from 'kysely'
import type { AdapterOfDialect, Dialect } from './dialect.js'

const TABLE_COLUMNS =
  "select m.name || '.' || p.name as name from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table'"

const sqlite: Dialect = {
  name: 'sqlite',
  remote: false,
  columnType: (type) => type,
  async columns(db, table) {
    const of = table === undefined ? sql`` : sql` and m.name = ${table}`
    const { rows } = await sql<{ name: string }>`${sql.raw(TABLE_COLUMNS)}${of}`.execute(db)
    return new Set(rows.map((row) => row.name))
  },
  locked: (query) => query,
  unlocked: (query) => query,
  namedLocks: () => null,
  pairs: (json) =>
    sql`select value ->> 0 as name, value ->> 1 as stored, key as place from json_each(${json})`,
}

export class SqliteDialectAdapter extends SqliteAdapter implements AdapterOfDialect {
  readonly dialect = sqlite
}
