import { accessSync, constants } from 'node:fs'
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
  unflushed: () => null,
  afterCopy: () => [],
  async about(db, place) {
    const { rows } = await sql<{ version: string }>`select sqlite_version() as version`.execute(db)
    const { version = '' } = rows[0] ?? {}
    // Who may write the file may do everything; what is read may be a copy of it.
    const writes = isWritable(place)
    return { version: `SQLite ${version}`, replica: false, writes, creates: writes }
  },
  pairs: (json) =>
    sql`select value ->> 0 as name, value ->> 1 as stored, key as place from json_each(${json})`,
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

export class SqliteDialectAdapter extends SqliteAdapter implements AdapterOfDialect {
  readonly dialect = sqlite
}
