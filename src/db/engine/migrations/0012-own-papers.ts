import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  executions: {
    // JSON of what was read of a PDF that was seeded itself, so that any machine can work on it.
    source_text: 'text',
  },
}

export const ownPapers: Migration = {
  version: 12,
  name: 'own papers',
  tables: TABLES,
}
