import { stem } from '../../text/stems.js'
import { rarity, RAREST } from './stem-frequency.js'
import { ROMANCE_SOFT, type RomanceWords } from './romance-words.js'
import { roleOf, SOFT, type Role } from './term-words.js'
import { VERB_FORMS } from './verb-forms.js'

/** A word of a text as phrases are made of it. */
export interface Token {
  text: string
  parts: string[]
  /** The parts as one. */
  key: string
  isSoft: boolean
  role: Role
  /** May end a phrase and not begin one. */
  onlyBehind?: boolean
  /** What stands before it in its phrase: `de la`. */
  link?: string
}

/**
 * Returns what a word is in a phrase.
 *
 * @param names in lower case: who, not what.
 * @param stops in lower case: they end a phrase.
 */
export function tokenOf(text: string, names: ReadonlySet<string>, stops: ReadonlySet<string>): Token {
  const bare = text.replace(/['’]s$/u, '')
  const lower = bare.toLowerCase()
  const words = /[\p{L}\p{N}]/u.test(text) ? (lower.match(/[\p{L}\p{N}]+(?:\+\+|#)?/gu) ?? []) : []
  const parts = words.map(stem)
  return {
    text: bare,
    parts,
    key: parts.join(' '),
    isSoft: SOFT.has(lower),
    role: words.length === 0 ? 0 : roleIn(bare, lower, words, names, stops),
  }
}

/** Returns the same token as French, Spanish, Italian and Portuguese have it. */
export function inRomance(
  token: Token,
  { verbs, nouns, adjectives }: RomanceWords,
  stops: ReadonlySet<string>,
): Token {
  if (verbs.has(token.text)) return { ...token, role: 0 }
  // English verbs: `analyse`.
  const isNoun = nouns.has(token.text) && VERB_FORMS.has(token.text) && !stops.has(token.text)
  return {
    ...token,
    role: isNoun ? 3 : token.role,
    isSoft: token.isSoft || ROMANCE_SOFT.has(token.text.toLowerCase()),
    onlyBehind: adjectives.has(token.text),
  }
}

function roleIn(
  bare: string,
  lower: string,
  words: readonly string[],
  names: ReadonlySet<string>,
  stops: ReadonlySet<string>,
): Role {
  if (stops.has(lower) || words.every((word) => /^\d+$/.test(word)) || isSymbol(bare)) return 0
  if (names.has(lower) && /^\p{Lu}/u.test(bare)) return 1
  return roleOf(bare, lower, words.at(-1) ?? lower)
}

/** Returns whether a word is one that papers have. */
export function isKnown(word: string): boolean {
  return rarity(stem(word.toLowerCase())) < RAREST
}

/** `x`, `c1`, `φp`: letters of a formula, no words. */
function isSymbol(text: string): boolean {
  if (text.length === 1 || /^\p{L}\d{1,2}$/u.test(text)) return true
  return text.length === 2 && !/^(?:[A-Z]{2}|[a-z]{2}|\d[A-Z])$/.test(text)
}
