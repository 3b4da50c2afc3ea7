import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  // When the bytes of the request went out; null: it is booked only.
  llm_calls: { sent_at: 'text' },
  execution_leases: {
    // 1 while the holder does work of its own on the paper: a death then may be the paper's fault.
    own_work: 'integer not null default 0',
    // Such deaths that no try was counted for yet.
    deaths: 'integer not null default 0',
  },
}

/** Who booked these did not say whether they were sent. */
const REPAIRS = ["update llm_calls set sent_at = started_at where outcome = 'in_flight'"]

const INDEXES = [
  // From one holder to the next, however many leases each has.
  'create index if not exists idx_execution_leases_owner on execution_leases (owner_id) where lease_until > 0',
]

export const ownWork: Migration = {
  version: 4,
  name: 'own_work',
  tables: TABLES,
  indexes: INDEXES,
  repairs: REPAIRS,
}
