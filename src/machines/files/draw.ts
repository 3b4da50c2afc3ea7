import type { LoadedMachine, LoadedState, Work } from '../loaded.js'

/**
 * Returns a machine as a Mermaid flowchart: states with their work, transitions with their conditions, ways that an error takes
 * dotted, machines that a state runs in boxes of their own.
 */
export function drawMachine(machine: LoadedMachine): string {
  const drawing = new Drawing()
  drawing.machine(machine, '  ')
  return `flowchart TD\n${drawing.lines.join('\n')}\n`
}

/** Names of states may be anything, so that nodes are numbered. */
class Drawing {
  readonly lines: string[] = []
  #nodes = 0
  #boxes = 0

  /** Draws the states of a machine; returns the node that it begins with. */
  machine({ states, initial }: LoadedMachine, indent: string): string {
    const ids = new Map([...states.keys()].map((name) => [name, `s${(this.#nodes += 1)}`]))
    const idOf = (name: string): string => ids.get(name) ?? ''
    for (const state of states.values())
      this.lines.push(`${indent}${idOf(state.name)}${node(state, state.name === initial)}`)
    for (const state of states.values()) this.#edges(state, idOf, indent)
    for (const state of states.values()) this.#children(state.work, idOf(state.name), indent)
    return idOf(initial)
  }

  #edges({ name, transitions, onError }: LoadedState, idOf: (name: string) => string, indent: string): void {
    for (const { condition, to } of transitions) {
      const label = condition === null ? '' : `|"${escaped(condition.text)}"|`
      this.lines.push(`${indent}${idOf(name)} -->${label} ${idOf(to)}`)
    }
    for (const [type, to] of onError ?? []) {
      const label = type === 'default' ? 'error' : `error: ${escaped(type)}`
      this.lines.push(`${indent}${idOf(name)} -. "${label}" .-> ${idOf(to)}`)
    }
  }

  #children(work: Work, parent: string, indent: string): void {
    const children = work.kind === 'machine' ? [work.child] : work.kind === 'parallel' ? work.children : []
    for (const { name, machine } of children) {
      this.lines.push(`${indent}subgraph m${(this.#boxes += 1)} ["${escaped(name)}"]`)
      const start = this.machine(machine, `${indent}  `)
      this.lines.push(`${indent}end`, `${indent}${parent} ==> ${start}`)
    }
  }
}

function node({ name, work, final }: LoadedState, isInitial: boolean): string {
  const label = `"${[escaped(name), ...workWords(work).map(escaped)].join('<br/>')}"`
  return isInitial || final ? `([${label}])` : `[${label}]`
}

function workWords(work: Work): string[] {
  switch (work.kind) {
    case 'agent':
      return [`agent ${work.agent.name}`]
    case 'action':
      return [`action ${work.action}`]
    case 'machine':
      return ['runs a machine']
    case 'parallel':
      return [
        `runs ${work.children.length} machines, ${work.mode === 'any' ? 'the first counts' : 'all of them'}`,
      ]
    case 'none':
      return []
  }
}

/** Mermaid's own way to write signs that would mean something to it. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/["<>#&;|\\`]/g, (sign) => `#${sign.charCodeAt(0)};`)
}
