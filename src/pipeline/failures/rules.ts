import type { Limits } from '../../llm/limits.js'
import type { ModelErrorClass } from '../../llm/errors.js'

/** Why a command stopped before the work was done. */
export type StopReason = 'budget' | 'circuit' | 'time' | 'signal'

export interface FailureRule {
  /** What becomes of the paper when nothing helped: it failed for good, or goes back to where it was. */
  paper: 'fail' | 'release'
  /** Whether the try counts against the paper that goes back. One that got further never does. */
  refund: boolean
  /** How long the paper waits before it may be taken again; null: not at all. */
  wait: keyof Limits['backoff'] | null
  /**
   * What is tried before that, with the same paper in hand:
   * - `again`: the same request, once its limit group's pause is over;
   * - `shorter`: once, with the paper cut to what fits;
   * - `smaller`: once, with less room for the answer and the paper cut to what fits beside it;
   * - `longer`: once, with twice the room for the answer;
   * - `cheaper`: once, with as much room for the answer as can be paid for.
   */
  inPlace: 'again' | 'shorter' | 'smaller' | 'longer' | 'cheaper' | null
  /** Whether the next profile of the fallback chain is asked. */
  fallback: boolean
  /**
   * What it closes, and when: `pause` for as long as the provider says (else a minute, or to the end of the day), `now` until a
   * probe succeeds, `dense` and `outage` once it happens too often. Where the provider named a time, `dense` and `outage`
   * pause until then as well.
   */
  circuit: { scope: 'account' | 'group' | 'model'; when: 'pause' | 'now' | 'dense' | 'outage' } | null
  /** Ends the command, so that it is not met again with every paper. */
  stop: StopReason | null
  /** It concerns the command, not the paper: thrown when the paper has been put back. */
  fatal?: true
  /** The model did answer: a circuit that was probed so is closed. */
  alive?: true
}

const GOES_BACK = {
  paper: 'release',
  refund: true,
  wait: null,
  inPlace: null,
  fallback: true,
  stop: null,
} as const
const TRIED = { ...GOES_BACK, refund: false, wait: 'server' } as const
const FAILS = { ...GOES_BACK, paper: 'fail', refund: false, circuit: null, alive: true } as const
const STOPS = { ...GOES_BACK, fallback: false, circuit: null, fatal: true } as const
const OUTAGE = { scope: 'model', when: 'outage' } as const

// prettier-ignore
/** What follows from each class of failure. Nothing else in the code decides about it; docs/limits.md gives the reasons. */
export const FAILURE_RULES: Record<ModelErrorClass, FailureRule> = {
  rate_limited_minute: { ...GOES_BACK, fallback: false, inPlace: 'again', circuit: { scope: 'group', when: 'pause' }, stop: 'circuit' },
  rate_limited_day: { ...GOES_BACK, circuit: { scope: 'group', when: 'pause' }, stop: 'budget' },
  rate_limited_upstream: { ...GOES_BACK, wait: 'upstream', circuit: { scope: 'model', when: 'dense' } },
  rate_limited_tokens: { ...GOES_BACK, wait: 'upstream', inPlace: 'smaller', circuit: { scope: 'model', when: 'dense' } },
  credit_short: { ...GOES_BACK, inPlace: 'cheaper', circuit: null, stop: 'circuit' },
  payment_required: { ...GOES_BACK, circuit: { scope: 'account', when: 'now' }, stop: 'circuit' },
  key_rejected: STOPS,
  unreachable: STOPS,
  data_policy: STOPS,
  endpoint_wrong: STOPS,
  parameter_refused: STOPS,
  model_gone: { ...GOES_BACK, circuit: { scope: 'model', when: 'now' }, fatal: true },
  moderated: FAILS,
  filtered_answer: FAILS,
  context_overflow: { ...FAILS, inPlace: 'shorter' },
  truncated_answer: { ...FAILS, inPlace: 'longer' },
  bad_request: { ...TRIED, paper: 'fail', wait: null, fallback: false, circuit: OUTAGE },
  server_error: { ...TRIED, circuit: OUTAGE },
  timeout: { ...TRIED, circuit: OUTAGE },
  connection_failed: { ...TRIED, circuit: OUTAGE },
  malformed_answer: { ...TRIED, circuit: OUTAGE },
  empty_answer: { ...TRIED, wait: 'empty', circuit: OUTAGE },
}

/** Classes that count as "the model is away" when they come one after the other. */
export const OUTAGE_CLASSES: readonly string[] = Object.entries(FAILURE_RULES)
  .filter(([, rule]) => rule.circuit?.when === 'outage')
  .map(([name]) => name)
