import type { ReadNumber } from '../numbers/numbers.js'
import { symbolBefore, wordsAround, type Around } from '../numbers/word-keys.js'

/** Returns the sentence of a number, and where the number stands in it: words of the sentences beside it say nothing of it. */
export function sentenceOf(text: string, { at, end }: ReadNumber): [string, Pick<ReadNumber, 'at' | 'end'>] {
  const from = Math.max(
    0,
    text.slice(Math.max(0, at - 200), at).lastIndexOf('. ') + Math.max(0, at - 200) + 1,
  )
  const behind = text.slice(end, end + 200).search(/[.!?;] /)
  return [text.slice(from, behind < 0 ? end + 200 : end + behind), { at: at - from, end: end - from }]
}

/** Returns the words around a number in a text, the sign before it first. */
export function aroundOf(text: string, { at, end }: Pick<ReadNumber, 'at' | 'end'>): Around {
  const { left, right } = wordsAround(text, at, end)
  const symbol = symbolBefore(text, at)
  return symbol === null ? { left, right } : { left: [symbol, ...left], right }
}
