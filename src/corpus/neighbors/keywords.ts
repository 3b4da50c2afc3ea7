import { STOP_WORDS } from '../../text/words.js'

const TITLE_TERMS = 8
const ABSTRACT_TERMS = 10
const MAX_TERMS = 12
/** Three letters or more; two in scripts whose words are short and written without blanks. */
const WORD =
  /\p{L}[\p{L}\p{M}\p{N}-]{2,}|[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}][\p{L}\p{N}]/gu

/** Words nearly every abstract uses about itself. */
const PAPER_WORDS: ReadonlySet<string> = new Set(
  'paper propose proposed approach method methods result results show shows study new novel work present using based'.split(
    ' ',
  ),
)

/**
 * Returns at most 12 distinct search terms of a paper, in lower case: the most frequent words of the title, then of
 * the abstract, without words that carry no subject. Empty when there are none.
 */
export function keywordsOf(title: string, abstract: string): string[] {
  const terms = [...frequentWords(title, TITLE_TERMS), ...frequentWords(abstract, ABSTRACT_TERMS)]
  return [...new Set(terms)].slice(0, MAX_TERMS)
}

function frequentWords(text: string, limit: number): string[] {
  const counts = new Map<string, number>()
  for (const match of text.toLowerCase().matchAll(WORD)) {
    const word = match[0].replace(/-+$/, '')
    if (word.length < 2 || STOP_WORDS.has(word) || PAPER_WORDS.has(word)) continue
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, limit)
    .map(([word]) => word)
}
