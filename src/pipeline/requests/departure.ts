import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../core/clock.js'
import { abortableSleep } from '../../core/sleep.js'
import type { Booking } from '../../db/calls/booking.js'
import { markCallSent } from '../../db/calls/sending.js'
import type { Db } from '../../db/engine/prepared.js'

/** Nobody comes so long before a slot, unless the clock was set back. */
const CLOCK_WAS_SET_MS = 20_000

interface DepartureServices {
  db: Db
  clock: Clock
  /** Aborted when what is booked is not sent any more. */
  signal: AbortSignal
  /** Called in the moment in which it is sent. */
  onSent: () => void
}

/** What became of a booked request. `gone`: its connection ended before a byte went out; `error`: why it was not to be known whether it may be sent. */
export type Fate = { kind: 'not asked' | 'sent' | 'missed' | 'gone' } | { kind: 'failed'; error: unknown }

/** One booked request on its way out: asks for its permission when its connection is open, and only its first byte is left to send. */
export class Departure {
  readonly #services: DepartureServices
  readonly #booking: Booking
  readonly #circuits: readonly string[]
  #asked: Promise<Fate> | null = null

  constructor(services: DepartureServices, booking: Booking, circuits: readonly string[]) {
    this.#services = services
    this.#booking = booking
    this.#circuits = circuits
  }

  /**
   * Waits for the slot and the permission; the first byte has to follow without a wait. Where the request is sent once more,
   * to where the endpoint has moved, it is the same.
   *
   * @param isGone whether the connection has ended meanwhile.
   * @throws Error where it must not be sent; why, {@link fate} tells.
   */
  async permit(isGone: () => boolean): Promise<void> {
    this.#asked ??= this.#ask(isGone).catch((error: unknown) => ({ kind: 'failed', error }))
    const { kind } = await this.#asked
    if (kind !== 'sent') throw new Error(`the request was not sent: ${kind}`)
  }

  /** Returns what became of it, once that is certain. */
  async fate(): Promise<Fate> {
    return this.#asked ?? { kind: 'not asked' }
  }

  async #ask(isGone: () => boolean): Promise<Fate> {
    const { db, clock, signal, onSent } = this.#services
    for (let until = this.#booking.sendAt; ;) {
      const waitMs = until - clock.now()
      if (waitMs > CLOCK_WAS_SET_MS) return { kind: 'missed' }
      if (waitMs > 0) await abortableSleep(waitMs, signal)
      signal.throwIfAborted()
      const permission = await markCallSent(db, this.#booking, this.#circuits, clock.now())
      if (permission.kind === 'missed') return { kind: 'missed' }
      if (permission.kind === 'wait') until = permission.until
      else {
        // What came in meanwhile is heard first: that the connection has ended, for one.
        await turn()
        if (isGone()) return { kind: 'gone' }
        // Else it took too long to get it: a busy machine, a DB that was away, a process that was stopped.
        if (clock.now() < permission.before) {
          onSent()
          return { kind: 'sent' }
        }
      }
    }
  }
}
