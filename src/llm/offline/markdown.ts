import type { Sentence } from './document.js'
import { plainInline } from './quotable.js'

/** Returns the anchor of a statement: `[p. 4]`, or `[abstract]` where only the metadata's abstract was there to read. */
export function anchor(page: number | null): string {
  return page === null ? '[abstract]' : `[p. ${page}]`
}

/** Returns the anchor of a sentence: that of its page, or `[p. 4, 5]` where it goes over to the next one. */
export function anchorOf({ page, endPage }: Sentence): string {
  return page === null || endPage === null || endPage === page ? anchor(page) : `[p. ${page}, ${endPage}]`
}

/** Returns a sentence of the paper in quotation marks with its anchor. */
export function quote(sentence: Sentence): string {
  return `“${sentence.text}” ${anchorOf(sentence)}`
}

/** Returns a list item: what the quote is (optional), the section it stands in (optional), the quote. */
export function item(sentence: Sentence, label?: string, withSection = false): string {
  const section = withSection ? sectionName(sentence) : ''
  const lead = [label === undefined ? '' : `**${label}**`, section].filter((part) => part !== '').join(', ')
  return `- ${lead === '' ? '' : `${lead}: `}${quote(sentence)}`
}

/** Returns the heading under which a sentence stands, or an empty string. */
export function sectionName(sentence: Sentence): string {
  return sentence.section.heading
}

/** Returns up to `most` different section headings of the sentences, as running text; empty where none has one. */
export function sectionList(sentences: readonly Sentence[], most = 4): string {
  const names = [...new Set(sentences.map(sectionName).filter((name) => name !== ''))]
  const shown = names.slice(0, most)
  if (names.length > most) shown.push('other sections')
  return listOf(shown)
}

/** Returns `a, b and c`. */
export function listOf(parts: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  if (parts.length < 2) return parts[0] ?? ''
  return `${parts.slice(0, -1).join(', ')} ${conjunction} ${parts.at(-1) ?? ''}`
}

const WORDS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
]

/**
 * Returns a count in words. Digits in a report are checked against the paper, so counts of our own are never digits;
 * from thirteen on the size is enough.
 */
export function countWord(count: number): string {
  const word = WORDS[count]
  if (word !== undefined) return word
  if (count < 24) return 'more than a dozen'
  if (count < 50) return 'more than two dozen'
  return count < 100 ? 'more than fifty' : 'more than a hundred'
}

/** Returns the title in running text, shortened and safe; `the paper` where it is unknown. */
export function titleOf(title: string): string {
  const plain = plainInline(title, 120)
  return plain === '' ? 'the paper' : `*${plain}*`
}

/** Returns text with its first letter in upper case. */
export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Returns `count noun` with the plural s where it is due, count in words. */
export function counted(count: number, noun: string): string {
  return `${countWord(count)} ${noun}${count === 1 ? '' : 's'}`
}
