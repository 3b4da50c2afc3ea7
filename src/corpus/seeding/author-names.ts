import { UsageError } from '../../core/errors.js'
import { withoutTex } from '../../text/tex-accents.js'

/**
 * Returns a function that finds, in the authors of a paper, the one whom a name means: each word of the name is a word of
 * the author's, whatever their order, case and accents (TeX's, too); an initial stands for any name that begins with it, but
 * not for a name beside another surname (`Wei Li` is not `Wei L. Zhang`).
 *
 * @throws UsageError `bad_author` for a name without a letter.
 */
export function withName(name: string): (authors: string) => string | null {
  const wanted = wordsOf(withoutTex(name))
  if (wanted.length === 0) {
    throw new UsageError('bad_author', `--author ${JSON.stringify(name)} holds no name.`, {
      hint: 'Give a surname, or a whole name: --author "Ada Example".',
    })
  }
  const named = wanted.some((word) => word.length > 1) ? wanted.filter((word) => word.length > 1) : wanted
  return (given) => {
    const authors = withoutTex(given)
    const text = folded(authors)
    // Most papers are ruled out by this.
    if (!named.some((word) => text.includes(word))) return null
    return namesOf(authors).find((author) => means(wanted, wordsOf(author))) ?? null
  }
}

function means(wanted: readonly string[], words: readonly string[]): boolean {
  const surname = words.findLast((word) => word.length > 1 && !SUFFIXES.has(word))
  return pairs(wanted, words, surname !== undefined && wanted.includes(surname))
}

const SUFFIXES: ReadonlySet<string> = new Set(['jr', 'sr', 'ii', 'iii', 'iv'])

/** Each wanted word has a word of its own. */
function pairs([wanted, ...others]: readonly string[], words: readonly string[], isKnown: boolean): boolean {
  if (wanted === undefined) return true
  return words.some(
    (word, at) =>
      (word === wanted || isInitial(wanted, word) || (isKnown && isInitial(word, wanted))) &&
      pairs(others, words.toSpliced(at, 1), isKnown),
  )
}

function isInitial(initial: string, word: string): boolean {
  return initial.length === 1 && word.startsWith(initial)
}

/** Crawlers part authors by semicolons, arXiv's dump by commas and "and", some by both; institutes stand in brackets. */
function namesOf(authors: string): string[] {
  const parts = withoutBrackets(authors)
    .split(';')
    .filter((part) => part.trim() !== '')
  return parts
    .flatMap((part) =>
      parts.length > 1 && part.split(',').length === 2 ? part : part.split(/[,:&]|\band\b/),
    )
    .map((part) => part.replace(/^[\s["']+|[\s\]"']+$/g, ''))
    .filter((part) => part !== '')
}

function withoutBrackets(text: string): string {
  const inner = text.replace(/\([^()]*\)/g, ' ')
  return inner === text ? text : withoutBrackets(inner)
}

function wordsOf(name: string): string[] {
  return folded(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** Letters that are no sign with a mark, as they are typed without. */
const PLAIN: ReadonlyMap<string, string> = new Map(Object.entries({
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ȷ: 'j', ħ: 'h',
})) // prettier-ignore

function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþıȷħ]/g, (letter) => PLAIN.get(letter) ?? letter)
}
