import type { Migration } from './migration.js'
import type { Columns } from './table.js'
import { createOrComplete } from './table.js'

const TABLES: Record<string, Columns> = {
  // Of the metadata; null in rows from before, which are taken as they are.
  executions: { paper_checksum: 'text' },
}

export const checksums: Migration = {
  version: 3,
  name: 'checksums',
  tables: TABLES,
  async up(trx) {
    for (const [table, columns] of Object.entries(TABLES)) await createOrComplete(trx, table, columns)
  },
}
