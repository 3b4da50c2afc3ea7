const QUOTES = ['"""', "'''", '"', "'", '`'] as const
/** White space and comments, as JavaScript and Python write them. */
const BLANKS = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*)*/y
/** What follows the quote that ends a string; any other stands in its text. */
const BEHIND =
  /\s*(?:[:}\])]|,[\s,]*(?:["'`{[(}\])#]|\/[/*]|-?\d|[A-Za-z_][\w -]{0,60}\s*[:,}\])]|$)|\n\s*["'][^"'\n]{1,80}["']\s*:|\/[/*]|#|$)/y
const WORD = /[\p{L}_$][\p{L}\p{N}_$ -]{0,80}?(?=\s*[:,}\])]|\s*$)/uy
const NUMBER = /[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?(?=[\s,}\])]|$)/iy
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...[['true', true], ['True', true], ['false', false], ['False', false]],
  ...['null', 'None', 'undefined', 'NaN', 'nan', 'Infinity', 'inf'].map((word) => [word, null]),
] as [string, unknown][]) // prettier-ignore
const ESCAPES: ReadonlyMap<string, string> = new Map(Object.entries({ n: '\n', r: '\r', t: '\t' }))
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' }
const MAX_DEPTH = 40

class NotJson extends Error {}

/**
 * Returns the values that a text begins with, one behind the other, and what is left behind them. Read is JSON as models
 * write it: also with quotes and words of Python, comments, commas too many, names without quotes, line breaks and quotes in
 * strings, backslashes of LaTeX, and without its last brackets. A string that never ends was broken off: then there is no value.
 */
export function looseValues(text: string): { values: unknown[]; rest: string } {
  const reader = new Reader(text)
  const values: unknown[] = []
  let end = 0
  try {
    while (reader.isAtValue()) {
      values.push(reader.value(0))
      end = reader.at
    }
  } catch (error) {
    if (!(error instanceof NotJson)) throw error
    if (values.length === 0 || reader.isAtEnd()) return { values: [], rest: text }
  }
  return { values, rest: text.slice(end).replace(/^[\s,;]+/, '') }
}

class Reader {
  at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    return this.at >= this.#text.length
  }

  /** Whether the next thing, behind blanks and a comma, is a value with a beginning of its own. */
  isAtValue(): boolean {
    const before = this.at
    this.#take(/[\s,;]*/y)
    const isValue = /[{["]/.test(this.#text.charAt(this.at))
    if (!isValue) this.at = before
    return isValue
  }

  value(depth: number): unknown {
    const sign = this.#text.charAt(this.at)
    if (depth > MAX_DEPTH) throw new NotJson()
    if (sign === '{') return this.#object(depth)
    if (sign === '[' || sign === '(') return this.#list(CLOSING[sign] ?? '', depth)
    const quote = QUOTES.find((one) => this.#text.startsWith(one, this.at))
    if (quote !== undefined) return this.#string(quote)
    const number = this.#take(NUMBER)
    if (number !== null) return Number(number.replaceAll('_', ''))
    const word = this.#take(WORD)
    if (word === null || !WORDS.has(word)) throw new NotJson()
    return WORDS.get(word)
  }

  #object(depth: number): Record<string, unknown> {
    const members: [string, unknown][] = []
    this.#each('}', () => {
      const quote = QUOTES.find((one) => this.#text.startsWith(one, this.at))
      const name = quote === undefined ? this.#take(WORD) : this.#string(quote)
      this.#take(BLANKS)
      if (name === null || this.#text.charAt(this.at) !== ':') throw new NotJson()
      this.at += 1
      this.#take(BLANKS)
      members.push([name, this.value(depth + 1)])
    })
    return Object.fromEntries(members)
  }

  #list(close: string, depth: number): unknown[] {
    const items: unknown[] = []
    this.#each(close, () => items.push(this.value(depth + 1)))
    return items
  }

  /** Reads what stands between two brackets and is parted by commas; the end of the text closes them, too. */
  #each(close: string, item: () => void): void {
    this.at += 1
    for (;;) {
      this.#take(/[\s,]*/y)
      this.#take(BLANKS)
      if (this.isAtEnd()) return
      if (this.#text.charAt(this.at) === close) {
        this.at += 1
        return
      }
      const from = this.at
      item()
      this.#take(BLANKS)
      const next = this.#text.charAt(this.at)
      if (next !== '' && next !== ',' && next !== close && !/["'{[]/.test(next)) throw new NotJson()
      if (this.at === from) throw new NotJson()
    }
  }

  #string(quote: string): string {
    let said = ''
    for (this.at += quote.length; ; this.at += 1) {
      if (this.isAtEnd()) throw new NotJson()
      if (this.#text.charAt(this.at) === '\\') said += this.#escape()
      else if (this.#text.startsWith(quote, this.at) && this.#ends(quote)) {
        this.at += quote.length
        return said
      } else said += this.#text.charAt(this.at)
    }
  }

  #ends(quote: string): boolean {
    BEHIND.lastIndex = this.at + quote.length
    return quote.length > 1 || BEHIND.test(this.#text)
  }

  /** Ends at the last sign of the escape. What is none in JSON is a command of LaTeX. */
  #escape(): string {
    this.at += 1
    const sign = this.#text.charAt(this.at)
    const known = ESCAPES.get(sign)
    if (known !== undefined) return known
    const code = this.#take(/(?:u[\da-f]{4}|x[\da-f]{2})/iy)
    if (code !== null) {
      this.at -= 1
      return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    }
    if (sign === '\n') return ''
    return /["'`\\/]/.test(sign) ? sign : `\\${sign}`
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const [found] = pattern.exec(this.#text) ?? []
    if (found === undefined || found === '') return null
    this.at += found.length
    return found
  }
}
