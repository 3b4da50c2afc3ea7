import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  executions: {
    // The version for which a paper that was done was put back in the queue; null: it never was.
    redone_version: 'integer',
    // When that was.
    redone_at: 'text',
  },
}

export const redone: Migration = {
  version: 14,
  name: 'redone papers',
  tables: TABLES,
}
