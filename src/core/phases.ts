/**
 * The phases in the order in which a paper goes through them, and the statuses it has on the way: waiting for the phase,
 * in work, and done with it. All other lists of phases and statuses derive from this one.
 */
const WAY = {
  prep: { from: 'pending', busy: 'prepping', to: 'prepped' },
  analyze: { from: 'prepped', busy: 'analyzing', to: 'analyzed' },
  wrap: { from: 'analyzed', busy: 'wrapping', to: 'done' },
} as const

export type PhaseName = keyof typeof WAY
type Stretch = (typeof WAY)[PhaseName]
export type ReadyStatus = Stretch['from']
export type BusyStatus = Stretch['busy']
/** The life of a paper; the busy states belong to whoever holds the lease. */
export type Status = Stretch[keyof Stretch] | 'failed'

/** The statuses of each phase. */
export const PHASE_STATUSES: { readonly [name in PhaseName]: (typeof WAY)[name] } = WAY

/** In the order in which a paper goes through them. */
export const PHASE_NAMES = Object.keys(WAY) as readonly PhaseName[]

/** Continuing what is furthest frees the most that was paid for. */
export const FURTHEST_FIRST: readonly PhaseName[] = [...PHASE_NAMES].reverse()

export const BUSY_STATUSES: readonly BusyStatus[] = PHASE_NAMES.map((name) => WAY[name].busy)

/** In the order of a paper's life. */
export const STATUSES: readonly Status[] = [
  ...PHASE_NAMES.flatMap((name) => [WAY[name].from, WAY[name].busy]),
  'done',
  'failed',
]

/** Returns one value for each phase. */
export function forPhases<T>(of: (name: PhaseName) => T): Record<PhaseName, T> {
  return Object.fromEntries(PHASE_NAMES.map((name) => [name, of(name)])) as Record<PhaseName, T>
}

/** Returns the phases that come after one, nearest first. */
export function phasesAfter(name: PhaseName): readonly PhaseName[] {
  return PHASE_NAMES.slice(PHASE_NAMES.indexOf(name) + 1)
}
