import { widthOf } from '../../src/cli/layout/width.js'

/** A terminal of so many columns that knows the few sequences which are sent to it, and breaks lines that are too long. */
export class TestScreen {
  columns: number
  #rows: string[] = ['']
  #row = 0

  constructor(columns: number) {
    this.columns = columns
  }

  /** Breaks anew what is there, as terminals do. */
  resize(columns: number): void {
    const text = this.#rows.join('\n')
    this.columns = columns
    this.#rows = ['']
    this.#row = 0
    this.write(text)
  }

  write(text: string): void {
    // eslint-disable-next-line no-control-regex
    for (const [piece] of text.matchAll(/\u001b\[\d*[A-Z]|\r|\n|[^\u001b\r\n]/gu)) this.#put(piece)
  }

  /** Returns all rows that hold something. */
  rows(): string[] {
    return this.#rows.filter((row) => row !== '')
  }

  /** Returns what stands in the last row. */
  text(): string {
    return this.#rows.at(-1) ?? ''
  }

  #put(piece: string): void {
    if (piece === '\r') return
    if (piece === '\n') this.#row += 1
    else if (piece.endsWith('A')) this.#row -= Number(piece.slice(2, -1))
    else if (piece.endsWith('J') && piece.startsWith('\u001b'))
      this.#rows = [...this.#rows.slice(0, this.#row), '']
    else {
      if (widthOf(`${this.#rows[this.#row] ?? ''}${piece}`) > this.columns) this.#row += 1
      this.#rows[this.#row] = `${this.#rows[this.#row] ?? ''}${piece}`
    }
    this.#rows[this.#row] ??= ''
  }
}
