import type { Clock } from '../core/clock.js'
import type { Pace, ProgressState, Wait } from './render/progress.js'
import { progressBar, progressLine } from './render/progress.js'
import type { Screen } from './status-line.js'
import { StatusLine } from './status-line.js'

/** The rate is that of this time: how fast it went before the last rest says little. */
const MEASURED_MS = 600_000
const SAMPLE_MS = 1000
const REDRAW_MS = 1000
/** A terminal needs no more. */
const LEAST_REDRAW_MS = 50
const LINE_MS = 60_000

export interface ProgressOptions {
  /** Null: nobody watches, so there is one line a minute. */
  screen: Screen | null
  clock: Clock
  /** Writes the line of a minute. */
  tell(line: string): void
}

/** Tells how long work is getting on: a line that is rewritten for whoever watches, one a minute for a log. */
export class Progress {
  #state: ProgressState
  #samples: { at: number; done: number; share: number }[] = []
  #began: number
  #updatedAt: number
  #drawnAt = 0
  readonly #waits = new Set<Wait>()
  readonly #line: StatusLine | null
  readonly #timer: NodeJS.Timeout
  readonly #options: ProgressOptions
  readonly #onResize = (): void => this.#draw()
  readonly #onExit = (): void => this.end()

  constructor(doing: string, options: ProgressOptions) {
    this.#options = options
    this.#state = { doing }
    this.#began = options.clock.now()
    this.#updatedAt = this.#began
    this.#line = options.screen === null ? null : new StatusLine(options.screen)
    this.#timer = setInterval(() => this.#tick(), this.#line === null ? LINE_MS : REDRAW_MS)
    this.#timer.unref()
    if (this.#line !== null) {
      process.on('SIGWINCH', this.#onResize)
      process.on('exit', this.#onExit)
    }
    this.#draw()
  }

  update(state: ProgressState): void {
    const now = this.#options.clock.now()
    if (state.doing !== this.#state.doing) {
      this.#samples = []
      this.#began = this.#updatedAt
    }
    this.#state = state
    this.#updatedAt = now
    this.#sample(now)
    if (now - this.#drawnAt >= LEAST_REDRAW_MS || state.done === undefined) this.#draw()
  }

  /** As the logger's. */
  waits(reason: string, until: number): () => void {
    const wait = { reason, until }
    this.#waits.add(wait)
    return () => void this.#waits.delete(wait)
  }

  /** Writes lines of the log; returns false where there is nothing they could be glued to. */
  above(text: string): boolean {
    this.#line?.above(text)
    return this.#line !== null
  }

  /** Nothing is shown any more. Twice is harmless. */
  end(): void {
    clearInterval(this.#timer)
    process.off('SIGWINCH', this.#onResize)
    process.off('exit', this.#onExit)
    this.#line?.clear()
  }

  #tick(): void {
    if (this.#line !== null) return this.#draw()
    const now = this.#options.clock.now()
    this.#options.tell(progressLine(this.#state, this.#pace(now), this.#allWaits(now), now))
  }

  #draw(): void {
    if (this.#line === null) return
    const now = this.#options.clock.now()
    this.#drawnAt = now
    this.#line.show(progressBar(this.#state, this.#pace(now), this.#allWaits(now), this.#line.width, now))
  }

  #allWaits(now: number): Wait[] {
    return [...this.#waits, ...(this.#state.rests ?? [])].filter(({ until }) => until === null || until > now)
  }

  #sample(now: number): void {
    const { done } = this.#state
    if (done === undefined) return
    if (this.#samples.length === 0) this.#samples.push({ at: this.#began, done: 0, share: 0 })
    const sample = { at: now, done, share: this.#state.share?.done ?? done }
    if (this.#samples.length > 1 && now - (this.#samples.at(-2)?.at ?? 0) < SAMPLE_MS)
      this.#samples[this.#samples.length - 1] = sample
    else this.#samples.push(sample)
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) > MEASURED_MS)
      this.#samples.shift()
  }

  #pace(now: number): Pace {
    const elapsedMs = now - this.#began
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    const unknown = { perSecond: null, leftMs: null, elapsedMs }
    if (first === undefined || last === undefined || last.done <= first.done) return unknown
    const spanMs = Math.max(1, last.at - first.at)
    const perSecond = ((last.done - first.done) * 1000) / spanMs
    const { total, share } = this.#state
    const whole = share?.total ?? total ?? null
    if (whole === null || last.share <= first.share) return { ...unknown, perSecond }
    const left = Math.max(0, whole - last.share) / (last.share - first.share)
    // Between two of what is counted the time runs on; later than expected, it goes slower than was thought.
    const expected = left * spanMs - (now - last.at)
    return { perSecond, leftMs: expected > 0 ? expected : left * (now - first.at), elapsedMs }
  }
}
