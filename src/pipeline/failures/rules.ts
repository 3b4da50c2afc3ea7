import type { DiskErrorClass } from '../../core/files/disk-error.js'
import type { PaperErrorClass } from '../../core/errors.js'
import { ConfigError, EXIT, RpaError } from '../../core/errors.js'
import { CircuitOpenError } from '../../db/calls/circuits.js'
import type { DatabaseErrorClass } from '../../db/engine/errors.js'
import type { ModelErrorClass } from '../../llm/errors.js'
import type { Limits } from '../../llm/limits.js'
import type { MachineErrorClass } from '../../machines/errors.js'

/** Why a command stopped before the work was done. */
export type StopReason = 'budget' | 'circuit' | 'time' | 'signal'

/** What it closes, and when. */
export type CircuitRule = { scope: 'account' | 'group' | 'model' } & (
  | /** As long as the provider says, else to the end of the window or of the UTC day. */ {
      when: 'pause'
      window: 'minute' | 'day'
    }
  | /** Until a probe succeeds, the first after so many milliseconds. */ { when: 'now'; forMs: number }
    /** Once it happens too often. Where the provider named a time, it pauses until then as well. */
  | { when: 'dense' | 'outage' }
)

export interface FailureRule {
  /** What becomes of the paper when nothing helped: it failed for good, goes back to where it was, or is somebody else's now. */
  paper: 'fail' | 'release' | 'abandon'
  /** Whether the try counts against the paper that goes back. One that got further never does. */
  refund: boolean
  /** How long the paper waits before it may be taken again; null: not at all. */
  wait: keyof Limits['backoff'] | null
  /**
   * What is tried before that, with the same paper in hand:
   * - `again`: the same request, once its limit group's pause is over;
   * - `shorter`: twice at most, with the paper cut to what fits;
   * - `smaller`: once, with less room for the answer and the paper cut to what fits beside it;
   * - `longer`: once, with twice the room for the answer;
   * - `cheaper`: once, with as much room for the answer as can be paid for.
   */
  inPlace: 'again' | 'shorter' | 'smaller' | 'longer' | 'cheaper' | null
  /** Whether the next profile of the fallback chain is asked. */
  fallback: boolean
  circuit: CircuitRule | null
  /** Ends the command, so that it is not met again with every paper. */
  stop: StopReason | null
  /** It concerns the command, not the paper: thrown, with this exit code, when the paper has been put back. */
  exit: number | null
  /** What to do about it, where that is always the same; `{circuit}` is the name of what is closed. */
  hint?: string
  /** The model did answer: a circuit that was probed so is closed. */
  alive?: true
  /** A refusal for the rate of requests; the ledger keeps those apart. */
  limited?: true
  /**
   * When a file that cannot be read is fetched once more: the paper may go on long after its PDF was fetched, and somebody
   * has tidied up since; and a download may have been cut in a way that only its reader sees.
   */
  refetch?: 'always' | 'downloads' | 'anew'
  /** A host of PDFs gave it: with many papers alike it is the host's trouble. */
  host?: HostRule
  /** The paper fails where its model answered others meanwhile: what refuses one paper alone is that paper's. */
  own?: true
  /** With many papers in a row it is not theirs, but the model's, the profile's or a file's: they go back, and their phase rests. */
  alike?: true
}

/** What a failure says of the host it came from. */
export interface HostRule {
  /**
   * The host of the papers is away, or does not do what it is there for: the paper goes back, and the host is left alone for
   * a while. `missing`: it has no such paper; where it has none at all, its address is wrong.
   */
  kind: 'busy' | 'away' | 'trouble' | 'missing'
}

const GOES_BACK = {
  paper: 'release',
  refund: true,
  wait: null,
  inPlace: null,
  fallback: true,
  circuit: null,
  stop: null,
  exit: null,
} as const
const TRIED = { ...GOES_BACK, refund: false, wait: 'server' } as const
const FAILS = { ...GOES_BACK, paper: 'fail', refund: false, alive: true, alike: true } as const
const STOPS = { ...GOES_BACK, fallback: false, exit: EXIT.config } as const
const OUTAGE = { scope: 'model', when: 'outage' } as const
/** Without a model having been asked. */
const PAPER = { ...GOES_BACK, paper: 'fail', refund: false, fallback: false } as const
/** By something that all papers have in common. */
const COMMON = { ...PAPER, alike: true } as const
const SOURCE = { ...GOES_BACK, fallback: false } as const
const MACHINE = { ...STOPS, exit: EXIT.failure } as const

