/** How many steps of its last digit around a number are looked at, on either side. */
const REACH = 24
/** What rounding of inputs and of binary fractions may add to half a step. */
const SLACK = 1.000001

/**
 * Counts which values come near a number: one that is hit says something only where numbers beside it, with another last digit, are not
 * hit as well.
 */
export class Odds {
  readonly #value: number
  readonly #step: number
  readonly #beside = new Set<number>()
  #hit = false

  /**
   * @param value the number's amount, positive.
   * @param step by how much it would differ in its last digit.
   */
  constructor(value: number, step: number) {
    this.#value = value
    this.#step = step
  }

  add(value: number): void {
    const steps = (Math.abs(value) - this.#value) / this.#step
    if (Math.abs(steps) <= 0.5 * SLACK) this.#hit = true
    else if (Math.abs(steps) < REACH + 0.5) this.#beside.add(Math.round(steps))
  }

  /**
   * Returns whether a value is the number, rounded as it is printed, and would hardly be any other.
   *
   * @param most share of the numbers around it that may be hit as well; where more are, a hit tells nothing.
   */
  tells(most: number): boolean {
    if (!this.#hit) return false
    const below = Math.min(REACH, Math.max(0, Math.floor(this.#value / this.#step) - 1))
    return this.#beside.size <= (REACH + below) * most
  }
}
