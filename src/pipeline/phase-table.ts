import type { BusyStatus, PhaseName, ReadyStatus, Status } from '../core/phases.js'
import { FURTHEST_FIRST, PHASE_STATUSES } from '../core/phases.js'

/** A phase is data: one function runs all of them. */
export interface Phase {
  name: PhaseName
  from: ReadyStatus
  busy: BusyStatus
  to: Status
  /** Path in the configuration folder. */
  machine: string
  /** Role of the requests it mostly sends. */
  role: 'cheap' | 'expensive'
  /** Requests that a paper needs when nothing has to be repeated. */
  requests: number
  /** Age at which a busy paper without a lease counts as abandoned, milliseconds. */
  staleMs: number
  /** Names under which the machine, ours or the earlier tool's, writes checkpoints. */
  machines: readonly string[]
  /** Column that takes the machine's output; null: the report is the output. */
  output: 'prep_output' | 'expensive_output' | null
}

export const PHASES: Record<PhaseName, Phase> = {
  prep: {
    name: 'prep',
    ...PHASE_STATUSES.prep,
    machine: 'machines/prep.yml',
    staleMs: 60 * 60_000,
    machines: ['prep', 'prep-pipeline'],
    role: 'cheap',
    requests: 1,
    output: 'prep_output',
  },
  analyze: {
    name: 'analyze',
    ...PHASE_STATUSES.analyze,
    machine: 'machines/analyze.yml',
    staleMs: 120 * 60_000,
    machines: ['analyze', 'expensive-pipeline'],
    role: 'expensive',
    requests: 3,
    output: 'expensive_output',
  },
  wrap: {
    name: 'wrap',
    ...PHASE_STATUSES.wrap,
    machine: 'machines/wrap.yml',
    staleMs: 60 * 60_000,
    machines: ['wrap', 'wrap-pipeline'],
    role: 'cheap',
    requests: 1,
    output: null,
  },
}

/**
 * The order in which new work is begun. The expensive model is what there is least of: while it is there it is used; else
 * what is furthest comes first.
 */
export const BEGUN: readonly PhaseName[] = [
  ...FURTHEST_FIRST.filter((name) => PHASES[name].role === 'expensive'),
  ...FURTHEST_FIRST.filter((name) => PHASES[name].role !== 'expensive'),
]