const HOUR_MS = 3_600_000

/** Failures of what works on a paper that are neither the model's, the paper's, the disk's, the DB's nor a machine's. */
type OtherClass =
  | 'aborted'
  | 'all_children_failed'
  | 'bad_arxiv_id'
  | 'budget_kept'
  | 'budget_spent'
  | 'config'
  | 'context_missing'
  | 'internal'
  | 'lease_lost'
  | 'machine_failed'
  | 'no_time_left'
  | 'offline_unknown_agent'
  | 'report_write_failed'

export type FailureClass =
  ModelErrorClass | PaperErrorClass | DiskErrorClass | DatabaseErrorClass | MachineErrorClass | OtherClass

// prettier-ignore
/** What follows from each class of failure. Nothing else in the code decides about it; docs/limits.md gives the reasons. */
export const FAILURE_RULES: Record<FailureClass, FailureRule> = {
  // The model and its provider.
  rate_limited_minute: { ...GOES_BACK, limited: true, fallback: false, inPlace: 'again', circuit: { scope: 'group', when: 'pause', window: 'minute' }, stop: 'circuit' },
  rate_limited_day: { ...GOES_BACK, limited: true, circuit: { scope: 'group', when: 'pause', window: 'day' }, stop: 'budget' },
  rate_limited_upstream: { ...GOES_BACK, limited: true, wait: 'upstream', circuit: { scope: 'model', when: 'dense' } },
  rate_limited_tokens: { ...GOES_BACK, limited: true, wait: 'upstream', inPlace: 'smaller', circuit: { scope: 'model', when: 'dense' } },
  credit_short: { ...GOES_BACK, inPlace: 'cheaper', stop: 'circuit' },
  // Without credit nothing comes back by itself: one request an hour finds out.
  payment_required: { ...GOES_BACK, circuit: { scope: 'account', when: 'now', forMs: HOUR_MS }, stop: 'circuit' },
  key_rejected: STOPS,
  account_refused: STOPS,
  proxy_login: STOPS,
  unreachable: { ...STOPS, exit: EXIT.unavailable },
  data_policy: STOPS,
  endpoint_wrong: STOPS,
  parameter_refused: STOPS,
  // It may come back; nobody waits for it.
  model_gone: { ...GOES_BACK, circuit: { scope: 'model', when: 'now', forMs: 24 * HOUR_MS }, exit: EXIT.config, hint: "Choose another model in profiles.yml. If it is back: rpa budget --close '{circuit}'." },
  moderated: FAILS,
  filtered_answer: FAILS,
  // The same for every paper; another profile of the chain may have the room.
  max_tokens_too_large: { ...STOPS, fallback: true, inPlace: 'smaller' },
  body_too_large: { ...STOPS, fallback: true, inPlace: 'shorter' },
  context_overflow: { ...FAILS, inPlace: 'shorter' },
  truncated_answer: { ...FAILS, inPlace: 'longer' },
  // Nobody knows what it means: it is held against a paper only where it is met by that one alone.
  bad_request: { ...TRIED, circuit: OUTAGE, own: true, alike: true },
  server_error: { ...TRIED, circuit: OUTAGE },
  timeout: { ...TRIED, circuit: OUTAGE },
  connection_failed: { ...TRIED, circuit: OUTAGE },
  malformed_answer: { ...TRIED, circuit: OUTAGE },
  empty_answer: { ...TRIED, wait: 'empty', circuit: OUTAGE },
  context_too_small: { ...COMMON, fallback: true },

  // The host of the PDFs.
  pdf_rate_limited: { ...SOURCE, host: { kind: 'busy' } },
  pdf_source_unreachable: { ...SOURCE, host: { kind: 'away' } },

  // The PDF.
  pdf_not_found: { ...PAPER, refetch: 'always', host: { kind: 'missing' } },
  pdf_withdrawn: PAPER,
  pdf_download_failed: { ...PAPER, host: { kind: 'trouble' } },
  pdf_host_forbidden: { ...PAPER, host: { kind: 'trouble' } },
  pdf_empty: { ...PAPER, host: { kind: 'trouble' } },
  pdf_is_html: { ...PAPER, host: { kind: 'trouble' } },
  pdf_not_a_pdf: { ...PAPER, host: { kind: 'trouble' } },
  pdf_corrupt: { ...PAPER, refetch: 'downloads', host: { kind: 'trouble' } },
  pdf_other_paper: { ...PAPER, refetch: 'anew', host: { kind: 'trouble' } },
  pdf_too_large: PAPER,
  pdf_too_many_pages: PAPER,
  pdf_encrypted: PAPER,
  pdf_no_text: PAPER,
  pdf_timeout: PAPER,
  pdf_crashed: PAPER,
  pdf_reader_closed: PAPER,

  // The paper's rows.
  bad_arxiv_id: PAPER,
  paper_text_missing: PAPER,
  analysis_missing: PAPER,
  too_many_attempts: PAPER,

  // The machine files: what one paper meets need not be met by the next.
  machine_failed: COMMON,
  all_children_failed: COMMON,
  child_failed: COMMON,
  context_lost: COMMON,
  context_missing: COMMON,
  max_steps: COMMON,
  max_time: COMMON,
  no_transition: COMMON,
  not_a_map: COMMON,
  not_json: COMMON,
  template_failed: COMMON,
  too_large: COMMON,
  unknown_action: COMMON,
  unknown_state: COMMON,
  offline_unknown_agent: COMMON,

  // Disk and DB: going on would fail every paper the same way.
  report_write_failed: MACHINE,
  disk_full: MACHINE,
  disk_read_only: MACHINE,
  disk_failing: MACHINE,
  data_folder: MACHINE,
  too_many_files: MACHINE,
  permission_denied: COMMON,
  disk_error: COMMON,
  db_corrupt: MACHINE,
  db_read_only: MACHINE,
  db_cannot_open: MACHINE,
  db_schema: MACHINE,
  db_replaced: MACHINE,
  db_locked: { ...MACHINE, exit: EXIT.tempfail },
  db_busy: { ...MACHINE, exit: EXIT.tempfail },
  db_unreachable: { ...MACHINE, exit: EXIT.tempfail },
  db_disk_full: { ...MACHINE, exit: EXIT.tempfail },
  sqlite_binary: MACHINE,

  // The command.
  budget_spent: { ...GOES_BACK, stop: 'budget' },
  // Whether that is the end is seen when the next paper is taken.
  budget_kept: GOES_BACK,
  no_time_left: { ...GOES_BACK, fallback: false, stop: 'time' },
  aborted: { ...GOES_BACK, stop: 'signal' },
  lease_lost: { ...GOES_BACK, paper: 'abandon' },
  /** Any other fault of the configuration. */
  config: STOPS,
  /** Anything else, classes that a machine file names among it. */
  internal: COMMON,
}

