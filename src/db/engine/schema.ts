import type { Generated, Kysely } from 'kysely'
import type { OutputColumn, PhaseName, PipelineName, ReadyStatus, Status } from '../../core/phases.js'
import { OUTPUT_COLUMNS } from '../../core/phases.js'

export type { PhaseName, Status }
export type CallOutcome = 'in_flight' | 'ok' | 'rate_limited' | 'error' | 'aborted'
export type CircuitState = 'closed' | 'open' | 'half_open'

/** One row a paper. Times are ISO-8601 UTC text. What phases gave is JSON; long strings in it are references to blobs. */
export interface ExecutionsTable extends Record<OutputColumn, string | null> {
  execution_id: string
  arxiv_id: string
  paper_id: number
  title: string
  authors: string
  abstract: string
  /** CRC-32 of the metadata above and the id; null in rows from before there was one. */
  paper_checksum: string | null
  status: Status
  /** Which machines the phases run for it. */
  pipeline: Generated<PipelineName>
  priority: number
  attempts: Generated<number>
  not_before: string | null
  /** Put back with work that can be continued; null otherwise. */
  interrupted_at: string | null
  /** Where a paper that was put aside goes back to; null: it was not. */
  release_to: ReadyStatus | null
  created_at: string
  updated_at: string
  /** Where a machine wrote its copy of the report. */
  result_path: string | null
  /** JSON `{markdown}`; null: not written yet, or by a version that kept it in its file alone. */
  report: string | null
  /** JSON of what was read of a PDF that was seeded itself: no machine but that one may have it; null for other papers. */
  source_text: string | null
  error: string | null
  error_class: string | null
  /** A version later than the one that was read; null: none is known. */
  newer_version: number | null
  /** When it became known that the paper was withdrawn; null: it was not. */
  withdrawn_at: string | null
  /** The version for which it was put back in the queue when it was done; null: it never was. */
  redone_version: number | null
  redone_at: string | null
}

export type DocumentColumn = OutputColumn | 'report' | 'source_text'
/** Columns of `executions` that hold JSON, whose long strings are references to blobs. */
export const DOCUMENT_COLUMNS: readonly DocumentColumn[] = [...OUTPUT_COLUMNS, 'report', 'source_text']

/** Never deleted, so that the fencing token only ever rises. `lease_until` in epoch seconds; 0 = released. */
export interface ExecutionLeasesTable {
  execution_id: string
  owner_id: string
  phase: string
  lease_until: number
  fencing_token: number
  acquired_at: string
  updated_at: string
  /** 1 while the holder does work of its own on the paper, and waits for nobody. */
  own_work: Generated<number>
  /** Deaths in such work that no try was counted for yet. */
  deaths: Generated<number>
}

/** One machine at work on a paper, or on a part of it (`<execution_id>.<rest>`). The newest of a paper has the highest id. */
export interface MachineRunsTable {
  run_id: Generated<number>
  execution_id: string
  machine_name: string
  /** Of the machine file, in machine_configs; null: not known. */
  config_hash: string | null
  created_at: string
}

/** Transitions that one run can have: their ids are the run's times this, and their number. */
export const TRANSITIONS_A_RUN = 2 ** 20

export interface MachineTransitionsTable {
  /** `run_id * TRANSITIONS_A_RUN + number`: the rows of a run lie side by side, in order. */
  transition_id: number
  /** That of the snapshot. */
  created_at: string
  /** CRC-32 over the run, all transitions before and this one. */
  checksum: number
  /** JSON: what differs from the snapshot before; long strings are references to blobs. */
  delta: string
}

/** Only read and deleted: what was written before there were transitions, and by the earlier tool. */
export interface MachineCheckpointsTable {
  checkpoint_key: string
  execution_id: string
  machine_name: string | null
  event: string | null
  current_state: string | null
  waiting_channel: string | null
  /** JSON text (bytes in files of the earlier tool); long strings are references to blobs. */
  snapshot_json: string | Uint8Array
  created_at: string
}

/** As {@link MachineCheckpointsTable}: the newest checkpoint of each execution. */
export interface MachineLatestTable {
  execution_id: string
  latest_key: string
  updated_at: string
}

export interface MachineConfigsTable {
  config_hash: string
  machine_name: string | null
  spec_version: string | null
  config_raw: string
  created_at: string
}

export interface BlobsTable {
  /** sha256 of the uncompressed UTF-8 bytes, hex. */
  hash: string
  /** brotli: packed anew, smaller, by `prune`. */
  codec: 'raw' | 'deflate' | 'brotli'
  /** Uncompressed bytes. */
  size: number
  data: Uint8Array
}

