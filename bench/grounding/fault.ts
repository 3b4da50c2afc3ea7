import type { Draw } from './draw.js'
import type { BenchPaper } from './paper.js'
import { numbersOf } from './true-statements.js'

/** Makes a false statement out of a true one; null where it does not apply. */
export type Fault = (statement: string, paper: BenchPaper, draw: Draw) => string | null

const MARK = /\[p\. (\d+)\]/g

/** Returns the pages that a statement names. */
export function pagesOf(text: string): number[] {
  return [...text.matchAll(MARK)].map((mark) => Number(mark[1]))
}

/** Returns a statement without what it quotes: numbers inside quotations are the quotation's. */
export function withoutQuotations(text: string): string {
  return text.replace(/["“][^"”\n]*["”]/g, (quote) => ' '.repeat(quote.length))
}

/** Returns a statement in which one number of two digits or more is another; null where there is none. */
export function replaceNumber(
  text: string,
  draw: Draw,
  make: (number: string) => string | null,
): string | null {
  const found = numbersOf(withoutQuotations(text)).filter((number) => number.replace(/\D/g, '').length >= 2)
  if (found.length === 0) return null
  const number = draw.one(found)
  const made = make(number)
  return made === null || made === number ? null : replaceOnce(text, number, made)
}

/** Replaces a number where it first stands as a whole. */
export function replaceOnce(text: string, number: string, made: string): string {
  const at = new RegExp(
    `(?<![\\p{L}\\p{N}_.^@#-])${number.replace(/\./g, '\\.')}(?![\\p{L}\\p{N}]|\\.\\d)`,
    'u',
  )
  return text.replace(at, () => made)
}

/** Returns a statement in which what a pattern finds, outside of quotations, is something else; null where it finds nothing. */
export function replaceMatch(
  text: string,
  pattern: RegExp,
  make: (found: RegExpExecArray) => string,
): string | null {
  const match = pattern.exec(withoutQuotations(text))
  if (match === null) return null
  return text.slice(0, match.index) + make(match) + text.slice(match.index + match[0].length)
}
