import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  // Of the metadata; null in rows from before, which are taken as they are.
  executions: { paper_checksum: 'text' },
}

export const checksums: Migration = {
  version: 3,
  name: 'checksums',
  tables: TABLES,
}
