import type { Migration } from './migration.js'
import type { Columns } from './table.js'
import { createOrComplete } from './table.js'

const TABLES: Record<string, Columns> = {
  free_models: {
    endpoint: 'text primary key',
    // JSON list of the ids that the endpoint asks nothing for.
    models: 'text not null',
    checked_at: 'text not null',
  },
}

export const freeModels: Migration = {
  version: 5,
  name: 'free-models',
  tables: TABLES,
  async up(trx) {
    for (const [table, columns] of Object.entries(TABLES)) await createOrComplete(trx, table, columns)
  },
}
