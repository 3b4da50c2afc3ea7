import BetterSqlite3 from 'better-sqlite3'

export interface EarlierOptions {
  /** Files of before: without priority, expensive_output, waiting_channel and machine_configs. */
  older: boolean
}

/** Writes an executions DB as the earlier tool left it, with work in every state. */
export function writeEarlierDatabase(path: string, { older }: EarlierOptions): void {
  const handle = new BetterSqlite3(path)
  handle.exec(`
    create table executions (
      execution_id TEXT PRIMARY KEY, arxiv_id TEXT NOT NULL, paper_id INTEGER NOT NULL, title TEXT NOT NULL,
      authors TEXT DEFAULT '', abstract TEXT DEFAULT '', status TEXT NOT NULL DEFAULT 'pending',
      created_at TEXT NOT NULL, updated_at TEXT NOT NULL, prep_output TEXT, result_path TEXT, error TEXT
      ${older ? '' : ', priority INTEGER DEFAULT 0, expensive_output TEXT'}
    );
    create unique index idx_executions_arxiv on executions (arxiv_id);
    create index idx_executions_status on executions (status);
    create table daily_usage (date TEXT PRIMARY KEY, total_calls INTEGER DEFAULT 0, cheap_calls INTEGER DEFAULT 0,
      expensive_calls INTEGER DEFAULT 0);
    create table execution_leases (execution_id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, phase TEXT NOT NULL,
      lease_until INTEGER NOT NULL, fencing_token INTEGER NOT NULL DEFAULT 1, acquired_at TEXT NOT NULL,
      updated_at TEXT NOT NULL);
    create table machine_checkpoints (checkpoint_key TEXT PRIMARY KEY, execution_id TEXT NOT NULL,
      machine_name TEXT NOT NULL, event TEXT, current_state TEXT, ${older ? '' : 'waiting_channel TEXT,'}
      snapshot_json BLOB NOT NULL, created_at TEXT NOT NULL);
    create table machine_latest (execution_id TEXT PRIMARY KEY, latest_key TEXT NOT NULL, updated_at TEXT NOT NULL);
    ${older ? '' : 'create table machine_configs (config_hash TEXT PRIMARY KEY, machine_name TEXT, spec_version TEXT, config_raw TEXT NOT NULL, created_at TEXT NOT NULL);'}
  `)
  const time = '2026-03-04T08:00:00+00:00'
  const insert = handle.prepare(
    `insert into executions (execution_id, arxiv_id, paper_id, title, authors, abstract, status, created_at, updated_at,
       prep_output, result_path, error) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  EARLIER_STATUSES.forEach((status, index) => {
    const prep = status === 'pending' || status === 'prepping' ? null : EARLIER_PREP_OUTPUT
    const n = index + 1
    insert.run(
      `old-${n}`,
      `2301.0000${n}`,
      n,
      `Old ${n}`,
      'É. Auteur',
      'Abstract',
      status,
      time,
      time,
      prep,
      null,
      null,
    )
  })
  if (!older) {
    handle.prepare('update executions set priority = paper_id, expensive_output = ?').run(EARLIER_ANALYSIS)
  }
  handle.prepare('insert into daily_usage values (?, ?, ?, ?)').run('2026-03-04', 40, 30, 10)
  handle
    .prepare('insert into execution_leases values (?, ?, ?, ?, ?, ?, ?)')
    .run('old-2', 'worker-7', 'prep', 1_700_000_000, 6, time, time)
  handle
    .prepare(
      `insert into machine_checkpoints (checkpoint_key, execution_id, machine_name, event, current_state, snapshot_json, created_at)
       values (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      'old-2/step_000001_execute.json',
      'old-2',
      'prep-pipeline',
      'execute',
      'extract',
      EARLIER_SNAPSHOT,
      time,
    )
  handle
    .prepare('insert into machine_latest values (?, ?, ?)')
    .run('old-2', 'old-2/step_000001_execute.json', time)
  handle.close()
}

export const EARLIER_STATUSES = [
  'pending',
  'prepping',
  'prepped',
  'analyzing',
  'analyzed',
  'wrapping',
  'done',
  'failed',
] as const

/** Text inline, as the earlier tool wrote it. */
export const EARLIER_PREP_OUTPUT = JSON.stringify({
  key_outcome: 'It works.',
  section_text: 'Ünïcode paper text. '.repeat(1000),
  reference_count: 12,
  corpus_signals: {},
  corpus_neighbors: [],
})

export const EARLIER_ANALYSIS = JSON.stringify({
  why_hypotheses: 'Because.',
  reproduction_notes: 'Like this.',
  open_questions: 'None.',
})

export const EARLIER_SNAPSHOT = Buffer.from(
  JSON.stringify({
    execution_id: 'old-2',
    machine_name: 'prep-pipeline',
    context: { title: 'Old 2' },
    step: 1,
  }),
)
