import { readdirSync } from 'node:fs'

/** Samples the resident memory of this process; MB everywhere. */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout
  readonly #peaks = [0, 0, 0, 0]
  #quarter = 0
  #recent = 0

  constructor(everyMs: number) {
    this.#timer = setInterval(() => this.sample(), everyMs).unref()
  }

  /** Returns the memory now. */
  now(): number {
    return Math.round(process.memoryUsage.rss() / 1e6)
  }

  /** Says how much of the run is done, from 0 to 1. */
  mark(share: number): void {
    this.sample()
    this.#quarter = Math.min(3, Math.floor(share * 4))
  }

  reset(): void {
    this.#recent = 0
    this.sample()
  }

  /** Returns the peak since `reset`. */
  recent(): number {
    this.sample()
    return this.#recent
  }

  /** Returns the peak of each quarter of the run. */
  quarters(): readonly number[] {
    return this.#peaks
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  private sample(): void {
    const now = this.now()
    this.#recent = Math.max(this.#recent, now)
    this.#peaks[this.#quarter] = Math.max(this.#peaks[this.#quarter]!, now)
  }
}

/** Counts the threads of this process, where /proc shows them; 0 elsewhere. */
export class ThreadCount {
  readonly before = this.now()

  now(): number {
    try {
      return readdirSync('/proc/self/task').length
    } catch {
      return 0
    }
  }
}