/** Blobs that a running `prune` may delete. Whoever stores a reference to one takes it off the list, in one transaction. */
export interface CondemnedBlobsTable {
  hash: string
  /** The prune that listed it last: only that one may delete it. */
  run: number
}

/** The ledger: one row per HTTP attempt, inserted before the request is sent. */
export interface LlmCallsTable {
  call_id: string
  execution_id: string | null
  phase: string | null
  machine: string | null
  state: string | null
  role: 'cheap' | 'expensive'
  model: string
  attempt: number
  usage_date: string
  /** The moment of its slot. */
  started_at: string
  /** When its bytes went out; null: it is only booked. */
  sent_at: string | null
  finished_at: string | null
  outcome: CallOutcome
  status_code: number | null
  error_class: string | null
  /** 1 = counts against the day's budget. */
  counted: number
  prompt_tokens: number | null
  completion_tokens: number | null
  cost_usd: number | null
  latency_ms: number | null
  /** JSON of the answer's RateLimitState. */
  rate_limit: string | null
  owner_id: string | null
  /** Whose requests a minute it uses; null: not paced. */
  limit_group: string | null
  /** The model that was asked: `model` is the one that answered. */
  asked_model: string | null
  /** Whether a provider's cache gave the answer; null: nobody said. */
  cached: 'hit' | 'miss' | null
  /** sha256 of the request's body; null where no cache of answers is used. */
  question_hash: string | null
  /** Of the prompt's tokens, those that the provider had in its cache; null: nobody said. */
  cached_tokens: number | null
  /** Of the answer's tokens, those that were thinking; null: nobody said. */
  reasoning_tokens: number | null
  /** Who ran the model, as a router says. */
  provider: string | null
  /** About how many tokens the prompt has; null in rows of before. */
  estimated_tokens: number | null
}

export interface DailyUsageTable {
  date: string
  total_calls: number
  cheap_calls: number
  expensive_calls: number
}

export interface CircuitsTable {
  name: string
  state: CircuitState
  opened_at: string | null
  /** open: nothing is sent before; half_open: until when the probe is waited for. */
  retry_at: string | null
  reason: string | null
  error_class: string | null
  /** 1 = closes only through a probe that succeeds; 0 = by itself at `retry_at`. */
  needs_probe: Generated<number>
  /** How often it opened since it was last closed. */
  openings: Generated<number>
  probe_call_id: string | null
}

/** What a provider said of a limit group. */
export interface LimitStatesTable {
  limit_group: string
  /** Requests a minute, learned from a refusal, in force until then. */
  per_minute: number | null
  per_minute_until: string | null
  /** The UTC day that the rest is about. */
  usage_date: string | null
  per_day: number | null
  provider_used: number | null
  /** The ledger's count at the moment of `provider_used`. */
  ledger_used: number | null
  /** The most by which the provider's count was ahead that day. */
  elsewhere: number | null
  checked_at: string | null
}

/** Models that an endpoint (its base URL) asks nothing for; `models` is a JSON list. */
export interface FreeModelsTable {
  endpoint: string
  models: string
  checked_at: string
}

/** `next_at`: when the next request through this gate may begin. */
export interface RequestGatesTable {
  name: string
  next_at: string
}

/** The last run of each command. */
export interface CommandRunsTable {
  command: string
  owner_id: string
  started_at: string
  /** Null: it runs, or was killed. */
  ended_at: string | null
  exit_code: number | null
  /** JSON of what came of it, or of its error. */
  result: string | null
}

/** What a model answered that compared two reports. */
export interface JudgementsTable {
  /** sha256 of all that was asked, and of whom. */
  question_hash: string
  answer: string
  model: string
  created_at: string
}

export interface SchemaMigrationsTable {
  version: number
  name: string
  applied_at: string
}

export interface Database {
  executions: ExecutionsTable
  execution_leases: ExecutionLeasesTable
  machine_checkpoints: MachineCheckpointsTable
  machine_latest: MachineLatestTable
  machine_runs: MachineRunsTable
  machine_transitions: MachineTransitionsTable
  machine_configs: MachineConfigsTable
  blobs: BlobsTable
  condemned_blobs: CondemnedBlobsTable
  llm_calls: LlmCallsTable
  daily_usage: DailyUsageTable
  circuits: CircuitsTable
  limit_states: LimitStatesTable
  request_gates: RequestGatesTable
  free_models: FreeModelsTable
  command_runs: CommandRunsTable
  judgements: JudgementsTable
  schema_migrations: SchemaMigrationsTable
}

/** The executions DB, or a transaction on it. */
export type Db = Kysely<Database>
