/** The migrations that this program knows, in their order: version and name. */
export const MIGRATIONS = [
  { version: 1, name: 'initial' },
  { version: 2, name: 'limits' },
  { version: 3, name: 'checksums' },
  { version: 4, name: 'own_work' },
  { version: 5, name: 'free-models' },
  { version: 6, name: 'transitions' },
  { version: 7, name: 'response-cache' },
  { version: 8, name: 'tokens-of-caches' },
  { version: 9, name: 'reports' },
  { version: 10, name: 'aside' },
  { version: 11, name: 'changed_papers' },
  { version: 12, name: 'own papers' },
  { version: 14, name: 'redone papers' },
  { version: 15, name: 'command runs' },
  { version: 16, name: 'pipelines' },
] as const

/** The tables of a file in which all of them are done. */
export const TABLES = [
  'blobs',
  'circuits',
  'command_runs',
  'condemned_blobs',
  'daily_usage',
  'execution_leases',
  'executions',
  'free_models',
  'limit_states',
  'llm_calls',
  'machine_checkpoints',
  'machine_configs',
  'machine_latest',
  'machine_runs',
  'machine_transitions',
  'request_gates',
  'schema_migrations',
]
