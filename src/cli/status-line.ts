import { columnsOf } from './layout/screen.js'
import { widthOf } from './layout/width.js'

/** What is written to: a terminal. */
export interface Screen {
  write(text: string): unknown
  /** Cells of a line. */
  readonly columns?: number | undefined
}

/** The last line of a terminal, rewritten in place; what else is written goes above it. */
export class StatusLine {
  #shown = ''
  readonly #screen: Screen

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** Cells that the line may take: in the last one of a terminal's line the cursor would go on to the next. */
  get width(): number {
    return Math.max(1, columnsOf(this.#screen) - 1)
  }

  /** Shows a line in place of the one before; it must not be wider than `width`. */
  show(line: string): void {
    if (line === this.#shown) return
    this.#screen.write(`${this.#erased()}${line}`)
    this.#shown = line
  }

  /** Writes whole lines above it. */
  above(text: string): void {
    this.#screen.write(`${this.#erased()}${text}${this.#shown}`)
  }

  clear(): void {
    if (this.#shown !== '') this.#screen.write(this.#erased())
    this.#shown = ''
  }

  /** A terminal that was made narrower has broken the line into several. */
  #erased(): string {
    if (this.#shown === '') return ''
    const more = Math.ceil(widthOf(this.#shown) / (this.width + 1)) - 1
    return `${more > 0 ? `\u001b[${more}A` : ''}\r\u001b[J`
  }
}
