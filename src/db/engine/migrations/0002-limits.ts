import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  llm_calls: {
    // The model that was asked: `model` is the one that answered.
    asked_model: 'text',
  },
  circuits: {
    error_class: 'text',
    // 1 = closes only through a probe that succeeds; 0 = by itself at retry_at.
    needs_probe: 'integer not null default 0',
    // How often it opened since it was last closed: each time doubles the cooldown.
    openings: 'integer not null default 0',
    // The one request that is let through to try it.
    probe_call_id: 'text',
  },
  limit_states: {
    limit_group: 'text primary key',
    // Learned from a refusal, in force until then.
    per_minute: 'integer',
    per_minute_until: 'text',
    // What the provider said of this UTC day, and the ledger's count at that moment.
    usage_date: 'text',
    per_day: 'integer',
    provider_used: 'integer',
    ledger_used: 'integer',
    // The most by which the provider's count was ahead that day: it lags, so a later look may see less.
    elsewhere: 'integer',
    checked_at: 'text',
  },
  // One gate for all processes in front of a host that asks for some time between requests.
  request_gates: { name: 'text primary key', next_at: 'text not null' },
}

const INDEXES: readonly string[] = [
  'create index if not exists idx_llm_calls_model on llm_calls (asked_model, finished_at) where asked_model is not null',
  'create index if not exists idx_llm_calls_group_day on llm_calls (limit_group, usage_date) where counted = 1',
  "create index if not exists idx_executions_done on executions (updated_at) where status = 'done'",
]

export const limits: Migration = {
  version: 2,
  name: 'limits',
  tables: TABLES,
  indexes: INDEXES,
}
