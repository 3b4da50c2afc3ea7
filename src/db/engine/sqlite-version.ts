import BetterSqlite3 from 'better-sqlite3'

/** Returns the version of the SQLite that is in use. Throws what the loading of a native module throws. */
export function sqliteVersion(): string {
  const db = new BetterSqlite3(':memory:')
  try {
    return String(db.prepare('select sqlite_version()').pluck().get())
  } finally {
    db.close()
  }
}
