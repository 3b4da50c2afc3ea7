import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  // One row for each machine that went to work on a paper, or on a part of it.
  machine_runs: {
    run_id: 'integer primary key',
    execution_id: 'text not null',
    machine_name: 'text not null',
    // Of the machine file, in machine_configs; null: not known.
    config_hash: 'text',
    created_at: 'text not null',
  },
  machine_transitions: {
    // run_id * 2^20 + number: the rows of a run lie side by side, in order, without an index of their own.
    transition_id: 'integer primary key',
    created_at: 'text not null',
    // CRC-32 over the run, all transitions before and this one.
    checksum: 'integer not null',
    // JSON: what differs from the snapshot before; the first of a run is whole.
    delta: 'text not null',
  },
}

const INDEXES: readonly string[] = [
  'create index if not exists idx_machine_runs_execution on machine_runs (execution_id)',
]

export const transitions: Migration = {
  version: 6,
  name: 'transitions',
  tables: TABLES,
  indexes: INDEXES,
}
