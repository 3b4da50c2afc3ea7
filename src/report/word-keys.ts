import { isAscii } from './numbers.js'
import { STOP_WORDS } from '../text/words.js'

const SUFFIX = /(?:ingly|edly|ings?|ed|es|s|ly)$/
const MAX_KEY = 6

/** Returns the words of a text that carry a subject, each as a key under which its inflections meet, in order. */
export function stemsOf(text: string): string[] {
  const keys: string[] = []
  const lower = text.toLowerCase()
  for (const word of lower.match(isAscii(lower) ? /[a-z][a-z0-9]+/g : /\p{L}[\p{L}\p{N}]+/gu) ?? []) {
    if (!STOP_WORDS.has(word)) keys.push(stemOf(word))
  }
  return keys
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

const REACH = 120

/** Returns the words, without those of no subject, that stand next to a part of a text: so many on each side. */
export function keysAround(text: string, at: number, end: number, words: number): Around {
  const reach = Math.max(REACH, words * 15)
  return {
    left: stemsOf(text.slice(Math.max(0, at - reach), at))
      .slice(-words)
      .reverse(),
    right: stemsOf(text.slice(end, end + reach)).slice(0, words),
  }
}
