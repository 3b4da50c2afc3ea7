import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  executions: {
    // A version later than the one that was read; null: none is known.
    newer_version: 'integer',
    // When it became known that the paper was withdrawn; null: it was not.
    withdrawn_at: 'text',
  },
}

const INDEXES = [
  'create index if not exists idx_executions_changed on executions (arxiv_id) where newer_version is not null or withdrawn_at is not null',
]

export const changedPapers: Migration = {
  version: 11,
  name: 'changed_papers',
  tables: TABLES,
  indexes: INDEXES,
}
