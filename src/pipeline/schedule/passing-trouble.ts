import { momentText } from '../../core/clock.js'
import { messageOf } from '../../core/errors.js'
import type { Resources } from '../resources/resources.js'

/** What fails every paper alike, and passes: somebody makes room, or lets go of the DB. */
const PASSING = new Set([
  'disk_full',
  'ENOSPC',
  'EDQUOT',
  'db_locked',
  'db_busy',
  'db_unreachable',
  'db_disk_full',
])
/** So long nothing is taken then. */
const PAUSE_MS = 60_000

/** Troubles of this machine that a daemon outlives. */
export class PassingTrouble {
  /** Nothing is taken before, epoch milliseconds. */
  until = 0

  readonly #resources: Pick<Resources, 'clock' | 'log'>
  readonly #daemon: boolean

  constructor(resources: Pick<Resources, 'clock' | 'log'>, daemon: boolean) {
    this.#resources = resources
    this.#daemon = daemon
  }

  /** Returns whether an error is one of them, and is to be waited out. */
  isOutlived(error: unknown): boolean {
    return this.#daemon && passes(error)
  }

  /**
   * Begins a pause, and says so, once for all workers. Returns its end, epoch milliseconds.
   *
   * @throws the error if it is not outlived.
   */
  waitOut(error: unknown): number {
    if (!this.isOutlived(error)) throw error
    const now = this.#resources.clock.now()
    if (now >= this.until) {
      this.until = now + PAUSE_MS
      this.#resources.log.warn(`nothing is taken until ${momentText(this.until)}: ${messageOf(error)}`)
    }
    return this.until
  }
}

function passes(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && PASSING.has(String(cause.code))) return true
  }
  return false
}
