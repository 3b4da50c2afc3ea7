import { isAscii } from './plain-numbers.js'
import { STOP_WORDS } from '../../text/words.js'

const SUFFIX = /(?:ingly|edly|ings?|ed|es|s|ly)$/
const MAX_KEY = 6

/** Returns the words of a text that carry a subject, each as a key under which its inflections meet, in order. */
export function stemsOf(text: string): string[] {
  const keys: string[] = []
  const lower = text.toLowerCase()
  for (const word of lower.match(isAscii(lower) ? /[a-z][a-z0-9]+/g : /\p{L}[\p{L}\p{N}]+/gu) ?? []) {
    const key = known.get(word) ?? learn(word)
    if (key !== '') keys.push(key)
  }
  return keys
}

/** Key of each word that was met, '' of one of no subject: a paper and its report say a few thousand words again and again. */
const known = new Map<string, string>()
const MOST_KNOWN = 20_000

function learn(word: string): string {
  if (known.size >= MOST_KNOWN) known.clear()
  const key = STOP_WORDS.has(word) ? '' : stemOf(word)
  known.set(word, key)
  return key
}

/** Cheap where Porter's algorithm is exact: the same word must only meet itself in a paper of some thousand words. */
function stemOf(word: string): string {
  const bare =
    word.length > 5
      ? word.replace(SUFFIX, '')
      : word.length > 3 && word.endsWith('s')
        ? word.slice(0, -1)
        : word
  return bare.length > MAX_KEY ? bare.slice(0, MAX_KEY) : bare
}

/** Keys of the words on both sides of a place in a text, the nearest first. */
export interface Around {
  left: readonly string[]
  right: readonly string[]
}

const REACH = 170
const WORDS = 8
const SYMBOL = /((?:[\p{L}∆][\p{L}\d_]{0,2})|[\])])\s?[=<>≤≥:≈~∼]?\s?[-+]?$/u

/** Returns the words, without those of no subject, that stand next to a part of a text: up to eight on each side. */
export function wordsAround(text: string, at: number, end: number): Around {
  return {
    left: stemsOf(text.slice(Math.max(0, at - REACH), at))
      .slice(-WORDS)
      .reverse(),
    right: stemsOf(text.slice(end, end + REACH)).slice(0, WORDS),
  }
}

/** Returns the sign that a number is the value of, `=H` in `H > 26`, or null where a word stands before it. */
export function symbolBefore(text: string, at: number): string | null {
  const symbol = SYMBOL.exec(text.slice(Math.max(0, at - 9), at))?.[1]
  return symbol === undefined || /^[a-z]{2,3}$/.test(symbol) ? null : `=${symbol}`
}
