import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  executions: {
    // Rows of the earlier tool, which name none, go through the full one.
    pipeline: "text not null default 'full'",
  },
}

export const pipelines: Migration = {
  version: 16,
  name: 'pipelines',
  tables: TABLES,
  indexes: ['create index if not exists idx_executions_pipeline on executions (status, pipeline)'],
}
