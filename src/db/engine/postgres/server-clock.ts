import type { Clock } from '../../../core/clock.js'

/** A clock of another machine, and ours that only ever goes on, drift apart by no more than this. */
const DRIFT = 0.0005

/**
 * The server's clock, for machines whose own ones differ: its distance from this process's monotonic clock, as the best
 * look at it has shown. A look is as exact as its answer was quick (Cristian, "Probabilistic clock synchronization", 1989).
 */
export class ServerClock implements Clock {
  #ahead = performance.timeOrigin
  #error = Infinity
  #seenAt = 0

  /** Milliseconds since the epoch, whole as those of the system's clock. */
  now(): number {
    return Math.floor(performance.now() + this.#ahead)
  }

  /** How far the server's clock is ahead of this machine's, milliseconds. */
  aheadOfSystem(): number {
    return this.now() - Date.now()
  }

  /**
   * Takes a look at the server's clock into account.
   *
   * @param server epoch milliseconds.
   * @param sent when it was asked, by `performance.now()`; `received`: when the answer was there.
   */
  observe(server: number, sent: number, received: number): void {
    const error = (received - sent) / 2
    const ahead = server - (sent + received) / 2
    const known = this.#error + DRIFT * (received - this.#seenAt)
    // Further away than both can be wrong: one of the clocks was set, or it is another server.
    const jumped = Math.abs(ahead - this.#ahead) > error + known
    if (error > known && !jumped) return
    this.#ahead = ahead
    this.#error = error
    this.#seenAt = received
  }
}
