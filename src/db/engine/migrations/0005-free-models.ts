import type { Columns, Migration } from './migration.js'

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
}
