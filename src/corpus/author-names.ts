import { UsageError } from '../core/errors.js'

/**
 * Returns a function that finds, in the authors of a paper, the one whom a name means: all words of the name are words of
 * the author's, whatever their order, case and accents; an initial stands for any name that begins with it.
 *
 * @throws UsageError `bad_author` for a name without a letter.
 */
export function withName(name: string): (authors: string) => string | null {
  const wanted = wordsOf(name)
  if (wanted.length === 0) {
    throw new UsageError('bad_author', `--author ${JSON.stringify(name)} holds no name.`, {
      hint: 'Give a surname, or a whole name: --author "Ada Example".',
    })
  }
  const rarest = wanted.reduce((a, b) => (b.length > a.length ? b : a))
  return (authors) => {
    // Most papers are ruled out by this.
    if (!folded(authors).includes(rarest)) return null
    return namesOf(authors).find((author) => means(wanted, wordsOf(author))) ?? null
  }
}

function means(wanted: readonly string[], words: readonly string[]): boolean {
  return wanted.every((one) =>
    words.some((word) => word === one || isInitial(one, word) || isInitial(word, one)),
  )
}

function isInitial(initial: string, word: string): boolean {
  return initial.length === 1 && word.startsWith(initial)
}

/** Crawlers part authors by semicolons, arXiv's dump by commas and "and". */
function namesOf(authors: string): string[] {
  const parts = authors.includes(';') ? authors.split(';') : authors.split(/,|\band\b/)
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

function wordsOf(name: string): string[] {
  return folded(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
}
