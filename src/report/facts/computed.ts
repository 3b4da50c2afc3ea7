export interface Computed {
  total: number
  right: number
  /** The first ten that are not, each with what comes out. */
  wrong: string[]
}

const MOST_WRONG = 10
const EXPRESSION = String.raw`[^=≈\n()[\]]*(?:\([^=≈\n()]*\)[^=≈\n()[\]]*)*`
/**
 * `(computed: 0.6111 / 0.3075 = 1.99)`: what a writer marks as worked out, with its inputs. Of `300 / 30^4 = 300 / 810,000 = 0.00037`
 * the last is the result.
 */
const COMPUTED = new RegExp(
  String.raw`\bcomputed:\s*(${EXPRESSION})(?:\s*[=≈]${EXPRESSION}){0,3}?\s*[=≈]\s*(?:about |some |roughly |~)?([−-]?\d[\d,]*(?:\.\d+)?)(?![\d,.]*\d)(\s?(?:%|per ?cent\b|(?:percentage )?points?\b|pp\b))?(?:\s?(thousand|million|billion|trillion)\b)?(?!\s*[-−–+*/×·÷^=≈]\s*[(\d])`,
  'gi',
)
const SCALES: Readonly<Record<string, number>> = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 }
/** Rounding of inputs and result. */
const TOLERANCE = 0.02

/**
 * Checks what writers have computed: `computed: EXPRESSION = VALUE` with + - × / ^ and brackets, within rounding.
 * An expression that holds words is not checked and not counted.
 */
export function checkComputed(sections: ReadonlyMap<string, string>): Computed {
  const sums = [...sections.values()].flatMap((body) =>
    [...body.matchAll(COMPUTED)].flatMap((match) => sumOf(match) ?? []),
  )
  const wrong = sums.filter((sum) => !sum.isRight)
  return {
    total: sums.length,
    right: sums.length - wrong.length,
    wrong: wrong.slice(0, MOST_WRONG).map(({ text, value }) => `${text}: it is ${value}`),
  }
}

/** Returns a section's Markdown in which what was computed wrongly says what comes out. */
export function markComputed(markdown: string): string {
  return markdown.replace(COMPUTED, (...match: string[]) => {
    const sum = sumOf(match)
    return sum === null || sum.isRight ? (match[0] ?? '') : `${match[0]} [recomputed: ${sum.value}]`
  })
}

interface Sum {
  text: string
  value: number
  isRight: boolean
}

/** Null for what is no expression of numbers. */
function sumOf([, expression = '', shown = '', percent, scale]: readonly (string | undefined)[]): Sum | null {
  const value = evaluate(expression)
  if (value === null) return null
  const scaled = value / (SCALES[scale?.toLowerCase() ?? ''] ?? 1)
  return {
    text: `${expression.trim()} = ${shown}${percent ?? ''}`,
    value: Number(scaled.toPrecision(4)),
    isRight: isRight(scaled, shown, percent !== undefined),
  }
}

function isRight(value: number, shown: string, isPercent: boolean): boolean {
  const claimed = Number(shown.replaceAll(',', '').replace('−', '-'))
  const unit = 10 ** -(shown.split('.')[1]?.length ?? 0)
  const candidates = isPercent ? [value, value * 100, (value - 1) * 100, (1 - value) * 100] : [value]
  return candidates.some((one) => Math.abs(one - claimed) <= Math.max(unit * 0.51, Math.abs(one) * TOLERANCE))
}

/** Functions by name; each stands as one letter among the signs. Angles are in degrees, as people write them. */
const FUNCTIONS: readonly (readonly [RegExp, string, (value: number) => number])[] = [
  [/√|\bsqrt\b/gi, 'r', Math.sqrt],
  [/\bln\b/gi, 'n', Math.log],
  [/\blog(?:10|₁₀)?\b/gi, 'g', Math.log10],
  [/\bexp\b/gi, 'e', Math.exp],
  [/\b(?:arc|a)cos\b/gi, 'c', (value) => (Math.acos(value) * 180) / Math.PI],
  [/\b(?:arc|a)sin\b/gi, 's', (value) => (Math.asin(value) * 180) / Math.PI],
  [/\b(?:arc|a)tan\b/gi, 't', (value) => (Math.atan(value) * 180) / Math.PI],
]
const BY_SIGN = new Map(FUNCTIONS.map(([, sign, apply]) => [sign, apply]))

/** Returns the value of an expression of numbers, + - × / ^, %, brackets and common functions; null for anything else. */
export function evaluate(expression: string): number | null {
  const plain = FUNCTIONS.reduce((text, [name, sign]) => text.replace(name, sign), expression)
    .replace(/(?<=\d),(?=\d{3})/g, '')
    .replace(/[−–]/g, '-')
    .replace(/[×x·∗]/g, '*')
    .replace(/[÷:]/g, '/')
    .replace(/[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (raised) => `^${raised.normalize('NFKC').replace('−', '-')}`)
  const tokens = plain.match(/\d+(?:\.\d+)?|\S/g) ?? []
  if (tokens.length < 3) return null
  const parser = new Parser(tokens)
  const value = parser.sum()
  return value !== null && parser.isDone && Number.isFinite(value) ? value : null
}

class Parser {
  #at = 0
  readonly #tokens: readonly string[]

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  get isDone(): boolean {
    return this.#at === this.#tokens.length
  }

  sum(): number | null {
    return this.#chain(() => this.#product(), { '+': (a, b) => a + b, '-': (a, b) => a - b })
  }

  #product(): number | null {
    return this.#chain(() => this.#power(), { '*': (a, b) => a * b, '/': (a, b) => a / b })
  }

  #power(): number | null {
    const base = this.#atom()
    if (base === null || !this.#take('^')) return base
    const sign = this.#take('-') ? -1 : 1
    const exponent = this.#power()
    return exponent === null ? null : base ** (sign * exponent)
  }

  #atom(): number | null {
    const apply = BY_SIGN.get(this.#tokens[this.#at] ?? '')
    if (apply !== undefined) {
      this.#at += 1
      const value = this.#atom()
      return value === null ? null : apply(value)
    }
    if (this.#take('-')) {
      const value = this.#atom()
      return value === null ? null : -value
    }
    if (this.#take('(')) {
      const value = this.sum()
      return this.#take(')') ? value : null
    }
    const token = this.#tokens[this.#at] ?? ''
    if (!/^\d/.test(token)) return null
    this.#at += 1
    return this.#take('%') ? Number(token) / 100 : Number(token)
  }

  #chain(
    next: () => number | null,
    operators: Readonly<Record<string, (a: number, b: number) => number>>,
  ): number | null {
    let value = next()
    while (value !== null) {
      const operator = Object.entries(operators).find(([sign]) => this.#tokens[this.#at] === sign)
      if (operator === undefined) break
      this.#at += 1
      const other = next()
      value = other === null ? null : operator[1](value, other)
    }
    return value
  }

  #take(token: string): boolean {
    const is = this.#tokens[this.#at] === token
    if (is) this.#at += 1
    return is
  }
}