/** Returns the rule of a class; of one that is unknown, that of `internal`. */
export function ruleOfClass(name: string): FailureRule {
  return Object.hasOwn(FAILURE_RULES, name) ? FAILURE_RULES[name as FailureClass] : FAILURE_RULES.internal
}

/** Returns the class of anything that was thrown. What is closed has the class of what closed it. */
export function classOf(error: unknown): string {
  if (error instanceof CircuitOpenError) return error.errorClass
  if (error instanceof RpaError) return error.code
  if (!(error instanceof Error)) return 'error'
  return error.name === 'AbortError' ? 'aborted' : error.name
}

/** Returns what follows from anything that was thrown. */
export function ruleOf(error: unknown): FailureRule {
  return ruleOfClass(error instanceof ConfigError ? 'config' : classOf(error))
}

/** Returns whether papers that fail so one after the other fail for something that is not theirs; null: no class was noted. */
export function failsAlike(errorClass: string | null): boolean {
  return errorClass !== null && ruleOfClass(errorClass).alike === true
}

/** Classes that count as "the model is away" when they come one after the other. */
export const OUTAGE_CLASSES: readonly string[] = Object.entries(FAILURE_RULES)
  .filter(([, rule]) => rule.circuit?.when === 'outage')
  .map(([name]) => name)
