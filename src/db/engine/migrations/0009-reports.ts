import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  executions: {
    // JSON with the Markdown of the report, as any machine can read it: `result_path` is one machine's copy.
    report: 'text',
  },
}

export const reports: Migration = {
  version: 9,
  name: 'reports',
  tables: TABLES,
}
