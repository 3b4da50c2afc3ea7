import { roughDuration } from '../../core/duration.js'
import { cut, widthOf } from '../layout/width.js'

/** How long work is getting on. */
export interface ProgressState {
  /** What is being done: a phase, a file. What was counted of another thing says nothing of this one. */
  doing: string
  /** Absent: nothing is counted yet. */
  done?: number
  /** Null: nobody knows. */
  total?: number | null
  /** What is counted. */
  unit?: string
  /** How much of all that is, where it is not the count that tells. */
  share?: { done: number; total: number }
  /** Further facts, the most important first. */
  more?: readonly string[]
  /** What does not go on before a moment; null: nobody knows when. */
  rests?: readonly Wait[]
}

export interface Wait {
  reason: string
  /** Epoch milliseconds. */
  until: number | null
}

/** What was measured of it. */
export interface Pace {
  /** How many a second; null: not known yet. */
  perSecond: number | null
  /** Milliseconds until it is done; null: not known. */
  leftMs: number | null
  elapsedMs: number
}

/** Cells of the bar in a line of so many at least. */
const BARS = [
  { from: 100, cells: 20 },
  { from: 60, cells: 10 },
  { from: 0, cells: 6 },
]
/** A reason that is shorter than this says nothing. */
const SHORTEST_REASON = 16

/** A piece of the line. The higher its rank, the sooner it is left out. */
interface Fact {
  rank: number
  text: string
}

const RANKS = { doing: 0, count: 1, time: 2, wait: 3, bar: 4, rate: 5, more: 6 }

/**
 * Returns the one line that a person watches, no wider than so many cells: what matters least is left out first.
 *
 * @param now epoch milliseconds, for waits to be counted down.
 */
export function progressBar(
  state: ProgressState,
  pace: Pace,
  waits: readonly Wait[],
  width: number,
  now: number,
): string {
  const share = shareOf(state)
  const cells = BARS.find(({ from }) => width >= from)?.cells ?? 0
  const wait = waitOf(waits, now)
  const facts = [
    { rank: RANKS.doing, text: state.doing },
    { rank: RANKS.bar, text: share === null ? null : barOf(share, cells) },
    { rank: RANKS.count, text: countOf(state, '/') },
    { rank: RANKS.rate, text: pace.perSecond === null ? null : rateOf(pace.perSecond, true) },
    { rank: RANKS.time, text: timeOf(pace) },
    ...(state.more ?? []).map((text, place) => ({ rank: RANKS.more + place, text })),
    { rank: RANKS.wait, text: wait === null ? null : `${wait.time}: ${wait.reason}` },
  ].filter((fact): fact is Fact => fact.text !== null)
  let shown = without(facts, RANKS.bar, width)
  if (wait !== null && widthOf(joined(shown)) > width) {
    const room = width - widthOf(joined(worded(shown, `${wait.time}: `)))
    shown = worded(shown, room < SHORTEST_REASON ? wait.time : `${wait.time}: ${cut(wait.reason, room)}`)
  }
  return cut(joined(without(shown, RANKS.count, width)), width)
}

/** Leaves out facts above a rank, the highest first, until the rest fits. */
function without(facts: readonly Fact[], rank: number, width: number): readonly Fact[] {
  const highest = Math.max(...facts.map((fact) => fact.rank))
  if (highest <= rank || widthOf(joined(facts)) <= width) return facts
  return without(
    facts.filter((fact) => fact.rank !== highest),
    rank,
    width,
  )
}

function worded(facts: readonly Fact[], wait: string): Fact[] {
  return facts.map((fact) => (fact.rank === RANKS.wait ? { ...fact, text: wait } : fact))
}

function joined(facts: readonly Fact[]): string {
  return facts
    .map(({ rank, text }, place) => `${place === 0 ? '' : rank === RANKS.bar ? ' ' : ' · '}${text}`)
    .join('')
}

/** Returns the same for a log: nothing is left out, nothing abbreviated. */
export function progressLine(state: ProgressState, pace: Pace, waits: readonly Wait[], now: number): string {
  const wait = waitOf(waits, now)
  const facts = [
    countOf(state, ' of '),
    pace.perSecond === null ? null : rateOf(pace.perSecond, false),
    timeOf(pace),
    ...(state.more ?? []),
    wait === null ? null : `${wait.time}: ${wait.reason}`,
  ].filter((fact) => fact !== null)
  return `${state.doing}: ${facts.join(', ')}`
}

function shareOf({ done, total, share }: ProgressState): number | null {
  if (share !== undefined) return share.total > 0 ? Math.min(1, share.done / share.total) : null
  return done === undefined || total == null || total <= 0 ? null : Math.min(1, done / total)
}

function barOf(share: number, cells: number): string {
  const full = Math.floor(share * cells)
  return `[${'#'.repeat(full)}${'.'.repeat(cells - full)}]`
}

function countOf({ done, total, unit = '', share }: ProgressState, of: string): string | null {
  if (done === undefined) return null
  const count = total == null ? `${done}` : `${done}${of}${total}`
  const part =
    share === undefined || share.total <= 0 ? '' : `, ${Math.floor((share.done / share.total) * 100)} %`
  return `${count} ${unit}`.trimEnd() + part
}

function rateOf(perSecond: number, isShort: boolean): string {
  const [rate, unit] =
    perSecond >= 1
      ? [perSecond, 's']
      : perSecond * 60 >= 1
        ? [perSecond * 60, 'min']
        : [perSecond * 3600, 'h']
  const words = { s: ' a second', min: ' a minute', h: ' an hour' }[unit as 's' | 'min' | 'h']
  return `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}${isShort ? `/${unit}` : words}`
}

function timeOf({ leftMs, elapsedMs }: Pace): string {
  return leftMs === null ? `for ${roughDuration(elapsedMs)}` : `${roughDuration(leftMs)} left`
}

/** The first that ends tells when something happens again. */
function waitOf(waits: readonly Wait[], now: number): { time: string; reason: string } | null {
  const [first, ...others] = [...waits].sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity))
  if (first === undefined) return null
  const more = new Set(others.map(({ reason }) => reason))
  more.delete(first.reason)
  return {
    time: first.until === null ? 'waits' : `waits ${roughDuration(first.until - now)}`,
    reason: `${first.reason}${more.size === 0 ? '' : ` (and ${more.size} more)`}`,
  }
}
