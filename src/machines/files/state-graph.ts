import { didYouMean } from '../../core/words-alike.js'
import type { ConfigFiles } from './config-files.js'
import type { Place } from './fault-list.js'
import type { StateData } from '../spec.js'

interface Edge {
  to: string
  keys: (string | number)[]
}

/**
 * Checks how the states hang together: one initial state, targets that exist, a final state that can be
 * reached, none that cannot. `place` is that of the map of states. Where the states are not `whole`, what would only
 * follow from that is left out. Returns the name of the initial state, or null if any of it is wrong.
 */
export function checkGraph(
  sources: ConfigFiles,
  place: Place,
  states: Readonly<Record<string, StateData>>,
  whole: boolean,
): string | null {
  const before = sources.faults.length
  const names = Object.keys(states)
  for (const [name, state] of Object.entries(states)) {
    for (const { to, keys } of edgesOf(state)) {
      if (Object.hasOwn(states, to)) continue
      sources.fault({ ...place, keys: [...place.keys, name, ...keys] }, `unknown state "${to}"`, () =>
        didYouMean(to, names),
      )
    }
  }
  const initial = names.filter((name) => states[name]?.type === 'initial')
  for (const name of initial.slice(1)) {
    const message = `a second initial state, beside "${initial[0] ?? ''}"`
    sources.fault({ ...place, keys: [...place.keys, name, 'type'] }, message)
  }
  const [start] = initial
  if (start === undefined) {
    if (whole) sources.fault(place, 'no state is `type: initial`')
    return null
  }
  if (whole && sources.faults.length === before)
    checkReach(sources, place, states, reachableFrom(start, states))
  return sources.faults.length > before ? null : start
}

function checkReach(
  sources: ConfigFiles,
  place: Place,
  states: Readonly<Record<string, StateData>>,
  reached: ReadonlySet<string>,
): void {
  const finals = Object.keys(states).filter((name) => states[name]?.type === 'final')
  if (finals.length === 0) {
    sources.fault(place, 'no state is `type: final`: the machine could never end')
    return
  }
  if (!finals.some((name) => reached.has(name))) {
    sources.fault(place, 'no final state can be reached: the machine could never end')
    return
  }
  for (const name of Object.keys(states)) {
    if (reached.has(name)) continue
    const at = { ...place, keys: [...place.keys, name] }
    if (finals.includes(name)) sources.fault(at, 'unreachable final state: nothing leads to it')
    else sources.warning(at, 'unreachable state: nothing leads to it')
  }
}

function reachableFrom(start: string, states: Readonly<Record<string, StateData>>): ReadonlySet<string> {
  const reached = new Set([start])
  for (const name of reached) {
    const state = Object.hasOwn(states, name) ? states[name] : undefined
    for (const { to } of state === undefined ? [] : edgesOf(state)) reached.add(to)
  }
  return reached
}

function edgesOf(state: StateData): Edge[] {
  const edges = (state.transitions ?? []).map(({ to }, index): Edge => ({
    to,
    keys: ['transitions', index, 'to'],
  }))
  if (typeof state.on_error === 'string') edges.push({ to: state.on_error, keys: ['on_error'] })
  else
    for (const [type, to] of Object.entries(state.on_error ?? {}))
      edges.push({ to, keys: ['on_error', type] })
  return edges
}
