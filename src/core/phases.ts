/** How a paper goes through the phases: which machines they run for it. */
export const PIPELINE_NAMES = ['full', 'lean'] as const
export type PipelineName = (typeof PIPELINE_NAMES)[number]

/** Returns whether a text, as a damaged row may hold it, names a pipeline. */
export function isPipelineName(name: string): name is PipelineName {
  return (PIPELINE_NAMES as readonly string[]).includes(name)
}

interface PhaseOfPipeline {
  /** Path in the configuration folder. */
  machine: string
  /** Requests that a paper needs when nothing has to be repeated. */
  requests: number
}

interface PhaseRow {
  /** Status of a paper in work, and that of one that is done with the phase: the next phase takes it from there. */
  busy: string
  to: string
  pipelines: Readonly<Record<PipelineName, PhaseOfPipeline>>
  /** Role of the requests it mostly sends. */
  role: 'cheap' | 'expensive'
  /** Age at which a busy paper without a lease counts as abandoned, milliseconds. */
  staleMs: number
  /** Names under which the machine, ours or the earlier tool's, writes checkpoints. */
  machines: readonly string[]
  /** Column of `executions` that takes the machine's output; null: it is kept nowhere. */
  output: string | null
}

const MINUTE_MS = 60_000

/**
 * The phases in the order in which a paper goes through them. A phase is data: one function runs all of them, and all
 * other lists of phases, statuses and outputs derive from this one.
 */
const ROWS = {
  prep: {
    busy: 'prepping',
    to: 'prepped',
    pipelines: {
      full: { machine: 'machines/prep.yml', requests: 1 },
      lean: { machine: 'machines/lean/prep.yml', requests: 0 },
    },
    role: 'cheap',
    staleMs: 60 * MINUTE_MS,
    machines: ['prep', 'lean-prep', 'prep-pipeline'],
    output: 'prep_output',
  },
  analyze: {
    busy: 'analyzing',
    to: 'analyzed',
    pipelines: {
      full: { machine: 'machines/analyze.yml', requests: 3 },
      lean: { machine: 'machines/lean/analyze.yml', requests: 1 },
    },
    role: 'expensive',
    staleMs: 120 * MINUTE_MS,
    machines: ['analyze', 'lean-analyze', 'expensive-pipeline'],
    output: 'expensive_output',
  },
  wrap: {
    busy: 'wrapping',
    to: 'done',
    pipelines: {
      full: { machine: 'machines/wrap.yml', requests: 1 },
      lean: { machine: 'machines/lean/wrap.yml', requests: 0 },
    },
    role: 'cheap',
    staleMs: 60 * MINUTE_MS,
    machines: ['wrap', 'lean-wrap', 'wrap-pipeline'],
    // The report is the output.
    output: null,
  },
} as const satisfies Record<string, PhaseRow>

export type PhaseName = keyof typeof ROWS
type Row = (typeof ROWS)[PhaseName]
export type BusyStatus = Row['busy']
/** What a phase takes. */
export type ReadyStatus = 'pending' | Exclude<Row['to'], 'done'>
/** Put aside by somebody, with the status to which it can go back: for now, or for good. */
export type AsideStatus = 'held' | 'dropped'
/** The life of a paper; the busy states belong to whoever holds the lease. */
export type Status = ReadyStatus | BusyStatus | AsideStatus | 'done' | 'failed'
/** A column of `executions` that holds what a phase gave. */
export type OutputColumn = Exclude<Row['output'], null>

export interface Phase extends PhaseRow {
  name: PhaseName
  from: ReadyStatus
  busy: BusyStatus
  to: Status
  output: OutputColumn | null
}

/** In the order in which a paper goes through them. */
export const PHASE_NAMES = Object.keys(ROWS) as readonly PhaseName[]

export const PHASES: Readonly<Record<PhaseName, Phase>> = forPhases((name) => ({
  name,
  from: statusBefore(name),
  ...ROWS[name],
}))

/** Continuing what is furthest frees the most that was paid for. */
export const FURTHEST_FIRST: readonly PhaseName[] = [...PHASE_NAMES].reverse()

/**
 * The order in which new work is begun. The expensive model is what there is least of: while it is there it is used; else
 * what is furthest comes first.
 */
export const BEGUN: readonly PhaseName[] = [
  ...FURTHEST_FIRST.filter((name) => PHASES[name].role === 'expensive'),
  ...FURTHEST_FIRST.filter((name) => PHASES[name].role !== 'expensive'),
]

export const BUSY_STATUSES: readonly BusyStatus[] = PHASE_NAMES.map((name) => PHASES[name].busy)

/** Those in which papers wait for a phase, furthest first. */
export const READY_STATUSES: readonly ReadyStatus[] = FURTHEST_FIRST.map((name) => PHASES[name].from)

export const ASIDE_STATUSES: readonly AsideStatus[] = ['held', 'dropped']

type LifeStatus = Exclude<Status, AsideStatus>

/** In the order of a paper's life. */
export const LIFE_STATUSES: readonly LifeStatus[] = [
  ...PHASE_NAMES.flatMap((name) => [PHASES[name].from, PHASES[name].busy]),
  'done',
  'failed',
]

export const STATUSES: readonly Status[] = [...LIFE_STATUSES, ...ASIDE_STATUSES]

/** Papers in each status; of those that were put aside only where there are some. */
export type StatusCounts = Record<LifeStatus, number> & Partial<Record<AsideStatus, number>>

export const OUTPUT_COLUMNS: readonly OutputColumn[] = PHASE_NAMES.flatMap(
  (name) => PHASES[name].output ?? [],
)

/** Returns one value for each phase. */
export function forPhases<T>(of: (name: PhaseName) => T): Record<PhaseName, T> {
  return Object.fromEntries(PHASE_NAMES.map((name) => [name, of(name)])) as Record<PhaseName, T>
}

/** Returns the phases that come before one, in their order. */
export function phasesBefore(name: PhaseName): readonly PhaseName[] {
  return PHASE_NAMES.slice(0, PHASE_NAMES.indexOf(name))
}

/** Returns the phases that come after one, nearest first. */
export function phasesAfter(name: PhaseName): readonly PhaseName[] {
  return PHASE_NAMES.slice(PHASE_NAMES.indexOf(name) + 1)
}

function statusBefore(name: PhaseName): ReadyStatus {
  const before = phasesBefore(name).at(-1)
  return before === undefined ? 'pending' : (ROWS[before].to as ReadyStatus)
}
