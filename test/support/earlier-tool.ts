import BetterSqlite3 from 'better-sqlite3'

/** One row of `executions` as the earlier tool left it, with what belongs to it in other tables. */
export interface EarlierRow {
  id: string
  status: string
  /** Object: stored as JSON; text: as it is. */
  prep?: unknown
  analysis?: unknown
  result_path?: string
  error?: string
  /** Its enqueueing scripts stored scores here. */
  priority?: number
  updated_at?: string
  /** Epoch seconds up to which somebody holds the lease. */
  lease_until?: number
  snapshot?: { machine: string; event: string; state: string; context: Record<string, unknown> }
}

export interface EarlierFile {
  rows: readonly EarlierRow[]
  /** day → cheap and expensive requests */
  usage?: Record<string, [cheap: number, expensive: number]>
  /** A file of the first versions: without priority, expensive_output, waiting_channel and machine_configs. */
  older?: boolean
}

export const EARLIER_TIME = '2026-03-04T08:00:00.123456+00:00'

function schema(older: boolean): string {
  return `
  CREATE TABLE executions (execution_id TEXT PRIMARY KEY, arxiv_id TEXT NOT NULL, paper_id INTEGER NOT NULL,
    title TEXT NOT NULL, authors TEXT NOT NULL DEFAULT '', abstract TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'pending', created_at TEXT NOT NULL, updated_at TEXT NOT NULL, prep_output TEXT,
    ${older ? '' : 'expensive_output TEXT,'} result_path TEXT, error TEXT
    ${older ? '' : ', priority INTEGER NOT NULL DEFAULT 0'});
  CREATE UNIQUE INDEX idx_executions_arxiv ON executions(arxiv_id);
  CREATE INDEX idx_executions_status ON executions(status);
  CREATE TABLE daily_usage (date TEXT PRIMARY KEY, total_calls INTEGER NOT NULL DEFAULT 0,
    cheap_calls INTEGER NOT NULL DEFAULT 0, expensive_calls INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE execution_leases (execution_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, phase TEXT NOT NULL,
    lease_until INTEGER NOT NULL, fencing_token INTEGER NOT NULL DEFAULT 1, acquired_at TEXT NOT NULL,
    updated_at TEXT NOT NULL);
  CREATE INDEX idx_execution_leases_until ON execution_leases(lease_until);
  CREATE TABLE machine_checkpoints (checkpoint_key TEXT PRIMARY KEY, execution_id TEXT NOT NULL, machine_name TEXT,
    event TEXT, current_state TEXT, ${older ? '' : 'waiting_channel TEXT,'} snapshot_json BLOB NOT NULL,
    created_at TEXT NOT NULL);
  CREATE INDEX idx_mc_execution_created ON machine_checkpoints(execution_id, created_at DESC);
  CREATE TABLE machine_latest (execution_id TEXT PRIMARY KEY, latest_key TEXT NOT NULL, updated_at TEXT NOT NULL);
  ${
    older
      ? ''
      : `CREATE TABLE machine_configs (config_hash TEXT PRIMARY KEY, machine_name TEXT, spec_version TEXT,
           config_raw TEXT NOT NULL, created_at TEXT NOT NULL);
         CREATE INDEX idx_mc_waiting_channel ON machine_checkpoints(waiting_channel) WHERE waiting_channel IS NOT NULL;
         INSERT INTO machine_configs VALUES ('abc', 'prep-pipeline', '4.1.0', 'spec: flatmachine', '${EARLIER_TIME}');`
  }`
}

/** Writes an executions DB as the earlier tool left it: its tables and indexes, JSON as Python writes it, WAL. */
export function writeEarlierFile(path: string, { rows, usage = {}, older = false }: EarlierFile): void {
  const db = new BetterSqlite3(path)
  db.pragma('journal_mode = wal')
  db.exec(schema(older))
  db.transaction(() => {
    rows.forEach((row, index) => addRow(db, row, index + 1, older))
    for (const [day, [cheap, expensive]] of Object.entries(usage))
      db.prepare('INSERT INTO daily_usage VALUES (?, ?, ?, ?)').run(day, cheap + expensive, cheap, expensive)
  })()
  db.close()
}

function addRow(db: BetterSqlite3.Database, row: EarlierRow, number: number, older: boolean): void {
  const executionId = earlierExecutionId(row.id)
  const columns: Record<string, unknown> = {
    execution_id: executionId,
    arxiv_id: row.id,
    paper_id: number,
    title: `Routing für Paper ${row.id}`,
    authors: number % 2 === 0 ? '' : 'Ada Example, Ben Muster',
    abstract: 'Long inputs are dear because attention is quadratic.',
    status: row.status,
    created_at: EARLIER_TIME,
    updated_at: row.updated_at ?? EARLIER_TIME,
    prep_output: stored(row.prep),
    result_path: row.result_path ?? null,
    error: row.error ?? null,
    ...(older ? {} : { expensive_output: stored(row.analysis), priority: row.priority ?? 0 }),
  }
  const names = Object.keys(columns)
  db.prepare(
    `INSERT INTO executions (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
  ).run(columns)
  if (row.lease_until !== undefined)
    db.prepare('INSERT INTO execution_leases VALUES (?, ?, ?, ?, ?, ?, ?)').run(
      executionId,
      'worker-host:4711:0c7f1b9e-6a52-4f7c-9d0e-1f2a3b4c5d6e',
      'machine',
      row.lease_until,
      3,
      EARLIER_TIME,
      EARLIER_TIME,
    )
  if (row.snapshot !== undefined) addSnapshot(db, executionId, row.snapshot)
}

function addSnapshot(
  db: BetterSqlite3.Database,
  executionId: string,
  { machine, event, state, context }: NonNullable<EarlierRow['snapshot']>,
): void {
  const key = `${executionId}/step_000009_${event}.json`
  const snapshot = {
    execution_id: executionId,
    machine_name: machine,
    spec_version: '4.1.0',
    current_state: state,
    context: { execution_id: executionId, ...context },
    step: 9,
    created_at: EARLIER_TIME,
    event,
    output: event === 'machine_end' ? { error: context['last_error'] ?? null } : null,
    total_api_calls: null,
    total_cost: null,
    parent_execution_id: null,
    waiting_channel: null,
  }
  db.prepare(
    `INSERT INTO machine_checkpoints (checkpoint_key, execution_id, machine_name, event, current_state, snapshot_json, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ).run(key, executionId, machine, event, state, Buffer.from(pythonJson(snapshot)), EARLIER_TIME)
  db.prepare('INSERT INTO machine_latest VALUES (?, ?, ?)').run(executionId, key, EARLIER_TIME)
}

/** It knew executions by the hex digits of a random number. */
export function earlierExecutionId(arxivId: string): string {
  return `f00d${arxivId.replace('.', '').padStart(28, '0')}`
}

function stored(output: unknown): string | null {
  if (output === undefined) return null
  return typeof output === 'string' ? output : pythonJson(output)
}

/** Everything beyond ASCII as an escape. */
function pythonJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
