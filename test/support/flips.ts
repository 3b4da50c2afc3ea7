import BetterSqlite3 from 'better-sqlite3'
import { readFileSync, writeFileSync } from 'node:fs'

/** Returns a whole number from 0 up to, and without, a bound. */
export type Draw = (below: number) => number

/** Returns whole numbers drawn by chance of [0, 1). */
export function drawOf(random: () => number): Draw {
  return (below) => Math.floor(random() * below)
}

/** Returns each column of each table that holds something, in order. */
export function storedColumns(path: string): string[] {
  const db = new BetterSqlite3(path, { readonly: true })
  try {
    const columns = db
      .prepare(
        `select m.name as "table", c.name as name from sqlite_master m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite_%' order by m.name, c.cid`,
      )
      .all() as { table: string; name: string }[]
    return columns
      .filter(({ table, name }) => valuesOf(db, table, name).length > 0)
      .map(({ table, name }) => `${table}.${name}`)
  } finally {
    db.close()
  }
}

/** Flips one bit of one value, of any row, of a column (`TABLE.COLUMN`) that holds something. Returns where. */
export function flipStoredBit(path: string, draw: Draw, column: string): string {
  const [table = '', name = ''] = column.split('.')
  const db = new BetterSqlite3(path)
  try {
    const rows = valuesOf(db, table, name)
    const { id, value } = rows[draw(rows.length)]!
    // A text with any bytes, as a disk would have it.
    const place = typeof value === 'string' ? 'cast(? as text)' : '?'
    db.prepare(`update or ignore "${table}" set "${name}" = ${place} where rowid = ?`).run(
      flip(value, draw),
      id,
    )
    return `${column} of row ${id}: ${String(value).slice(0, 80)}`
  } finally {
    db.close()
  }
}

interface Stored {
  id: number
  value: string | number | Buffer
}

function valuesOf(db: BetterSqlite3.Database, table: string, name: string): Stored[] {
  const rows = db
    .prepare(`select rowid as id, "${name}" as value from "${table}" where "${name}" is not null`)
    .all() as Stored[]
  return rows.filter(({ value }) => value !== '' && value !== 0)
}

function flip(value: string | number | Buffer, draw: Draw): number | Buffer {
  if (typeof value === 'number') return Number.isInteger(value) ? value ^ (1 << draw(16)) : value * 2
  const bytes = Buffer.from(value)
  flipIn(bytes, draw)
  return bytes
}

/** Flips one bit of a file. Returns where. */
export function flipFileBit(path: string, draw: Draw): string {
  const bytes = readFileSync(path)
  const place = flipIn(bytes, draw)
  writeFileSync(path, bytes)
  return `byte ${place}`
}

function flipIn(bytes: Buffer, draw: Draw): number {
  const place = draw(bytes.length)
  bytes[place] = (bytes[place] ?? 0) ^ (1 << draw(8))
  return place
}
