import type { PhaseName, Status } from '../db/engine/schema.js'

/** A phase is data: one function runs all of them. */
export interface Phase {
  name: PhaseName
  from: Status
  busy: Status
  to: Status
  /** Path in the configuration folder. */
  machine: string
  /** Role of the requests it mostly sends. */
  role: 'cheap' | 'expensive'
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
    from: 'pending',
    busy: 'prepping',
    to: 'prepped',
    machine: 'machines/prep.yml',
    staleMs: 60 * 60_000,
    machines: ['prep', 'prep-pipeline'],
    role: 'cheap',
    output: 'prep_output',
  },
  analyze: {
    name: 'analyze',
    from: 'prepped',
    busy: 'analyzing',
    to: 'analyzed',
    machine: 'machines/analyze.yml',
    staleMs: 120 * 60_000,
    machines: ['analyze', 'expensive-pipeline'],
    role: 'expensive',
    output: 'expensive_output',
  },
  wrap: {
    name: 'wrap',
    from: 'analyzed',
    busy: 'wrapping',
    to: 'done',
    machine: 'machines/wrap.yml',
    staleMs: 60 * 60_000,
    machines: ['wrap', 'wrap-pipeline'],
    role: 'cheap',
    output: null,
  },
}
