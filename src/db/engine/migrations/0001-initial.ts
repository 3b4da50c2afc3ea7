import type { Columns, Migration } from './migration.js'

/**
 * Each table with the columns it must have in the end. Tables that exist already (the earlier tool's) get the columns
 * they lack; nothing of theirs is changed or dropped.
 */
const TABLES: Record<string, Columns> = {
  schema_migrations: { version: 'integer primary key', name: 'text not null', applied_at: 'text not null' },
  executions: {
    execution_id: 'text primary key',
    arxiv_id: 'text not null',
    paper_id: 'integer not null',
    title: "text not null default ''",
    authors: "text not null default ''",
    abstract: "text not null default ''",
    status: "text not null default 'pending'",
    priority: 'integer not null default 0',
    attempts: 'integer not null default 0',
    not_before: 'text',
    interrupted_at: 'text',
    created_at: "text not null default ''",
    updated_at: "text not null default ''",
    prep_output: 'text',
    expensive_output: 'text',
    result_path: 'text',
    error: 'text',
    error_class: 'text',
  },
  execution_leases: {
    execution_id: 'text primary key',
    owner_id: 'text not null',
    phase: "text not null default ''",
    lease_until: 'integer not null default 0',
    fencing_token: 'integer not null default 1',
    acquired_at: "text not null default ''",
    updated_at: "text not null default ''",
  },
  machine_checkpoints: {
    checkpoint_key: 'text primary key',
    execution_id: 'text not null',
    machine_name: 'text',
    event: 'text',
    current_state: 'text',
    waiting_channel: 'text',
    snapshot_json: 'blob not null',
    created_at: "text not null default ''",
  },
  machine_latest: {
    execution_id: 'text primary key',
    latest_key: 'text not null',
    updated_at: "text not null default ''",
  },
  machine_configs: {
    config_hash: 'text primary key',
    machine_name: 'text',
    spec_version: 'text',
    config_raw: 'text not null',
    created_at: "text not null default ''",
  },
  blobs: {
    hash: 'text primary key',
    codec: 'text not null',
    size: 'integer not null',
    data: 'blob not null',
  },
  condemned_blobs: { hash: 'text primary key', run: 'integer not null' },
  llm_calls: {
    call_id: 'text primary key',
    execution_id: 'text',
    phase: 'text',
    machine: 'text',
    state: 'text',
    role: 'text not null',
    model: 'text not null',
    attempt: 'integer not null default 1',
    usage_date: 'text not null',
    started_at: 'text not null',
    finished_at: 'text',
    outcome: 'text not null',
    status_code: 'integer',
    error_class: 'text',
    counted: 'integer not null default 1',
    prompt_tokens: 'integer',
    completion_tokens: 'integer',
    cost_usd: 'real',
    latency_ms: 'integer',
    rate_limit: 'text',
    owner_id: 'text',
    limit_group: 'text',
  },
  daily_usage: {
    date: 'text primary key',
    total_calls: 'integer not null default 0',
    cheap_calls: 'integer not null default 0',
    expensive_calls: 'integer not null default 0',
  },
  circuits: {
    name: 'text primary key',
    state: "text not null default 'closed'",
    opened_at: 'text',
    retry_at: 'text',
    reason: 'text',
  },
}

/**
 * A status that is claimed, or in which work can be left behind, has its own partial index in claim order, so that a
 * claim costs the same with 1,000 and with 250,000 rows. It holds every column that the search reads, and begins with
 * the status although that is the same in all of it: else SQLite prefers the index on status alone, and sorts.
 */
const INDEXES: readonly string[] = [
  'create unique index if not exists idx_executions_arxiv_id on executions (arxiv_id)',
  ...['pending', 'prepping', 'prepped', 'analyzing', 'analyzed', 'wrapping'].map(
    (status) =>
      `create index if not exists idx_executions_${status} on executions (status, priority desc, created_at, execution_id, not_before) where status = '${status}'`,
  ),
  'create index if not exists idx_executions_interrupted on executions (status, priority desc, created_at) where interrupted_at is not null',
  'create index if not exists idx_executions_waiting on executions (status, not_before) where not_before is not null',
  'create index if not exists idx_executions_status on executions (status)',
  'create index if not exists idx_machine_checkpoints_execution on machine_checkpoints (execution_id)',
  'create index if not exists idx_execution_leases_until on execution_leases (lease_until) where lease_until > 0',
  'create index if not exists idx_llm_calls_usage_date on llm_calls (usage_date, counted)',
  'create index if not exists idx_llm_calls_limit_group on llm_calls (limit_group, started_at) where limit_group is not null',
  'create index if not exists idx_llm_calls_execution on llm_calls (execution_id)',
  "create index if not exists idx_llm_calls_in_flight on llm_calls (started_at) where outcome = 'in_flight'",
]

/** Nothing after prep can be done without its result. */
const UNDO_EMPTY_PREPS = `
  update executions set status = 'pending'
  where status in ('prepped', 'analyzing', 'analyzed', 'wrapping') and prep_output is null`

/**
 * Some runs of the earlier tool stored nulls for answers that had failed, and called the paper analyzed. It is not: it
 * goes back; what was answered stays in the row.
 */
const UNDO_EMPTY_ANALYSES = `
  update executions set status = 'prepped'
  where status in ('analyzed', 'wrapping') and not exists (
    select 1 from (select case when json_valid(expensive_output) then expensive_output else '{}' end as output)
    where trim(coalesce(json_extract(output, '$.why_hypotheses'), '')) <> ''
      and trim(coalesce(json_extract(output, '$.reproduction_notes'), '')) <> ''
      and trim(coalesce(json_extract(output, '$.open_questions'), '')) <> '')`

/**
 * The earlier tool had no column for it, but began some messages with what we call a class. Rows with a long inline
 * text are not rewritten for that.
 */
const CLASSIFY_FAILURES = `
  update executions
  set error_class = case
    when error like 'context_overflow%' then 'context_overflow'
    when error like 'pdf_404%' then 'pdf_not_found'
    else 'pdf_download_failed' end
  where status = 'failed' and error_class is null and prep_output is null
    and (error like 'context_overflow%' or error like 'pdf_404%' or error like 'http_451%')`

export const initial: Migration = {
  version: 1,
  name: 'initial',
  tables: TABLES,
  indexes: INDEXES,
  repairs: [UNDO_EMPTY_PREPS, UNDO_EMPTY_ANALYSES, CLASSIFY_FAILURES],
}
