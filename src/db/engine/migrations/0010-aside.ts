import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  executions: {
    // Papers put aside have statuses of their own, so that no search for work has to pass over them.
    release_to: 'text',
  },
}

export const aside: Migration = {
  version: 10,
  name: 'aside',
  tables: TABLES,
  indexes: [
    'create index if not exists idx_executions_aside on executions (status, priority desc, created_at, execution_id) where release_to is not null',
  ],
}
