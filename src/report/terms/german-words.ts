import { stem } from '../../text/stems.js'
import { letterWords, words } from '../../text/words.js'

const ADJECTIVE = /\p{Ll}{2}e[mnrs]?$/u

/** Whether a word begins small, as in German all do that are no nouns. */
export function isSmall(word: string): boolean {
  return /^\p{Ll}/u.test(word)
}

/** Whether a small word may be an adjective before its noun; else it is a verb or an adverb, and part of no term. */
export function isGermanAdjective(word: string): boolean {
  return ADJECTIVE.test(word)
}

/** Returns what all forms of a phrase have in common, in German or in English. */
export function keyOf(text: string, isGerman: boolean): string {
  return (isGerman ? letterWords(text).map(germanStem) : words(text).map(stem)).join(' ')
}

/** `Räume`, `Raum`; `topologische`, `topologischer`. */
function germanStem(word: string): string {
  const plain = word.normalize('NFD').replace(/\p{M}/gu, '')
  return plain.replace(/(?<=.{4})(?:e[mnrs]?|[ns])$/, '')
}
