import { setImmediate as nextTurn } from 'node:timers/promises'
import { MAX_IDLE_MS, MAX_TREE_STEPS } from './bounds.js'
import { MachineError } from './errors.js'

/** Longest time between two looks at signals, timers and answers, milliseconds. */
const TURN_MS = 20

/** What a machine and all machines below it have taken of the process: what one of them may, a tree of them may not. */
export class Effort {
  #steps = 0
  #idleMs = 0
  #turned = performance.now()

  /** @throws MachineError `max_steps` */
  step(where: string): void {
    if (++this.#steps <= MAX_TREE_STEPS) return
    throw new MachineError(
      'max_steps',
      `${where}: more than ${MAX_TREE_STEPS} steps with those of its children`,
      {
        hint: 'Look for a loop that never ends.',
      },
    )
  }

  /**
   * Counts time that was spent in a state without work, milliseconds.
   *
   * @throws MachineError `max_time`
   */
  idle(ms: number, where: string): void {
    this.#idleMs += ms
    if (this.#idleMs <= MAX_IDLE_MS) return
    throw new MachineError('max_time', `${where}: more than ${MAX_IDLE_MS / 1000} s in states without work`, {
      hint: 'Look for a loop that never ends, and for templates that take long.',
    })
  }

  /** The rest of the process had its turn just now. */
  waited(): void {
    this.#turned = performance.now()
  }

  /** Lets the rest of the process go on if it has waited for a while; returns whether it did. */
  async yield(): Promise<boolean> {
    if (performance.now() - this.#turned < TURN_MS) return false
    await nextTurn()
    this.#turned = performance.now()
    return true
  }
}
