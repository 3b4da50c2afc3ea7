import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  // The last run of each command.
  command_runs: {
    command: 'text primary key',
    owner_id: 'text not null',
    started_at: 'text not null',
    // Null: it runs, or was killed.
    ended_at: 'text',
    exit_code: 'integer',
    // JSON of what came of it, or of its error.
    result: 'text',
  },
}

export const commandRuns: Migration = {
  version: 15,
  name: 'command runs',
  tables: TABLES,
}
