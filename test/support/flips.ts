import BetterSqlite3 from 'better-sqlite3'
import { readFileSync, writeFileSync } from 'node:fs'

/** Returns a whole number from 0 up to, and without, a bound. */
export type Draw = (below: number) => number

/** Returns whole numbers drawn by chance of [0, 1). */
export function drawOf(random: () => number): Draw {
  return (below) => Math.floor(random() * below)
}

interface Column {
  name: string
  table: string
}

/** Flips one bit of one stored value: any row of any table, any column that holds something. Returns where. */
export function flipStoredBit(path: string, draw: Draw): string {
  const db = new BetterSqlite3(path)
  try {
    const columns = db
      .prepare(
        `select m.name as "table", c.name as name from sqlite_master m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite_%'`,
      )
      .all() as Column[]
    for (;;) {
      const { table, name } = columns[draw(columns.length)] ?? { table: '', name: '' }
      const rows = db
        .prepare(`select rowid as id, "${name}" as value from "${table}" where "${name}" is not null`)
        .all() as { id: number; value: string | number | Buffer }[]
      const row = rows[draw(rows.length)]
      if (row === undefined || row.value === '' || row.value === 0) continue
      const flipped = flip(row.value, draw)
      // A text with any bytes, as a disk would have it.
      const place = typeof row.value === 'string' ? 'cast(? as text)' : '?'
      db.prepare(`update or ignore "${table}" set "${name}" = ${place} where rowid = ?`).run(flipped, row.id)
      return `${table}.${name} of row ${row.id}: ${String(row.value).slice(0, 80)}`
    }
  } finally {
    db.close()
  }
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
