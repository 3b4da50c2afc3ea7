import { evaluate } from './computed.js'
import { significantDigits, type ReadNumber } from '../numbers/numbers.js'
import { keyOf } from '../numbers/plain-numbers.js'
import type { PaperIndex } from '../paper/paper-index.js'

/** What a statement says it has worked out: `computed: 0.6 / 0.3 = 2.0` or `computed from rows 1 and 2: (1.97 − 1.22) / 2`. */
export interface Computation {
  /** Where its expressions begin and end in the statement. */
  at: number
  end: number
  text: string
  /** What its expressions give; those that hold words are left out. */
  values: readonly number[]
  /** What such with words are said to give: `share of twelve rows = 0.42`. Nobody can tell here whether they do. */
  told: readonly number[]
}

const OPENING = /\bcomputed\b[^:()[\]\n]{0,60}:/gi
/** Where no expression leads to it, as to a root, an integral or a fit: `0.089 and 0.133 (computed from Eq. (21))`. */
const SOLVED =
  /\(computed from (?:the )?(?:eqs?\b|equations?\b|formulas?\b)(?:[^()\n]|\([^()\n]*\)){0,300}\)/gi
const SENTENCE_END = /(?<!\b(?:Eqs?|Figs?|Secs?|Refs?|Tab|vs|al|cf))[.!?]\s+(?=[\p{Lu}*"“])/gu
const LONGEST = 400
const MAX_COMPUTATIONS = 40

const EXPRESSION = /(?<![\p{L}\p{N}.^_])[(\d][\d.,()]{0,30}(?: ?[\^*/×÷·+] ?-?[(\d][\d.,()]{0,30}){1,12}/gu
/** Fewer digits come out of a sum by chance. */
const LEAST_DIGITS = 2

/** Returns what stands in a statement as an expression of numbers: `(1/4)^(1/4) = 0.707`, `1/0.9; it is 1.1`. */
export function expressionsIn(statement: string): Pick<Computation, 'at' | 'end' | 'values'>[] {
  return [...statement.matchAll(EXPRESSION)].slice(0, MAX_COMPUTATIONS).flatMap(({ 0: found, index }) => {
    // A bracket may open before the expression and close behind what it gives.
    const text = found.split('(').length > found.split(')').length ? found.replace(/^\(/, '') : found
    const value = evaluate(text.replace(/[.,]$/, ''))
    return value === null ? [] : [{ at: index, end: index + found.length, values: [value] }]
  })
}

/** Returns whether a number beside an expression is what it gives. */
export function isOfExpression(
  expressions: readonly Pick<Computation, 'at' | 'end' | 'values'>[],
  number: ReadNumber,
): boolean {
  return (
    significantDigits(number) >= LEAST_DIGITS &&
    expressions.some(
      ({ at, end, values }) => (number.end <= at || number.at >= end) && isRounded(number, values),
    )
  )
}

/** Whether one of the values is the number, rounded as it is printed. */
function isRounded({ value: printed, decimals, unit }: ReadNumber, values: readonly number[]): boolean {
  const half = 0.5 * 10 ** -decimals * 1.000001
  const scales = unit?.kind === 'share' || unit?.name === 'point' ? [1, 100] : [1]
  return values.some((value) => scales.some((scale) => Math.abs(Math.abs(value * scale) - printed) <= half))
}

/** Returns the computations of a statement. */
export function computationsIn(statement: string): Computation[] {
  return [...statement.matchAll(OPENING)].slice(0, MAX_COMPUTATIONS).map((match) => {
    const at = match.index + match[0].length
    const end = closingOf(statement, at)
    const text = statement.slice(at, end)
    const sums = text.split(/[;\n]/).map((sum) => sum.split(/[=≈]/))
    const values = sums.flat().flatMap((part) => evaluate(part) ?? [])
    return { at, end, text, values, told: sums.flatMap(resultTold) }
  })
}

/** What an expression of words and numbers is said to give, in its last part; [] for one that can be worked out, or is none. */
function resultTold(parts: readonly string[]): number[] {
  const [expression = '', result = ''] = [parts[0], parts.length > 1 ? parts.at(-1) : '']
  const shown = /[\d,]*\d(?:\.\d+)?/.exec(result)?.[0]
  const isSum = /\d/.test(expression) && /[-+−–*/×·÷^(]/.test(expression)
  return shown === undefined || !isSum || evaluate(expression) !== null
    ? []
    : [Number(shown.replaceAll(',', ''))]
}

/** Returns whether a number is what an expression is said to give that nobody can work out here. */
export function isTold(computations: readonly Computation[], number: ReadNumber): boolean {
  return computations.some(({ told }) => told.includes(number.value))
}

/** Returns the stretches of a statement, from and to, whose sentence says that it is worked out from an equation: nobody can tell here whether it is. */
export function solvedIn(statement: string): { from: number; to: number }[] {
  const ends = [...statement.matchAll(SENTENCE_END)].map((match) => match.index + match[0].length)
  return [...statement.matchAll(SOLVED)].slice(0, MAX_COMPUTATIONS).map((match) => ({
    from: ends.findLast((end) => end <= match.index) ?? 0,
    to: match.index + match[0].length,
  }))
}

/** Returns whether a number is what one of the computations gives, rounded as it is printed; their inputs are not. */
export function isComputed(computations: readonly Computation[], number: ReadNumber): boolean {
  return computations.some(
    (one) =>
      (!isWithin(one, number) || /[=≈]\s*(?:about |some |roughly |~)?$/.test(before(one, number))) &&
      isRounded(number, one.values),
  )
}

/** Returns whether a number stands in one of the computations; one in words alone (`computed: 6.2 is twice 3.1`) is none. */
export function isInputOf(computations: readonly Computation[], number: ReadNumber): boolean {
  return computations.some((one) => isWithin(one, number) && (one.values.length > 0 || one.told.length > 0))
}

/** `34.6 MB` as 34,600,000. */
const SCALES = [1e3, 1e6, 1e9]

/** By which units are turned into one another. */
const CONSTANTS: ReadonlySet<number> = new Set([10, 12, 24, 60, 100, 365, 1000, 1024, 3600, 86_400, 1e6, 1e9])

/**
 * Returns whether an input that the paper does not print is one all the same: a power (`0.9^10`), which is worked out there, a factor
 * between units, what a share that stands on the pages leaves of 1 or 100, or another number of the statement in a smaller unit.
 */
export function isOwnInput(
  index: PaperIndex,
  { text, value, decimals }: ReadNumber,
  pages: ReadonlySet<number> | null,
  others: readonly ReadNumber[],
): boolean {
  if (text.includes('^') || CONSTANTS.has(value)) return true
  if (others.some((other) => SCALES.some((scale) => keyOf(other.value * scale) === keyOf(value)))) return true
  return [1, 100].some((whole) => {
    if (value <= 0 || value >= whole) return false
    const there = index.numbers.get(keyOf(Number((whole - value).toFixed(decimals))))
    return there !== undefined && (pages === null || [...pages].some((page) => there.has(page)))
  })
}

function isWithin({ at, end }: Computation, number: ReadNumber): boolean {
  return number.at >= at && number.end <= end
}

function before({ at, text }: Computation, number: ReadNumber): string {
  return text.slice(0, number.at - at)
}

/** Where the bracket closes that the computation stands in, at the latest some hundred letters on. */
function closingOf(statement: string, at: number): number {
  const last = Math.min(statement.length, at + LONGEST)
  let depth = 0
  for (let end = at; end < last; end += 1) {
    if (statement[end] === '(') depth += 1
    if (statement[end] === ')' && (depth -= 1) < 0) return end
  }
  return last
}
